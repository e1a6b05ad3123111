/// Writes a message of Protocol Buffers, field by field.
///
/// Source: protobuf.dev, "Encoding": a field is a varint of number and wire type, then a varint (0),
/// eight bytes with the lowest first (1), or a length and so many bytes (2).
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// A field of an integer type other than sint and fixed, or of an enumeration.
  mutating func add(_ field: Int, _ value: UInt64) {
    varint(UInt64(field) << 3)
    varint(value)
  }

  /// A field of type fixed64.
  mutating func add(_ field: Int, fixed64 value: UInt64) {
    varint(UInt64(field) << 3 | 1)
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// A field of type string.
  mutating func add(_ field: Int, _ text: String) { add(field, text.utf8) }

  /// A field of bytes, or of a message that is encoded.
  mutating func add(_ field: Int, _ content: some Collection<UInt8>) {
    varint(UInt64(field) << 3 | 2)
    varint(UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  /// A field of a message that a body fills.
  mutating func add(_ field: Int, _ fill: (inout ProtobufWriter) -> Void) {
    var message = ProtobufWriter()
    fill(&message)
    add(field, message.bytes)
  }

  /// Fields of the same message that are encoded.
  mutating func append(_ fields: some Collection<UInt8>) { bytes.append(contentsOf: fields) }

  /// Hands over what there is, and begins anew.
  mutating func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
