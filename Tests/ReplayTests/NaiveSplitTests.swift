import TestSupport
import Testing

/// A mask and the TLPs of each policy, counted by hand from the byte-enable rules (PCIe Base 5.0,
/// 2.2.5); `qword`: aligned 8 bytes touched, or one for the full line.
private struct Vector: CustomTestStringConvertible {
  var testDescription: String
  var isEnabled: @Sendable (UInt64) -> Bool
  var minimal: Int
  var runs: Int
  var aligned: Int
  var qword: Int

  init(
    _ name: String, _ minimal: Int, _ runs: Int, _ aligned: Int, _ qword: Int,
    _ isEnabled: @escaping @Sendable (UInt64) -> Bool
  ) {
    testDescription = name
    self.minimal = minimal
    self.runs = runs
    self.aligned = aligned
    self.qword = qword
    self.isEnabled = isEnabled
  }
}

private let vectors = [
  Vector("0..63", 1, 1, 1, 1) { _ in true },
  Vector("1..63", 1, 1, 6, 8) { $0 >= 1 },
  Vector("0..62", 1, 1, 6, 8) { $0 <= 62 },
  Vector("4..63", 1, 1, 4, 8) { $0 >= 4 },
  Vector("3..60", 1, 1, 8, 8) { 3...60 ~= $0 },
  Vector("all but byte 20", 2, 2, 6, 8) { $0 != 20 },
  Vector("all but DW5", 2, 2, 4, 8) { $0 / 4 != 5 },
  Vector("even bytes", 8, 32, 32, 8) { $0 % 2 == 0 },
  Vector("even DWs", 8, 8, 8, 8) { $0 / 4 % 2 == 0 },
  Vector("even QWs", 4, 4, 4, 4) { $0 / 8 % 2 == 0 },
  Vector("{0,7}", 1, 2, 2, 1) { [0, 7].contains($0) },
  Vector("{4,11}", 2, 2, 2, 2) { [4, 11].contains($0) },
  Vector("{0,63}", 2, 2, 2, 2) { [0, 63].contains($0) },
  Vector("0..7", 1, 1, 1, 1) { $0 <= 7 },
  Vector("4..11", 1, 1, 2, 2) { 4...11 ~= $0 },
]

private func dwords(_ groups: [[UInt64]]) -> Int {
  groups.reduce(0) { $0 + Set($1.map { $0 / 4 }).count }
}

@Suite struct `Naive model: splits` {
  @Test(arguments: vectors)
  private func `the vectors of the byte-enable rules`(vector: Vector) {
    // At a line's place in memory, so that alignment goes by the address.
    let bytes = (0..<64 as Range<UInt64>).filter(vector.isEnabled).map { $0 + 0xfc0 }
    func tlps(_ split: String) -> Int {
      naiveSplit(bytes, split, isFullLine: bytes.count == 64).count
    }
    #expect(tlps("minimal") == vector.minimal)
    #expect(tlps("runs") == vector.runs)
    #expect(tlps("aligned") == vector.aligned)
    #expect(tlps("qword") == vector.qword)
  }

  @Test func `the 65535 masks of 16 bytes`() {
    // One TLP: one run (16 x 17 / 2 = 136), or any bytes within one of the two aligned 8 bytes
    // (2 x 255, less their 2 x 36 runs): 574. All others: a TLP for each aligned 8 bytes, two.
    var minimal: [Int: Int] = [:]
    var oneRun = 0
    for mask in 1...65535 as ClosedRange<UInt64> {
      let bytes = (0..<16 as Range<UInt64>).filter { mask >> $0 & 1 == 1 }
      minimal[naiveSplit(bytes, "minimal", isFullLine: false).count, default: 0] += 1
      if naiveSplit(bytes, "runs", isFullLine: false).count == 1 { oneRun += 1 }
    }
    #expect(minimal == [1: 574, 2: 64961])
    #expect(oneRun == 136)
  }

  @Test func `minimal is the best of all partitions`() {
    // Ten bytes over three aligned 8 bytes; every way to cut every mask, tried one by one.
    for mask in 1..<1024 as Range<UInt64> {
      let bytes = (0..<10 as Range<UInt64>).filter { mask >> $0 & 1 == 1 }.map { $0 + 7 }
      let found = naiveSplit(bytes, "minimal", isFullLine: false)
      #expect((found.count, dwords(found)) == bestPartition(bytes), "mask \(mask)")
      #expect(Array(found.joined()) == bytes)
      #expect(found.allSatisfy(isLegal))
    }
  }

  @Test func `a tie of minimal goes to the longest low group`() {
    // 0,1 | 3..12: {0,1,3} + {4..12} and {0,1,3..7} + {8..12} are both 2 TLPs and 4 DWs.
    let bytes: [UInt64] = [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    #expect(naiveSplit(bytes, "minimal", isFullLine: false).map(\.count) == [7, 5])
  }

  @Test(arguments: ["runs", "minimal", "aligned", "qword"])
  func `no group crosses 4 KiB`(split: String) {
    let bytes = Array(0xffa..<0x1006 as Range<UInt64>)
    for group in naiveSplit(bytes, split, isFullLine: false) {
      #expect(Set(group.map { $0 / 4096 }).count == 1)
    }
  }

  @Test func `only a whole line goes as one under qword`() {
    let line = Array(0..<16 as Range<UInt64>)
    #expect(naiveSplit(line, "qword", isFullLine: true).count == 1)
    #expect(naiveSplit(line, "qword", isFullLine: false).map(\.count) == [8, 8])
  }

  /// The lowest (TLPs, DWs) over all 2^(n-1) ways to cut.
  private func bestPartition(_ bytes: [UInt64]) -> (Int, Int) {
    var best = (Int.max, Int.max)
    for cuts in 0..<(1 << (bytes.count - 1)) {
      var groups = [[bytes[0]]]
      for index in bytes.indices.dropFirst() {
        if cuts >> (index - 1) & 1 == 1 { groups.append([]) }
        groups[groups.count - 1].append(bytes[index])
      }
      guard groups.allSatisfy(isLegal) else { continue }
      let cost = (groups.count, dwords(groups))
      if cost < best { best = cost }
    }
    return best
  }

  /// PCIe 5.0 section 2.2.5 as rows: length in DW, first and last byte enables.
  private func isLegal(_ group: [UInt64]) -> Bool {
    let first = group[0] / 4
    let last = group[group.count - 1] / 4
    if first == last { return true }
    if last == first + 1, first % 2 == 0 { return true }
    // No holes: first byte enables end in 3, last ones start at 0, all between are enabled.
    return zip(group, group.dropFirst()).allSatisfy { $0 + 1 == $1 }
  }
}
