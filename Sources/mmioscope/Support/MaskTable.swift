import PCIeModel
import SystemPackage
import TraceCore

/// Turns masks, one hexadecimal number a line, into the rows of `tlp --masks`.
///
/// A line is an optional `0x`, one or more hexadecimal digits of a value below 2^64, and a line
/// end (LF or CRLF; the last may be missing). Anything else is an error. Lines may be cut
/// anywhere between two chunks.
struct MaskTable: ~Copyable {
  private enum State { case start, zero, prefix, digits, carriageReturn }

  private let file: String
  private let address: UInt64
  private let cost: WireCost
  private var splitter: TLPSplitter
  private var output: OutputBuffer
  private var state = State.start
  private var value: UInt64 = 0
  private var line: UInt64 = 1
  private var column = 0

  /// - Parameters:
  ///   - file: Name for errors.
  ///   - address: Byte address of every mask's bit 0; at most 2^64 - 64.
  ///   - policy: How the bytes are grouped.
  ///   - cost: The link and its TLPs' overhead.
  /// - Throws: `TraceError` when standard output cannot be written.
  init(
    file: String, address: UInt64, policy: SplitPolicy, cost: WireCost
  ) throws(TraceError) {
    self.file = file
    self.address = address
    self.cost = cost
    splitter = TLPSplitter(policy: policy)
    output = try OutputBuffer()
    output.append("mask,tlps,payload_bytes,padded_bytes,wire_bytes\n")
  }

  /// Reads a file to its end and prints its rows.
  ///
  /// - Parameter path: `-` is standard input.
  /// - Throws: `TraceError` naming file and line.
  mutating func run(path: String) throws(TraceError) {
    let descriptor = try Self.open(path)
    defer { if path != "-" { try? descriptor.close() } }
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count: Int
      do {
        count = try unsafe chunk.withUnsafeMutableBytes { try unsafe descriptor.read(into: $0) }
      } catch {
        throw TraceError(.io, "cannot read: \(error)", file: file)
      }
      if count == 0 { break }
      try consume(chunk.span.extracting(0..<count))
    }
    try finish()
  }

  private static func open(_ path: String) throws(TraceError) -> FileDescriptor {
    if path == "-" { return .standardInput }
    do {
      return try FileDescriptor.open(FilePath(path), .readOnly)
    } catch {
      throw TraceError(.io, "cannot open: \(error)", file: path)
    }
  }

  private mutating func consume(_ bytes: Span<UInt8>) throws(TraceError) {
    for index in bytes.indices {
      column += 1
      let byte = bytes[index]
      if let digit = Self.digit(byte) {
        try take(digit: digit)
      } else {
        try take(other: byte)
      }
    }
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case 0x30...0x39: UInt64(byte - 0x30)
    case 0x61...0x66: UInt64(byte - 0x57)
    case 0x41...0x46: UInt64(byte - 0x37)
    default: nil
    }
  }

  private mutating func take(digit: UInt64) throws(TraceError) {
    guard state != .carriageReturn else { throw error(.badRecord, "text after a carriage return") }
    guard value >> 60 == 0 else { throw error(.range, "the mask has more than 64 bits") }
    value = value << 4 | digit
    state = state == .start && digit == 0 ? .zero : .digits
  }

  private mutating func take(other byte: UInt8) throws(TraceError) {
    switch (byte, state) {
    case (0x0a, .zero), (0x0a, .digits), (0x0a, .carriageReturn): try endLine()
    case (0x0d, .zero), (0x0d, .digits): state = .carriageReturn
    case (0x78, .zero), (0x58, .zero): state = .prefix
    case (0x0a, _), (0x0d, .start), (0x0d, .prefix):
      throw error(.badRecord, "a line without a mask")
    default: throw error(.badRecord, "not a hexadecimal mask")
    }
  }

  private mutating func endLine() throws(TraceError) {
    let count = splitter.split(mask: UInt128(value), address: address, lineBytes: 64)
    var padded = 0
    var wire = 0
    for index in 0..<count {
      let shape = splitter[index]
      padded += shape.paddedBytes
      wire += cost.memoryWrite(shape, address: address)
    }
    output.append(hex: value)
    for number in [count, value.nonzeroBitCount, padded, wire] {
      output.append("," as Unicode.Scalar)
      output.append(decimal: UInt64(number))
    }
    output.append("\n" as Unicode.Scalar)
    if output.isFull { try output.flush() }
    line += 1
    value = 0
    column = 0
    state = .start
  }

  private mutating func finish() throws(TraceError) {
    switch state {
    case .zero, .digits, .carriageReturn: try endLine()
    case .prefix: throw error(.truncated, "the last line ends after 0x")
    case .start: break
    }
    guard line > 1 else { throw TraceError(.empty, "there are no masks", file: file) }
    try output.flush()
  }

  private func error(_ code: TraceError.Code, _ message: String) -> TraceError {
    TraceError(code, message, file: file, line: line, column: column)
  }
}
