/// Numbers texts in order of first appearance, without making a `String` for each look-up.
struct NameTable {
  private var storage: [UInt8] = []
  private var starts: [Int] = [0]
  private var hashes: [UInt64] = []
  /// Open addressing; -1 is empty.
  private var slots = [Int32](repeating: -1, count: 256)
  /// The number given last, with its text's first bytes and length.
  private var last = 0
  private var lastStart: UInt64 = 0
  private var lastCount = -1
  /// Texts that are kept at most.
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// A table of these texts, numbered in their order.
  init(_ texts: [StaticString]) {
    self.init(limit: texts.count)
    for text in texts {
      var bytes: [UInt8] = []
      text.withUTF8Buffer { buffer in bytes = unsafe Array(buffer) }
      _ = index(of: 0..<bytes.count, in: bytes.span)
    }
  }

  var count: Int { hashes.count }

  /// Texts that are no UTF-8; ``text(_:)`` has U+FFFD in the place of what is none.
  var malformed: Int {
    (0..<count).count { index in
      String(validating: storage[starts[index]..<starts[index + 1]], as: UTF8.self) == nil
    }
  }

  /// The text of a number.
  func text(_ index: Int) -> String {
    String(decoding: storage[starts[index]..<starts[index + 1]], as: UTF8.self)
  }

  /// The number of a text, given at first sight; nil when the table is full.
  @inline(__always)
  mutating func index(of range: Range<Int>, in bytes: Span<UInt8>) -> Int? {
    index(of: range, start: bytes.word(at: range.lowerBound) & Self.mask(range.count), in: bytes)
  }

  /// The number of a text whose first bytes are known.
  ///
  /// - Parameters:
  ///   - range: The text.
  ///   - start: The first eight bytes, or as many as there are; the others are 0.
  ///   - bytes: Where the text is.
  /// - Returns: The number; nil when the table is full.
  @inline(__always)
  mutating func index(of range: Range<Int>, start: UInt64, in bytes: Span<UInt8>) -> Int? {
    // Names come in runs.
    if start == lastStart, range.count == lastCount,
      lastCount <= 8 || isText(last, range, in: bytes)
    {
      return last
    }
    return search(range, start, bytes)
  }

  @inline(never)
  private mutating func search(
    _ range: Range<Int>, _ start: UInt64, _ bytes: Span<UInt8>
  ) -> Int? {
    let hash = Self.hash(range, bytes)
    guard let found = find(range, bytes, hash) ?? insert(range, bytes, hash) else { return nil }
    (last, lastStart, lastCount) = (found, start, range.count)
    return found
  }

  /// The number of a text; nil when it has none.
  @inline(__always)
  func known(_ range: Range<Int>, in bytes: Span<UInt8>) -> Int? {
    find(range, bytes, Self.hash(range, bytes))
  }

  @inline(__always)
  private func find(_ range: Range<Int>, _ bytes: Span<UInt8>, _ hash: UInt64) -> Int? {
    var slot = Int(truncatingIfNeeded: hash >> 32) & (slots.count - 1)
    while true {
      let index = Int(slots[slot])
      if index < 0 { return nil }
      if hashes[index] == hash, isText(index, range, in: bytes) { return index }
      slot = (slot + 1) & (slots.count - 1)
    }
  }

  @inline(never)
  private mutating func insert(
    _ range: Range<Int>, _ bytes: Span<UInt8>, _ hash: UInt64
  ) -> Int? {
    guard count < limit else { return nil }
    for index in range { storage.append(bytes[index]) }
    starts.append(storage.count)
    hashes.append(hash)
    let grows = count * 2 > slots.count
    if grows { slots = [Int32](repeating: -1, count: slots.count * 4) }
    for index in (grows ? 0 : count - 1)..<count { place(index) }
    return count - 1
  }

  private mutating func place(_ index: Int) {
    var slot = Int(truncatingIfNeeded: hashes[index] >> 32) & (slots.count - 1)
    while slots[slot] >= 0, slots[slot] != index { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = Int32(index)
  }

  /// Whether a number is that of a text.
  @inline(__always)
  func isText(_ index: Int, _ range: Range<Int>, in bytes: Span<UInt8>) -> Bool {
    let start = starts[index]
    guard starts[index + 1] - start == range.count else { return false }
    var offset = 0
    while offset < range.count {
      let difference =
        storage.span.word(at: start + offset) ^ bytes.word(at: range.lowerBound + offset)
      if difference & Self.mask(range.count - offset) != 0 { return false }
      offset += 8
    }
    return true
  }

  /// The lanes of the first `count` bytes of a word.
  @inline(__always)
  static func mask(_ count: Int) -> UInt64 {
    count >= 8 ? .max : 1 << UInt64(8 * count) - 1
  }

  @inline(__always)
  private static func hash(_ range: Range<Int>, _ bytes: Span<UInt8>) -> UInt64 {
    var hash = UInt64(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      let rest = range.upperBound - index
      hash ^= bytes.word(at: index) & mask(rest)
      hash = hash &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 29
      index += 8
    }
    return hash &* 0xc2b2_ae3d_27d4_eb4f
  }
}
