public import TraceCore

/// Output of `lspci -xxxx` (or `-x`, `-xxx`), any number of devices.
///
/// A device is a line `[domain:]bus:device.function ...`, lines of `-v` text that start with a
/// blank, and lines `offset: byte byte ...` of 16 hexadecimal bytes each.
public enum LspciDump {
  /// One device's bytes, from offset 0.
  public struct Device: Sendable, Equatable {
    public var function: PCIFunction
    /// 16 to 4096 bytes.
    public var bytes: [UInt8]
    /// Line of its heading, from 1.
    public var line: UInt64
  }

  /// Reads a dump.
  ///
  /// - Parameters:
  ///   - text: The file's bytes; LF or CR LF line ends.
  ///   - file: Name for errors.
  /// - Returns: The devices in the file's order; at least one.
  /// - Throws: `TraceError` with the line: a device twice or without bytes, offsets with a gap,
  ///   lines that are neither heading nor bytes, more than 4096 bytes.
  public static func parse(
    _ text: [UInt8], file: String? = nil
  ) throws(TraceError) -> [Device] {
    var parser = Parser(file: file)
    var start = text.startIndex
    while start < text.endIndex {
      let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
      try parser.take(text[start..<end])
      start = end + 1
    }
    return try parser.finish()
  }

  private struct Parser {
    let file: String?
    var line: UInt64 = 0
    var devices: [Device] = []
    var seen: Set<PCIFunction> = []

    init(file: String?) { self.file = file }

    mutating func take(_ raw: ArraySlice<UInt8>) throws(TraceError) {
      line += 1
      let content = raw.last == UInt8(ascii: "\r") ? raw.dropLast() : raw
      guard let first = content.first else { return }
      if first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") { return }
      let fields = content.split(separator: UInt8(ascii: " "))
      guard let head = fields.first else { return }
      if head.last == UInt8(ascii: ":") {
        try row(head.dropLast(), fields.dropFirst())
      } else {
        try heading(head)
      }
    }

    private mutating func heading(_ field: ArraySlice<UInt8>) throws(TraceError) {
      guard let function = PCIFunction(String(decoding: field.prefix(32), as: UTF8.self)) else {
        throw error(.badRecord, "neither a device nor a row of bytes")
      }
      try requireBytes()
      guard seen.insert(function).inserted else {
        throw error(.badRecord, "device \(function) appears twice")
      }
      devices.append(Device(function: function, bytes: [], line: line))
    }

    private mutating func row(
      _ offset: ArraySlice<UInt8>, _ fields: ArraySlice<ArraySlice<UInt8>>
    ) throws(TraceError) {
      guard !devices.isEmpty else { throw error(.badRecord, "bytes before any device") }
      guard let offset = number(offset, digits: 1...3) else {
        throw error(.badRecord, "the offset is not hexadecimal")
      }
      let expected = devices[devices.count - 1].bytes.count
      guard offset == expected else {
        throw error(
          .badRecord,
          "offset 0x\(hex(UInt64(offset))) where "
            + (expected < ConfigBytes.size ? "0x\(hex(UInt64(expected)))" : "the end") + " is due")
      }
      guard fields.count == 16 else {
        throw error(.badRecord, "a row has 16 bytes, this one \(fields.count)")
      }
      for field in fields {
        guard let byte = number(field, digits: 2...2) else {
          throw error(.badRecord, "a byte is not two hexadecimal digits; run lspci as root")
        }
        devices[devices.count - 1].bytes.append(UInt8(byte))
      }
    }

    func finish() throws(TraceError) -> [Device] {
      try requireBytes()
      guard !devices.isEmpty else { throw error(.empty, "no device in the dump") }
      return devices
    }

    private func requireBytes() throws(TraceError) {
      guard let device = devices.last, device.bytes.isEmpty else { return }
      throw TraceError(
        .badRecord, "device \(device.function) has no bytes; use lspci -xxxx", file: file,
        line: device.line)
    }

    /// A hexadecimal number of a permitted length.
    private func number(_ text: ArraySlice<UInt8>, digits: ClosedRange<Int>) -> Int? {
      guard digits.contains(text.count) else { return nil }
      var value = 0
      for character in text {
        guard let digit = Character(Unicode.Scalar(character)).hexDigitValue else { return nil }
        value = value << 4 | digit
      }
      return value
    }

    private func error(_ code: TraceError.Code, _ message: String) -> TraceError {
      TraceError(code, message, file: file, line: max(line, 1))
    }
  }
}
