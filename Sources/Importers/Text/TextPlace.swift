/// A range of a chunk's bytes, for tokens, which are copied bit by bit.
struct TextPlace: BitwiseCopyable, Sendable {
  private var lower: UInt32
  private var upper: UInt32

  /// - Parameter range: Indexes below 2^32; no chunk has more bytes.
  init(_ range: Range<Int>) {
    lower = UInt32(truncatingIfNeeded: range.lowerBound)
    upper = UInt32(truncatingIfNeeded: range.upperBound)
  }

  var range: Range<Int> { Int(lower)..<Int(upper) }
}
