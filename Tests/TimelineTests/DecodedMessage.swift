/// A message of Protocol Buffers, taken apart by the wire format alone (protobuf.dev, "Encoding").
struct DecodedMessage {
  enum Value: Equatable {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes([UInt8])
  }

  struct Damage: Error {}

  private(set) var fields: [(number: Int, value: Value)] = []

  init(_ bytes: some Collection<UInt8>) throws {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let tag = try Self.varint(&rest)
      switch tag & 7 {
      case 0: fields.append((Int(tag >> 3), .varint(try Self.varint(&rest))))
      case 1:
        guard rest.count >= 8 else { throw Damage() }
        let value = rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        fields.append((Int(tag >> 3), .fixed64(value)))
        rest = rest.dropFirst(8)
      case 2:
        let count = Int(try Self.varint(&rest))
        guard rest.count >= count else { throw Damage() }
        fields.append((Int(tag >> 3), .bytes(Array(rest.prefix(count)))))
        rest = rest.dropFirst(count)
      default: throw Damage()
      }
    }
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw Damage() }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    throw Damage()
  }

  /// The only value of a field; nil where it is missing.
  func value(_ number: Int) throws -> Value? {
    let found = fields.filter { $0.number == number }
    guard found.count <= 1 else { throw Damage() }
    return found.first?.value
  }

  func number(_ field: Int) throws -> UInt64? {
    switch try value(field) {
    case nil: return nil
    case .varint(let value): return value
    default: throw Damage()
    }
  }

  func text(_ field: Int) throws -> String? {
    switch try value(field) {
    case nil: return nil
    case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
    default: throw Damage()
    }
  }

  /// All messages of a field.
  func messages(_ field: Int) throws -> [DecodedMessage] {
    try fields.filter { $0.number == field }.map { field in
      guard case .bytes(let bytes) = field.value else { throw Damage() }
      return try DecodedMessage(bytes)
    }
  }

  func message(_ field: Int) throws -> DecodedMessage? {
    let all = try messages(field)
    guard all.count <= 1 else { throw Damage() }
    return all.first
  }
}
