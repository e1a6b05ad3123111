import Testing

@testable import Importers

struct ThreadNumbersTests {
  @Test func `threads get the lowest number that no other has`() {
    var threads = ThreadNumbers()
    let isRenumbered = threads.learn(100, 1)
    let numbers = [7, 8, 7, 9].map { threads.vcpu($0) }
    let none = threads.vcpu(nil)
    #expect(!isRenumbered && numbers == [0, 2, 0, 3] && none == 0)
    #expect(threads.beyondLimit == 0)
  }

  /// Two bytes number 65,536 vCPUs.
  @Test func `threads beyond the last number are one, and counted`() {
    var threads = ThreadNumbers()
    for thread in 0..<UInt64(65_536) { _ = threads.vcpu(thread) }
    let last = threads.vcpu(65_535)
    #expect(last == 65_535 && threads.beyondLimit == 0)
    let isRenumbered = threads.learn(70_002, 5)
    let numbers = [70_000, 70_001, 70_000, 3].map { threads.vcpu($0) }
    #expect(!isRenumbered && numbers == [65_535, 65_535, 65_535, 3])
    #expect(threads.beyondLimit == 3)
  }
}
