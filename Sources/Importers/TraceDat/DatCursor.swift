import TraceCore
import TraceIO

/// Goes over the metadata of a `trace.dat` file, little-endian.
struct DatCursor {
  private let file: any RandomAccess
  /// Offset in `file` of the next byte.
  var offset: UInt64
  /// Where in the file a decompressed section came from; nil where `file` is the file itself.
  private let section: UInt64?

  /// Bytes of one piece of metadata at most.
  static let limit: UInt64 = 64 << 20

  init(_ file: any RandomAccess, at offset: UInt64 = 0, section: UInt64? = nil) {
    self.file = file
    self.offset = offset
    self.section = section
  }

  /// An error at the cursor.
  func error(_ code: TraceError.Code, _ message: String) -> TraceError {
    TraceError(code, message, file: file.path, byteOffset: section ?? offset)
  }

  mutating func take(_ count: UInt64, _ what: String) throws(TraceError) -> [UInt8] {
    guard count <= Self.limit else {
      throw error(.range, "\(what) of \(count) bytes; at most \(Self.limit) are read")
    }
    let bytes = try file.bytes(at: offset, count: Int(count))
    guard bytes.count == Int(count) else { throw error(.truncated, "the file ends in \(what)") }
    offset += count
    return bytes
  }

  mutating func number(_ size: UInt64, _ what: String) throws(TraceError) -> UInt64 {
    try take(size, what).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A text that ends with a zero byte; at most 4096 bytes.
  mutating func text(_ what: String) throws(TraceError) -> String {
    let bytes = try file.bytes(at: offset, count: 4096)
    guard let end = bytes.firstIndex(of: 0) else {
      throw error(bytes.count < 4096 ? .truncated : .badRecord, "expected \(what)")
    }
    offset += UInt64(end) + 1
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  /// A text whose length stands in front of it.
  mutating func sizedText(_ size: UInt64, _ what: String) throws(TraceError) -> String {
    String(decoding: try take(try number(size, what), what), as: UTF8.self)
  }

  /// A number that counts things, within a bound.
  mutating func count(
    _ size: UInt64, _ what: String, limit: UInt64
  ) throws(TraceError) -> Int {
    let start = self
    let value = try number(size, what)
    guard value <= limit else {
      throw start.error(.range, "expected \(what) of at most \(limit), found \(value)")
    }
    return Int(value)
  }

  mutating func skip(_ count: UInt64, _ what: String) throws(TraceError) {
    let (sum, over) = offset.addingReportingOverflow(count)
    guard !over else { throw error(.range, "\(what) ends beyond 2^64") }
    offset = sum
  }
}
