import TestSupport
import Testing

@Suite struct `Naive model: flush table`: NaiveFixture {
  @Test(arguments: [
    ("dmb.st", "barrier"), ("dmb.sy", "barrier"), ("dsb.st", "barrier"), ("dsb.sy", "barrier"),
    ("dmb.ld", nil), ("dsb.ld", nil), ("isb", nil), ("dgh", "dgh"),
  ])
  func `barriers flush all lines of their vCPU, load barriers none`(kind: String, cause: String?) {
    // Two lines open at the barrier; the store after it opens one again.
    let events: [NaiveEvent] = [
      .store(bar, 8), .store(bar + 64, 8), .barrier(kind), .store(bar + 8, 8),
    ]
    let counts = run(events)["bar"]
    #expect(counts.flushes == (cause.map { [$0: 2, "end": 1] } ?? ["end": 2]))
    #expect(run([.store(bar, 8), .barrier(kind, vcpu: 1)])["bar"].flushes == ["end": 1])
  }

  @Test func `a release store leaves alone the bytes after it`() {
    let release = NaiveEvent.store(bar + 8, 8).with { $0.release = true }
    let counts = run([.store(bar, 8), release, .store(bar + 16, 8)])["bar"]
    #expect(counts.flushes == ["release": 1, "end": 1])
    #expect(counts.flushBytes == ["release": 8, "end": 16])
  }

  @Test func `a release store to Device flushes as release, not as device`() {
    let release = NaiveEvent.store(uart, 4).with { $0.release = true }
    let result = run([.store(bar, 8), release]) { $0.deviceDrainsNC = true }
    #expect(result["bar"].flushes == ["release": 1])
  }

  @Test func `a load flushes the lines it touches and no other`() {
    let stores: [NaiveEvent] = [.store(bar, 8), .store(bar + 64, 8), .store(bar + 128, 8)]
    // Bytes 60..67 lie in the first two lines; byte 32 in the first, though nothing is pending.
    #expect(run(stores + [.load(bar + 60, 8)])["bar"].flushes == ["read": 2, "end": 1])
    #expect(run(stores + [.load(bar + 32, 1)])["bar"].flushes == ["read": 1, "end": 2])
    #expect(run(stores + [.load(bar + 192, 8)])["bar"].flushes == ["end": 3])
    #expect(run(stores + [.load(bar, 8, vcpu: 1)])["bar"].flushes == ["end": 3])
  }

  @Test func `other loads flush all if the profile says so`() {
    let stores: [NaiveEvent] = [.store(bar, 8), .store(bar + 64, 8)]
    let elsewhere = run(stores + [.load(uart, 4)]) { $0.loadBreaksGather = true }
    #expect(elsewhere["bar"].flushes == ["load": 2])
    let touching = run(stores + [.load(bar, 4)]) { $0.loadBreaksGather = true }
    #expect(touching["bar"].flushes == ["read": 1, "end": 1])
  }

  @Test func `a Device access drains if the profile says so`() {
    let access = [NaiveEvent.store(bar, 8), .store(uart, 4)]
    #expect(run(access)["bar"].flushes == ["end": 1])
    #expect(run(access) { $0.deviceDrainsNC = true }["bar"].flushes == ["device": 1])
    let load = [NaiveEvent.store(bar, 8), .load(uart, 4)]
    #expect(run(load) { $0.deviceDrainsNC = true }["bar"].flushes == ["device": 1])
    // GRE gathers, so it does not drain.
    let gre = NaiveEvent.store(bar + 64, 8).with { $0.attribute = 0x0c }
    #expect(run([.store(bar, 8), gre]) { $0.deviceDrainsNC = true }["bar"].flushes == ["end": 2])
  }

  @Test func `a Device load of a pending line reads first, then drains`() {
    let load = NaiveEvent.load(bar, 8).with { $0.attribute = 0x04 }
    let counts = run([.store(bar, 8), .store(bar + 64, 8), load]) { $0.deviceDrainsNC = true }
    #expect(counts["bar"].flushes == ["read": 1, "device": 1])
  }

  @Test func `ST64B flushes its own line first`() {
    let events: [NaiveEvent] = [.store(bar, 8), .store(bar + 64, 8), st64b(bar)]
    let counts = run(events)["bar"]
    #expect(counts.flushes == ["single-copy": 1, "end": 1])
    #expect(counts.histogram == [8: 2, 64: 1])
    #expect(counts.busWrites == 3)
    #expect(counts.collapsedBytes == 0)
    // With lines of 32 bytes it covers two.
    let narrow = run([.store(bar, 8), .store(bar + 32, 8), st64b(bar)]) { $0.lineBytes = 32 }
    #expect(narrow["bar"].flushes == ["single-copy": 2])
  }

  @Test func `a trapped config access flushes if the profile says so`() {
    let events: [NaiveEvent] = [
      .store(bar, 8), .config("config_write", "0000:01:00.0", 4, 2), .store(bar + 8, 8),
    ]
    #expect(run(events)["bar"].flushes == ["end": 1])
    let drained = run(events) { $0.trapDrains = true }
    #expect(drained["bar"].flushes == ["trap": 1, "end": 1])
    #expect(drained["0000:01:00.0 config"].cfgWrites == 1)
  }

  @Test func `a config access through ECAM behaves as a Device access`() {
    let store = [NaiveEvent.store(bar, 8), .store(ecam + 4, 4)]
    #expect(run(store)["bar"].flushes == ["end": 1])
    #expect(run(store) { $0.trapDrains = true }["bar"].flushes == ["end": 1])
    #expect(run(store) { $0.deviceDrainsNC = true }["bar"].flushes == ["device": 1])
    let load = [NaiveEvent.store(bar, 8), .load(ecam + 4, 4)]
    #expect(run(load) { $0.loadBreaksGather = true }["bar"].flushes == ["load": 1])
    let release = store.map { event in event.with { $0.release = event.address == ecam + 4 } }
    #expect(run(release)["bar"].flushes == ["release": 1])
  }

  @Test func `a line leaves when it was open for longer than the timer`() {
    func flushes(_ time: UInt64) -> [String: Int] {
      // A load elsewhere is an event of the vCPU; the line was opened at 1000, written at 1050.
      run([
        .store(bar, 8, time: 1000), .store(bar + 8, 8, time: 1050), .load(uart, 4, time: time),
      ]) { $0.drainAfterNs = 100 }["bar"].flushes
    }
    #expect(flushes(1100) == ["end": 1])
    #expect(flushes(1101) == ["timer": 1])
  }

  @Test func `the timer goes by the clamped time and before the vCPU's own events`() {
    let open = NaiveEvent.store(bar, 8, time: 1000)
    func flushes(_ rest: NaiveEvent...) -> [String: Int] {
      run([open] + rest) { $0.drainAfterNs = 100 }["bar"].flushes
    }
    // vCPU 1's stamp moves the clock; vCPU 0's own smaller one is clamped to it.
    let other = NaiveEvent.load(uart, 4, time: 2000, vcpu: 1)
    #expect(flushes(other) == ["end": 1])
    #expect(flushes(other, .barrier("isb", time: 900)) == ["timer": 1])
    // A mark is no event of a vCPU, but its stamp counts.
    let mark = NaiveEvent("mark").with { $0.time = 2000 }
    #expect(flushes(mark) == ["end": 1])
    #expect(flushes(mark, .load(uart, 4)) == ["timer": 1])
    // The timer is judged first: the merge comes too late.
    #expect(flushes(.store(bar + 8, 8, time: 1101)) == ["timer": 1, "end": 1])
    #expect(flushes(.barrier("dsb.sy", time: 1101)) == ["timer": 1])
    #expect(flushes(.barrier("dsb.sy", time: 1100)) == ["barrier": 1])
  }

  @Test func `lost events end every gather of every vCPU, marks and resets none`() {
    let stores: [NaiveEvent] = [.store(bar, 8), .store(bar + 64, 8, vcpu: 1)]
    #expect(run(stores + [NaiveEvent("lost")])["bar"].flushes == ["lost": 2])
    #expect(run(stores + [NaiveEvent("mark"), NaiveEvent("reset")])["bar"].flushes == ["end": 2])
  }
}
