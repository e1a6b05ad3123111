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
    var cursor = TextCursor(line.start, end: line.end)
    guard cursor.skip("CPU:", bytes) else { return nil }
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
}
