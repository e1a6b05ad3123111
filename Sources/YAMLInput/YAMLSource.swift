import TraceCore
import Yams

/// The text of a configuration file, and how places in it are reported.
final class YAMLSource {
  let file: String
  let text: String

  init(file: String, text: String) {
    self.file = file
    self.text = text
  }

  /// An error at a place; Yams counts columns in Unicode scalars, we in bytes.
  func error(_ message: String, at mark: Mark?) -> TraceError {
    guard let mark, mark.line > 0 else {
      return TraceError(.configuration, message, file: file)
    }
    return TraceError(
      .configuration, message, file: file, line: UInt64(mark.line), column: byteColumn(mark))
  }

  private func byteColumn(_ mark: Mark) -> Int {
    let lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false)
    guard mark.line <= lines.count else { return mark.column }
    let scalars = Substring(lines[mark.line - 1]).unicodeScalars
    return scalars.prefix(max(0, mark.column - 1)).reduce(1) { $0 + UTF8.width($1) }
  }

  /// The document's tree; nil where the text holds none.
  func compose() throws(TraceError) -> Node? {
    do {
      // Rules and encoding are given so that Yams does not look at its environment variable, and
      // leaves words like `on` and `1:20` alone.
      return try Yams.compose(yaml: text, .basic, .default, .utf8)
    } catch let problem as YamlError {
      throw error(problem)
    } catch {
      throw TraceError(.configuration, "not YAML: \(error)", file: file)
    }
  }

  private func error(_ problem: YamlError) -> TraceError {
    switch problem {
    case .scanner(let context, let text, let mark, _), .parser(let context, let text, let mark, _),
      .composer(let context, let text, let mark, _):
      let about = context.map { " (\($0.text), line \($0.mark.line))" } ?? ""
      return error("not YAML: \(text)\(about)", at: mark)
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
      return error("duplicate key \(names) in one mapping; this is the first", at: context.mark)
    case .reader(let text, _, _, _):
      return TraceError(.configuration, "not YAML: \(text)", file: file)
    case .memory:
      // libYAML says so when its limit of nesting is reached.
      return TraceError(.configuration, "not YAML: nested too deeply", file: file)
    default:
      return TraceError(.configuration, "not YAML: \(problem)", file: file)
    }
  }
}

extension UTF8 {
  fileprivate static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case ..<0x80: 1
    case ..<0x800: 2
    case ..<0x1_0000: 3
    default: 4
    }
  }
}
