import FoundationEssentials

/// A JSON document as a value, so that a key is written even where its value is null.
enum JSONValue: Encodable {
  case null
  case flag(Bool)
  case count(UInt64)
  case integer(Int64)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(_ value: UInt64?) { self = value.map { .count($0) } ?? .null }
  init(_ value: String?) { self = value.map { .text($0) } ?? .null }
  init(_ value: Bool?) { self = value.map { .flag($0) } ?? .null }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    if case .object(let members) = self {
      var container = encoder.container(keyedBy: Key.self)
      for (key, value) in members { try container.encode(value, forKey: Key(stringValue: key)) }
      return
    }
    if case .list(let items) = self {
      var container = encoder.unkeyedContainer()
      for item in items { try container.encode(item) }
      return
    }
    var container = encoder.singleValueContainer()
    switch self {
    case .null, .list, .object: try container.encodeNil()
    case .flag(let value): try container.encode(value)
    case .count(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    }
  }

  /// The document with sorted keys, indented, ending in a line feed.
  var document: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    } catch {
      // No case of this type can fail to encode: non-finite numbers become words above.
      preconditionFailure("JSON encoding failed: \(error)")
    }
  }
}
