import TraceCore
import TraceIO

/// Text on its way to standard output, written in large pieces.
///
/// Nothing is written before 64 KiB have gathered or ``flush()`` is called, so a command that
/// fails early prints nothing.
struct OutputBuffer: ~Copyable {
  private var bytes: [UInt8] = []

  private let file: OutputFile

  init() throws(TraceError) {
    file = try OutputFile(path: "-")
    bytes.reserveCapacity(Self.limit + 4096)
  }

  private static let limit = 65_536

  /// More than the buffer should hold; the owner then calls ``flush()``.
  var isFull: Bool { bytes.count >= Self.limit }

  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func append(_ character: Unicode.Scalar) {
    bytes.append(UInt8(truncatingIfNeeded: character.value))
  }

  /// Decimal digits.
  mutating func append(decimal value: UInt64) {
    if value >= 10 { append(decimal: value / 10) }
    bytes.append(0x30 + UInt8(truncatingIfNeeded: value % 10))
  }

  /// `0x` and lower-case digits without leading zeros.
  mutating func append(hex value: UInt64) {
    append("0" as Unicode.Scalar)
    append("x" as Unicode.Scalar)
    var shift = UInt64(max(0, (63 - value.leadingZeroBitCount) & ~3))
    while true {
      let digit = UInt8(truncatingIfNeeded: value >> shift & 15)
      bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
      if shift == 0 { return }
      shift -= 4
    }
  }

  /// A value with three decimals, rounded to the nearest; 0 to 10^38.
  mutating func append(threeDecimals value: Double) {
    guard value < 1e15 else {
      // Its decimals are beyond a Double's digits.
      append("\(UInt128(value)).000")
      return
    }
    let thousandths = UInt64(value * 1000 + 0.5)
    append(decimal: thousandths / 1000)
    append("." as Unicode.Scalar)
    for divisor in [100, 10, 1] as [UInt64] { append(decimal: thousandths / divisor % 10) }
  }

  /// Writes everything to standard output.
  ///
  /// - Throws: `TraceError.io` when it cannot be written.
  mutating func flush() throws(TraceError) {
    try file.write(bytes)
    try file.flush()
    bytes.removeAll(keepingCapacity: true)
  }
}
