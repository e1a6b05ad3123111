import TestSupport
import Testing

@Suite struct `Naive model: gathering`: NaiveFixture {
  @Test func `a pending byte written again is collapsed`() {
    // 8 + 4 bytes stored, bytes 4..7 twice: 8 leave, 4 are collapsed.
    let counts = run([.store(bar, 8), .store(bar + 4, 4)])["bar"]
    #expect(counts.storeBytes == 12)
    #expect(counts.collapsedBytes == 4)
    #expect(counts.payloadBytes == 8)
  }

  @Test func `lru evicts the line written longest ago, fifo the first opened`() {
    let events: [NaiveEvent] = [
      .store(bar, 8), .store(bar + 64, 4), .store(bar + 8, 8), .store(bar + 128, 2),
    ]
    let lru = run(events) { $0.buffers = 2 }["bar"]
    #expect(lru.flushes == ["capacity": 1, "end": 2])
    #expect(lru.flushBytes == ["capacity": 4, "end": 18])
    let fifo = run(events) {
      $0.buffers = 2
      $0.evict = "fifo"
    }["bar"]
    #expect(fifo.flushes == ["capacity": 1, "end": 2])
    #expect(fifo.flushBytes == ["capacity": 16, "end": 6])
  }

  @Test func `a full line frees its buffer before the next opens`() {
    #expect(run(fill() + fill(bar + 64)) { $0.buffers = 1 }["bar"].flushes == ["full": 2])
  }

  @Test func `one store may open two lines with one buffer`() {
    // 60..63 opens a line, 64..67 needs its buffer.
    let counts = run([.store(bar + 60, 8)]) { $0.buffers = 1 }["bar"]
    #expect(counts.flushes == ["capacity": 1, "end": 1])
  }

  @Test func `a single stream gathers one line at a time`() {
    // The second line flushes the first as stream, so the buffer rule finds none to flush.
    let events: [NaiveEvent] = [.store(bar, 8), .store(bar + 64, 8), .store(bar + 72, 8)]
    let counts = run(events) {
      $0.singleStream = true
      $0.buffers = 1
    }["bar"]
    #expect(counts.flushes == ["stream": 1, "end": 1])
    #expect(counts.flushBytes == ["stream": 8, "end": 16])
  }

  @Test(arguments: [(16, 4), (32, 2), (64, 1)])
  func `the line size sets the size of full TLPs`(line: Int, tlps: Int) {
    let counts = run(fill()) { $0.lineBytes = line }["bar"]
    #expect(counts.histogram == [line: tlps])
    #expect(counts.flushes == ["full": tlps])
  }

  @Test func `vCPUs gather apart`() {
    // The same line on two vCPUs: two flushes, nothing collapsed.
    let counts = run([.store(bar, 8), .store(bar, 8, vcpu: 1)])["bar"]
    #expect(counts.flushes == ["end": 2])
    #expect(counts.collapsedBytes == 0)
  }

  @Test func `a line belongs to the region that opened it`() {
    // Two windows of 8 bytes within one line.
    let regions = [
      NaiveRegion("left", base: bar, size: 8), NaiveRegion("right", base: bar + 8, size: 8),
    ]
    let events: [NaiveEvent] = [.store(bar, 8), .store(bar + 8, 8), .store(bar + 8, 2)]
    let result = NaiveModel.run(events, regions: regions, settings: NaiveSettings())
    #expect(result["left"].payloadBytes == 16)
    #expect(result["left"].flushes == ["end": 1])
    #expect(result["left"].collapsedBytes == 0)
    #expect(result["right"].stores == 2)
    #expect(result["right"].mwr == 0)
    #expect(result["right"].collapsedBytes == 2)
  }

  @Test func `a store of another type flushes nothing`() {
    // The Device store to the same line leaves at once, the NC bytes at the end.
    let device = NaiveEvent.store(bar, 8).with { $0.attribute = 0x04 }
    let counts = run([.store(bar, 8), device])["bar"]
    #expect(counts.flushes == ["end": 1])
    #expect(counts.busWrites == 2)
    #expect(counts.payloadBytes == 16)
    #expect(counts.collapsedBytes == 0)
  }

  @Test func `a full line of any size goes as one under qword, half a line does not`() {
    func histogram(_ line: Int) -> [Int: Int] {
      run(fill()) {
        $0.lineBytes = line
        $0.split = "qword"
      }["bar"].histogram
    }
    #expect(histogram(32) == [32: 2])
    #expect(histogram(64) == [64: 1])
    #expect(histogram(128) == [8: 8])
  }
}
