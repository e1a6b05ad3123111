/// A line that says that events were lost on a CPU.
struct LossLine {
  var cpu: UInt16
  /// nil where the writer does not know.
  var count: UInt64?

  /// `CPU:N [LOST M EVENTS]` of the kernel and `CPU:N [M EVENTS DROPPED]` of trace-cmd, both also
  /// without the number.
  ///
  /// - Returns: nil when the line is none.
  @inline(never)
  static func parse(_ line: Line, _ bytes: Span<UInt8>) throws(LineFault) -> LossLine? {
    guard var cursor = start(of: line, bytes) else { return nil }
    let cpu = try cursor.decimal(bytes, "a CPU number from 0 to 65535", limit: 65_535)
    cursor.skipBlanks(bytes)
    try cursor.take("[", bytes)
    let isKernel = cursor.skip("LOST ", bytes)
    var loss = LossLine(cpu: UInt16(truncatingIfNeeded: cpu), count: nil)
    if cursor.peek(bytes) &- 0x30 < 10 {
      loss.count = try cursor.decimal(bytes, "a number of events")
      try cursor.take(" ", bytes)
    }
    try isKernel ? cursor.take("EVENTS]", bytes) : cursor.take("EVENTS DROPPED]", bytes)
    try cursor.takeEnd(bytes)
    return loss
  }

  /// `CPU:N [SUBBUFFER START]`, which trace-cmd prints at each page of the ring buffer when asked.
  static func isPageStart(_ line: Line, _ bytes: Span<UInt8>) -> Bool {
    guard var cursor = start(of: line, bytes),
      (try? cursor.decimal(bytes, "a CPU number")) != nil
    else { return false }
    cursor.skipBlanks(bytes)
    return cursor.skip("[SUBBUFFER START]", bytes)
  }

  /// Behind `CPU:`; in front of it trace-cmd prints the file or instance and a colon, or as many
  /// blanks, where it reports several.
  private static func start(of line: Line, _ bytes: Span<UInt8>) -> TextCursor? {
    var cursor = TextCursor(line.start, end: line.end)
    if cursor.skip("CPU:", bytes) { return cursor }
    guard let bracket = bytes.lastEnd(UInt8(ascii: "["), before: line.end), bracket > line.start
    else { return nil }
    var index = bracket - 1
    while index > line.start, bytes[index - 1] == 0x20 { index -= 1 }
    while index > line.start, bytes[index - 1] &- 0x30 < 10 { index -= 1 }
    guard index - 4 > line.start else { return nil }
    cursor.position = index - 4
    guard cursor.skip("CPU:", bytes), bytes[index - 5] == 0x20 else { return nil }
    var end = index - 5
    while end > line.start, bytes[end - 1] == 0x20 { end -= 1 }
    return end == line.start || bytes[end - 1] == UInt8(ascii: ":") ? cursor : nil
  }
}
