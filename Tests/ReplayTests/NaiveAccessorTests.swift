import TestSupport
import Testing

@Suite struct `Naive model: assumed barriers`: NaiveFixture {
  @Test func `linux-writel sends every store alone`() {
    // The barrier before the 2nd..8th store flushes the one before; the last leaves at the end.
    let counts = run(fill()) { $0.accessors = "linux-writel" }["bar"]
    #expect(counts.flushes == ["barrier": 7, "end": 1])
    #expect(counts.histogram == [8: 8])
  }

  @Test func `bursts keeps a copy loop together`() {
    #expect(run(fill()) { $0.accessors = "bursts" }["bar"].flushes == ["full": 1])
    #expect(run(fill()) { $0.accessors = "relaxed" }["bar"].flushes == ["full": 1])
  }

  @Test(arguments: [
    // (second store's offset and size, is bare)
    (8 as UInt64, 8, true), (8, 4, false), (12, 8, false), (0, 8, false),
  ])
  func `a store is bare if it continues the one before`(offset: UInt64, size: Int, isBare: Bool) {
    let counts = run([.store(bar, 8), .store(bar + offset, size)]) { $0.accessors = "bursts" }
    #expect(counts["bar"].flushes == (isBare ? ["end": 1] : ["barrier": 1, "end": 1]))
  }

  @Test func `any event of the vCPU ends the copy loop`() {
    func flushes(_ between: NaiveEvent) -> [String: Int] {
      run([.store(bar, 8), between, .store(bar + 8, 8)]) { $0.accessors = "bursts" }["bar"].flushes
    }
    let broken = ["barrier": 1, "end": 1]
    #expect(flushes(.load(uart, 4)) == broken)
    #expect(flushes(.barrier("isb")) == broken)
    #expect(flushes(.config("config_read", "0000:01:00.0", 0, 4)) == broken)
    #expect(flushes(.load(ecam, 4)) == broken)
    #expect(flushes(.store(uart, 4)) == ["barrier": 1, "end": 1])
    #expect(flushes(.load(uart, 4, vcpu: 1)) == ["end": 1])
    #expect(flushes(NaiveEvent("mark")) == ["end": 1])
    #expect(flushes(NaiveEvent("lost")) == ["lost": 1, "end": 1])
  }

  @Test func `a faulting store takes its barrier and is the previous store all the same`() {
    // The fault at 20 (Device, 8 bytes) is preceded by a barrier; 28 continues it, so it is bare.
    let fault = NaiveEvent.store(bar + 20, 8).with { $0.attribute = 0x04 }
    let events = [NaiveEvent.store(bar, 8), fault, .store(bar + 28, 8), .store(bar + 36, 8)]
    let counts = run(events) { $0.accessors = "bursts" }["bar"]
    #expect(counts.faultsStage1 == 1)
    #expect(counts.flushes == ["barrier": 1, "end": 1])
    #expect(counts.flushBytes == ["barrier": 8, "end": 16])
  }

  @Test func `a store through ECAM is the previous store too`() {
    // ecam + 4 continues ecam + 0: the line opened in between by nobody; bar's line stays.
    let events: [NaiveEvent] = [.store(bar, 4), .store(ecam, 4), .store(ecam + 4, 4)]
    #expect(run(events) { $0.accessors = "bursts" }["bar"].flushes == ["barrier": 1])
    #expect(run(events) { $0.accessors = "relaxed" }["bar"].flushes == ["end": 1])
  }

  @Test func `auto means recorded where a barrier was recorded, else bursts`() {
    let stores: [NaiveEvent] = [.store(bar, 8), .store(bar + 16, 8)]
    let auto: (inout NaiveSettings) -> Void = { $0.accessors = "auto" }
    #expect(run(stores, auto)["bar"].flushes == ["barrier": 1, "end": 1])
    #expect(run(stores + [.barrier("isb")], auto)["bar"].flushes == ["end": 1])
  }

  @Test func `the timer is judged before an assumed barrier`() {
    let stores: [NaiveEvent] = [.store(bar, 8, time: 1000), .store(bar + 64, 8, time: 1101)]
    let counts = run(stores) {
      $0.accessors = "linux-writel"
      $0.drainAfterNs = 100
    }["bar"]
    #expect(counts.flushes == ["timer": 1, "end": 1])
  }
}
