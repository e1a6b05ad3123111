import TraceCore

/// The code addresses of callers that a line holds as text, without a `String` for each look-up.
struct CallerNames {
  private var names = NameTable(limit: CallerTable.limit)
  /// By number of the name; nil where the trace has no room for it.
  private var codes: [UInt64?] = []

  /// The code address that stands for a text; nil where the trace has no room for it.
  @inline(__always)
  mutating func code(
    _ range: Range<Int>, _ bytes: Span<UInt8>, _ context: TraceContext
  ) -> UInt64? {
    guard range.count <= CallerTable.longestText, let number = names.index(of: range, in: bytes)
    else { return nil }
    if number == codes.count { codes.append(context.callers.code(for: bytes.text(range))) }
    return codes[number]
  }
}
