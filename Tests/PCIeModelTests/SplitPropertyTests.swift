import PCIeModel
import TestSupport
import Testing

@Suite struct SplitPropertyTests {
  /// Lines at their natural alignment, and Device pieces of up to 64 bytes anywhere, half of them
  /// near the end of a page.
  static func stream(_ count: Int, seed: UInt64) -> [(mask: UInt128, address: UInt64, line: Int)] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { index in
      let line = 16 << Int(random.next() % 4)
      let page = 0x7f_ffff_0000 + (random.next() & 0xffff_f000)
      if index.isMultiple(of: 2) {
        let address = page + (random.next() % 4096) & ~UInt64(line - 1)
        return (patternedMask(bytes: line, using: &random), address, line)
      }
      let offset = random.next() % 2 == 0 ? 4096 - random.next() % 80 : random.next() % 4096
      return (patternedMask(bytes: 64, using: &random), page + offset, 64)
    }
  }

  @Test(arguments: SplitPolicy.allCases)
  func `every TLP is legal, in order, inside a page, and none is lost`(policy: SplitPolicy) {
    var splitter = TLPSplitter(policy: policy)
    for (mask, address, line) in Self.stream(2500, seed: 1) {
      splitter.split(mask: mask, address: address, lineBytes: line)
      let shapes = splitter.result
      let bytes = addresses(of: mask, at: address)
      #expect(shapes.reduce(0) { $0 + $1.payloadBytes } == bytes.count)
      for (shape, group) in zip(shapes, groups(shapes, of: bytes)) {
        #expect(group.first == address + UInt64(shape.offset))
        #expect(shape.dwords == dwords(group))
        #expect(shape.partial == (group.count != 4 * dwords(group)))
        #expect(obeysByteEnableRules(group))
        #expect(group.first.map { $0 / 4096 } == group.last.map { $0 / 4096 })
        let enables = enables(group)
        let fields = ByteEnables(of: shape, mask: mask, address: address)
        #expect(fields.first == enables.first && fields.last == enables.last)
      }
    }
  }

  @Test(arguments: SplitPolicy.allCases)
  func `a split equals the policy applied byte by byte`(policy: SplitPolicy) {
    var splitter = TLPSplitter(policy: policy)
    for (mask, address, line) in Self.stream(policy == .minimal ? 500 : 2500, seed: 2) {
      splitter.split(mask: mask, address: address, lineBytes: line)
      let bytes = addresses(of: mask, at: address)
      let expected = Naive.groups(bytes, policy: policy, line: UInt64(line))
      #expect(groups(splitter.result, of: bytes) == expected)
    }
  }

  @Test(arguments: SplitPolicy.allCases)
  func `what was split before does not change a split`(policy: SplitPolicy) {
    // Few masks at many places, so that the memo hits, misses and collides.
    var random = SplitMix64(seed: 3)
    let masks = (0..<300).map { _ in patternedMask(bytes: 64, using: &random) }
    var splitter = TLPSplitter(policy: policy)
    for _ in 0..<4000 {
      let mask = masks[Int(random.next() % 300)]
      let address = 0x1000 + random.next() % 4 * 64 + (random.next() % 4 == 0 ? 3 : 0)
      splitter.split(mask: mask, address: address, lineBytes: 64)
      #expect(
        splitter.result
          == TLPSplitter.shapes(mask: mask, address: address, lineBytes: 64, policy: policy))
    }
  }

  /// Splits in the given order with one splitter, against a new splitter for each.
  private func check(_ stream: [(mask: UInt128, address: UInt64)], policy: SplitPolicy) {
    var splitter = TLPSplitter(policy: policy)
    for (mask, address) in stream {
      splitter.split(mask: mask, address: address, lineBytes: 128)
      let fresh = TLPSplitter.shapes(
        mask: mask, address: address, lineBytes: 128, policy: policy)
      #expect(splitter.result == fresh)
    }
  }

  @Test func `the same bytes elsewhere are not taken for the same split`() {
    let bits = mask(0...2, 5...22, 30...40)
    let places = stride(from: 0x1000, to: 0x1080, by: 8).map { UInt64($0) }
    for first in places {
      check(places.flatMap { [(bits, first), (bits, $0)] }, policy: .aligned)
    }
    let window = mask(7...9, 12...20)
    check((0..<8).map { (window >> UInt128($0), 0x1000 + UInt64($0)) }, policy: .runs)
  }

  @Test func `lines that differ in their upper half alone are told apart`() {
    var random = SplitMix64(seed: 5)
    let low = UInt128(random.next())
    check((0..<6000).map { _ in (low | UInt128(random.next()) << 64, 0x1000) }, policy: .runs)
  }

  @Test func `a split inside a page does not serve for one across its end`() {
    let bits = mask(0...5, 8...31)
    check([(bits, 0x1070), (bits, 0x1ff0), (bits, 0x1070)], policy: .runs)
  }

  @Test func `minimal never needs more than one TLP an aligned 8 bytes or a run`() {
    var random = SplitMix64(seed: 4)
    var minimal = TLPSplitter(policy: .minimal)
    var runs = TLPSplitter(policy: .runs)
    for _ in 0..<5000 {
      let mask = patternedMask(bytes: 64, using: &random)
      let count = minimal.split(mask: mask, address: 0, lineBytes: 64)
      #expect(count <= 8)
      #expect(count <= runs.split(mask: mask, address: 0, lineBytes: 64))
    }
  }
}

/// The policies as the model states them, over lists of byte addresses.
enum Naive {
  static func groups(_ bytes: [UInt64], policy: SplitPolicy, line: UInt64) -> [[UInt64]] {
    if policy == .qword, bytes.count == Int(line), bytes[0].isMultiple(of: line) { return [bytes] }
    return pages(bytes).flatMap { page in
      switch policy {
      case .runs: runs(page)
      case .aligned: runs(page).flatMap(alignedPieces)
      case .qword: chunks(page) { $0 / 8 == $1 / 8 }
      case .minimal: fewest(page)
      }
    }
  }

  static func pages(_ bytes: [UInt64]) -> [[UInt64]] { chunks(bytes) { $0 / 4096 == $1 / 4096 } }
  static func runs(_ bytes: [UInt64]) -> [[UInt64]] { chunks(bytes) { $0 + 1 == $1 } }

  private static func chunks(
    _ bytes: [UInt64], together: (UInt64, UInt64) -> Bool
  ) -> [[UInt64]] {
    var result: [[UInt64]] = []
    for byte in bytes {
      if let last = result.last?.last, together(last, byte) {
        result[result.count - 1].append(byte)
      } else {
        result.append([byte])
      }
    }
    return result
  }

  private static func alignedPieces(_ run: [UInt64]) -> [[UInt64]] {
    var rest = run[...]
    var result: [[UInt64]] = []
    while let first = rest.first {
      let sizes = [128, 64, 32, 16, 8, 4, 2, 1]
      let size = sizes.first { $0 <= rest.count && first.isMultiple(of: UInt64($0)) } ?? 1
      result.append(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    return result
  }

  /// Every cut of the list into legal groups, by backward recursion over all end points; the
  /// legality is the byte-enable table itself.
  static func fewest(_ bytes: [UInt64]) -> [[UInt64]] {
    var best: [(tlps: Int, dwords: Int, end: Int)] = Array(
      repeating: (0, 0, 0), count: bytes.count + 1)
    for start in bytes.indices.reversed() {
      best[start] = (Int.max, Int.max, 0)
      for end in start + 1...bytes.count {
        let group = Array(bytes[start..<end])
        guard obeysByteEnableRules(group) else { continue }
        let cost = (best[end].tlps + 1, best[end].dwords + dwords(group))
        if cost <= (best[start].tlps, best[start].dwords) {
          best[start] = (cost.0, cost.1, end)
        }
      }
    }
    var start = 0
    var result: [[UInt64]] = []
    while start < bytes.count {
      result.append(Array(bytes[start..<best[start].end]))
      start = best[start].end
    }
    return result
  }
}
