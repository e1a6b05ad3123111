import PCIeModel
import TestSupport
import Testing

@Suite struct MinimalPartitionTests {
  /// Fewest TLPs, then DWs, over every way to divide a mask into legal groups in any order, as
  /// TLPs << 16 + DWs: a table over all subsets, each built from those with fewer bytes.
  static let optimum: [Int] = {
    var table = [Int](repeating: 0, count: 65536)
    for mask in 1..<65536 {
      var best = Int.max
      for group in legalGroups(of: mask) {
        let first = group.trailingZeroBitCount / 4
        let last = (Int.bitWidth - 1 - group.leadingZeroBitCount) / 4
        best = min(best, table[mask ^ group] + 0x10000 + last - first + 1)
      }
      table[mask] = best
    }
    return table
  }()

  /// The groups that hold a mask's lowest byte: pieces of its run, subsets of its 8 bytes.
  private static func legalGroups(of mask: Int) -> [Int] {
    let lowest = mask & -mask
    var groups: [Int] = []
    var run = lowest
    while mask & run == run {
      groups.append(run)
      run |= run << 1
    }
    let others = mask & (lowest < 256 ? 0xff : 0xff00) & ~lowest
    var subset = others
    while true {
      groups.append(subset | lowest)
      if subset == 0 { return groups }
      subset = (subset - 1) & others
    }
  }

  @Test func `no division of any 16-byte mask beats minimal`() {
    var splitter = TLPSplitter(policy: .minimal)
    var wrong: [Int] = []
    for mask in 1..<65536 {
      let count = splitter.split(mask: UInt128(mask), address: 0, lineBytes: 16)
      var found = 0
      for index in 0..<count { found += 0x10000 + splitter[index].dwords }
      if found != Self.optimum[mask] { wrong.append(mask) }
    }
    #expect(wrong.isEmpty)
  }

  @Test func `minimal is one particular division of every 14-byte mask`() {
    // The whole choice, ties included, against the exhaustive recursion.
    var splitter = TLPSplitter(policy: .minimal)
    var random = SplitMix64(seed: 11)
    for _ in 0..<3000 {
      let mask = UInt128(random.next() & 0x3fff)
      splitter.split(mask: mask, address: 2, lineBytes: 16)
      let bytes = addresses(of: mask, at: 2)
      #expect(groups(splitter.result, of: bytes) == Naive.fewest(bytes))
    }
  }
}
