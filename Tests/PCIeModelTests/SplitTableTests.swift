import PCIeModel
import Testing

/// Counts of TLPs that a 64-byte buffer leaves in; derived by hand from the byte-enable rules.
struct SplitCase: CustomTestStringConvertible, Sendable {
  let name: String
  let bytes: UInt128
  let minimal: Int
  let runs: Int
  let aligned: Int
  var testDescription: String { name }
}

@Suite struct SplitTableTests {
  static let even = (0..<32).reduce(UInt128(0)) { $0 | 1 << UInt128(2 * $1) }
  static let evenDwords = (0..<8).reduce(UInt128(0)) { $0 | 15 << UInt128(8 * $1) }
  static let evenQwords = (0..<4).reduce(UInt128(0)) { $0 | 255 << UInt128(16 * $1) }

  static let cases = [
    SplitCase(name: "0..63", bytes: mask(0...63), minimal: 1, runs: 1, aligned: 1),
    SplitCase(name: "1..63", bytes: mask(1...63), minimal: 1, runs: 1, aligned: 6),
    SplitCase(name: "0..62", bytes: mask(0...62), minimal: 1, runs: 1, aligned: 6),
    SplitCase(name: "4..63", bytes: mask(4...63), minimal: 1, runs: 1, aligned: 4),
    SplitCase(name: "3..60", bytes: mask(3...60), minimal: 1, runs: 1, aligned: 8),
    SplitCase(
      name: "all but byte 20", bytes: mask(0...19, 21...63), minimal: 2, runs: 2, aligned: 6),
    SplitCase(
      name: "all but DW 5", bytes: mask(0...19, 24...63), minimal: 2, runs: 2, aligned: 4),
    SplitCase(name: "even bytes", bytes: even, minimal: 8, runs: 32, aligned: 32),
    SplitCase(name: "even DWs", bytes: evenDwords, minimal: 8, runs: 8, aligned: 8),
    SplitCase(name: "even QWs", bytes: evenQwords, minimal: 4, runs: 4, aligned: 4),
    SplitCase(name: "0, 7", bytes: mask(0...0, 7...7), minimal: 1, runs: 2, aligned: 2),
    SplitCase(name: "4, 11", bytes: mask(4...4, 11...11), minimal: 2, runs: 2, aligned: 2),
    SplitCase(name: "0, 63", bytes: mask(0...0, 63...63), minimal: 2, runs: 2, aligned: 2),
    SplitCase(name: "0..7", bytes: mask(0...7), minimal: 1, runs: 1, aligned: 1),
    SplitCase(name: "4..11", bytes: mask(4...11), minimal: 1, runs: 1, aligned: 2),
  ]

  @Test(arguments: cases)
  func `known patterns leave in the known number of TLPs`(_ row: SplitCase) {
    let count = { (policy: SplitPolicy) in
      TLPSplitter.shapes(
        mask: row.bytes, address: 0x10_0000_0000, lineBytes: 64, policy: policy
      ).count
    }
    #expect(count(.minimal) == row.minimal)
    #expect(count(.runs) == row.runs)
    #expect(count(.aligned) == row.aligned)
  }

  // Reviewed totals of the exhaustive 16-byte space: 136 = 16 x 17 / 2 runs; 574 = those and the
  // patterns inside one aligned 8 bytes, 2 x 255, less the 2 x 36 runs counted twice.
  @Test func `of all 16-byte masks 574 need one TLP and the others two`() {
    var splitter = TLPSplitter(policy: .minimal)
    var runSplitter = TLPSplitter(policy: .runs)
    var needed = [0, 0, 0]
    var single = 0
    for bits in 1...UInt128(0xffff) {
      let count = splitter.split(mask: bits, address: 0, lineBytes: 16)
      needed[min(count, 3) - 1] += 1
      if runSplitter.split(mask: bits, address: 0, lineBytes: 16) == 1 { single += 1 }
    }
    #expect(needed == [574, 64961, 0])
    #expect(single == 136)
  }

  @Test func `qword sends one TLP an aligned 8 bytes, and a full line as one`() {
    let count = { (bits: UInt128, address: UInt64, line: Int) in
      TLPSplitter.shapes(mask: bits, address: address, lineBytes: line, policy: .qword).count
    }
    #expect(count(mask(0...63), 0x1000, 64) == 1)
    #expect(count(mask(0...63), 0x1000, 128) == 8)
    #expect(count(mask(0...63), 0x1008, 64) == 8)
    #expect(count(mask(0...63), 0x1004, 64) == 9)
    #expect(count(mask(0...62), 0x1000, 64) == 8)
    #expect(count(mask(0...127), 0x1000, 128) == 1)
    #expect(count(mask(0...15), 0x1000, 16) == 1)
    #expect(count(mask(0...0, 7...8, 63...63), 0x1000, 64) == 3)
  }

  // By hand: 0..11 as one run costs 3 + 1 DWs, cut at byte 8 it costs 2 + 1 with as many TLPs.
  @Test func `minimal takes the fewest DWs among equally few TLPs`() {
    let shapes = TLPSplitter.shapes(
      mask: mask(0...8, 10...10), address: 0, lineBytes: 16, policy: .minimal)
    #expect(shapes.map(\.dwords) == [2, 1])
    #expect(shapes.map(\.payloadBytes) == [8, 2])
  }

  // By hand: {0..3},{5..11} and {0..3,5..7},{8..11} both take 2 TLPs and 3 DWs.
  @Test func `minimal prefers the longer first TLP where all else is equal`() {
    let shapes = TLPSplitter.shapes(
      mask: mask(0...3, 5...11), address: 0, lineBytes: 16, policy: .minimal)
    #expect(shapes.map(\.payloadBytes) == [7, 4])
    #expect(shapes.map(\.offset) == [0, 8])
  }

  @Test func `an empty mask leaves nothing`() {
    for policy in SplitPolicy.allCases {
      #expect(TLPSplitter.shapes(mask: 0, address: 0, lineBytes: 64, policy: policy).isEmpty)
    }
  }

  @Test(arguments: SplitPolicy.allCases)
  func `an unaligned piece is cut at 4 KiB`(policy: SplitPolicy) {
    let shapes = TLPSplitter.shapes(
      mask: mask(0...7), address: 0x1ffd, lineBytes: 64, policy: policy)
    // Aligned cuts 0x1ffd | 0x1ffe..f | 0x2000..3 | 0x2004.
    let expected = policy == .aligned ? [1, 2, 4, 1] : [3, 5]
    #expect(shapes.map(\.payloadBytes) == expected)
  }

  @Test func `the byte enables are those of the write`() {
    let bits = mask(3...9)
    let shapes = TLPSplitter.shapes(mask: bits, address: 0x100, lineBytes: 64, policy: .runs)
    let enables = ByteEnables(of: shapes[0], mask: bits, address: 0x100)
    #expect(enables.first == 0b1000)
    #expect(enables.last == 0b0011)
    #expect(shapes[0].dwords == 3)
    #expect(shapes[0].partial)
  }

  @Test func `a mask beyond the window is the caller's mistake`() async {
    await #expect(processExitsWith: .failure) {
      _ = TLPSplitter.shapes(mask: .max, address: 1, lineBytes: 128, policy: .runs)
    }
  }
}
