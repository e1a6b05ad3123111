import Foundation
import Testing

/// A JSON document, read with Foundation: another reader than the program's.
struct JSON {
  var value: Any?

  init(_ value: Any?) { self.value = value }

  init(_ text: String) throws {
    value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
  }

  subscript(key: String) -> JSON { JSON((value as? [String: Any])?[key]) }
  subscript(index: Int) -> JSON { JSON(list.indices.contains(index) ? list[index].value : nil) }

  var keys: Set<String> { Set((value as? [String: Any] ?? [:]).keys) }
  var list: [JSON] { (value as? [Any] ?? []).map { JSON($0) } }
  var text: String? { value as? String }
  var integer: UInt64? { (value as? NSNumber)?.uint64Value }
  var isNull: Bool { value is NSNull }

  /// The same for equal values.
  var sortedText: Data {
    get throws {
      try JSONSerialization.data(
        withJSONObject: value ?? [], options: [.sortedKeys, .fragmentsAllowed])
    }
  }

  /// The count of a counter by its name; nil where there is none.
  func counter(_ name: String) -> UInt64? {
    self["counters"].list.first { $0["name"].text == name }?["count"].integer
  }
}

/// The rows of a CSV text without quoted cells, the first one the header.
func rows(_ text: String) -> [[String]] {
  text.split(separator: "\n").map { line in
    line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}
