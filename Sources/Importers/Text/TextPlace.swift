/// A range of a chunk's bytes, for tokens, which are copied bit by bit.
struct TextPlace: BitwiseCopyable, Sendable {
  private var start: UInt32 = 0
  private var end: UInt32 = 0

  init() {}

  /// - Parameters:
  ///   - start: Index of the first byte, below 2^32, which no chunk reaches.
  ///   - end: Index behind the last one.
  @inline(__always)
  init(from start: Int, to end: Int) {
    self.start = UInt32(truncatingIfNeeded: start)
    self.end = UInt32(truncatingIfNeeded: end)
  }

  init(_ range: Range<Int>) { self.init(from: range.lowerBound, to: range.upperBound) }

  /// The same text elsewhere in the chunk; where it is empty, an empty one.
  @inline(__always)
  func moved(by distance: Int) -> TextPlace {
    TextPlace(from: Int(start) &+ distance, to: Int(end) &+ distance)
  }

  @inline(__always)
  var range: Range<Int> { Int(start)..<Int(end) }
  @inline(__always)
  var count: Int { Int(end) &- Int(start) }
  @inline(__always)
  var isEmpty: Bool { start == end }
}
