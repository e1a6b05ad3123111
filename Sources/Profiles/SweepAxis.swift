import TraceCore
import YAMLInput

/// A setting of a sweep and the values that it takes in turn: one `--set KEY=V1,V2,…`.
public struct SweepAxis: Sendable, Equatable {
  /// `cpu.buffers`, `link`, or another name that the sweep was told of.
  public let name: String
  /// As written, at least one, each once.
  public let values: [String]

  /// Settings that are a whole profile each, in the order of options.
  static let profiles = ["cpu", "rc", "link", "device"]

  /// Parses `KEY=V1,V2,…`.
  ///
  /// A link's name may have commas of its own: what does not begin with `gen` belongs to the one
  /// before. A file's name may not.
  ///
  /// - Parameters:
  ///   - text: What follows `--set`.
  ///   - library: Knows the profiles' names.
  ///   - others: Settings that are no profile value, each with its words.
  /// - Throws: ``TraceError`` with the text and what is allowed instead; also for a range, because
  ///   a point of a sweep is one value, and for a value that is given twice.
  init(
    _ text: String, library: ProfileLibrary, others: [String: [String]]
  ) throws(TraceError) {
    guard let equals = text.firstIndex(of: "=") else {
      throw Self.error(text, "expected KEY=VALUE,VALUE,…")
    }
    let written = String(text[..<equals])
    name = written == "root-complex" ? "rc" : written
    values = Self.items(String(text[text.index(after: equals)...]), of: name)
    var seen: [String] = []
    for value in values {
      let plain = try Self.plainText(of: value, name, text, library, others)
      guard !seen.contains(plain) else { throw Self.error(text, "'\(value)' is given twice") }
      seen.append(plain)
    }
  }

  private static func items(_ text: String, of name: String) -> [String] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard name == "link" else { return parts }
    return parts.reduce(into: []) { items, part in
      if part.hasPrefix("gen") || !part.contains("=") || items.isEmpty {
        items.append(part)
      } else {
        items[items.count - 1] += "," + part
      }
    }
  }

  /// A value in the one spelling that tells whether two are the same.
  private static func plainText(
    of value: String, _ name: String, _ text: String, _ library: ProfileLibrary,
    _ others: [String: [String]]
  ) throws(TraceError) -> String {
    if let words = others[name] {
      guard words.contains(value) else {
        throw error(
          text, "'\(value)' is not allowed: one of " + words.joined(separator: ", "))
      }
      return value
    }
    switch name {
    case "link":
      let link = try LinkName(value)
      return link.values.map { "\($0.key)=\($0.value.text)" }.joined(separator: ",")
    case "cpu": return try library.load(.cpu, nameOrFile: value).name
    case "rc": return try library.load(.rc, nameOrFile: value).name
    case "device": return try library.load(.device, nameOrFile: value).name
    default: return try key(value, name, text, others)
    }
  }

  private static func key(
    _ value: String, _ name: String, _ text: String, _ others: [String: [String]]
  ) throws(TraceError) -> String {
    guard SettingKey.named(name) != nil else {
      let known = SettingKey.all.map(\.name) + profiles + others.keys.sorted()
      throw error(text, "unknown key '\(name)'" + didYouMean(name, among: known))
    }
    let change: Override
    do throws(TraceError) {
      change = try Override("\(name)=\(value)")
    } catch {
      // A range is refused for what it is, also where it is none of the key's.
      guard value.contains("..") || value.contains("|") else { throw error }
      throw range(text, value)
    }
    guard change.values.count == 1 else { throw range(text, value) }
    return change.values[0].text
  }

  private static func range(_ text: String, _ value: String) -> TraceError {
    error(
      text,
      "'\(value)' is a range; a sweep takes values, separated by commas (compare tries ranges)")
  }

  private static func error(_ text: String, _ message: String) -> TraceError {
    TraceError(.configuration, "--set \(text): \(message)")
  }
}
