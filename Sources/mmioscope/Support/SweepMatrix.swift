import Profiles
import TraceCore
import YAMLInput

/// The settings of a sweep as a file: a YAML mapping of keys to a value or a list of values.
enum SweepMatrix {
  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - library: Knows the profiles' names.
  ///   - others: Settings that are no profile value, each with its words.
  /// - Returns: What `--set` would say, in the order of the file.
  /// - Throws: ``TraceError`` with file and line for a wrong key or value.
  static func read(
    _ path: String, library: ProfileLibrary, others: [String: [String]]
  ) throws(TraceError) -> [String] {
    let known =
      SettingKey.all.map(\.name) + ["cpu", "rc", "root-complex", "link", "device"]
      + others.keys.sorted()
    let root = try YAMLDocument(path: path).root
    let settings = try root.mapping(allowed: known)
    var texts: [String] = []
    for key in settings.keys {
      let node = try settings.required(key)
      var values: [String] = []
      for item in try node.items() { values.append(try item.string()) }
      let text = key + "=" + values.joined(separator: ",")
      do throws(TraceError) {
        _ = try SweepGrid([text], library: library, others: others)
      } catch {
        // What is about a profile's file says so itself.
        guard error.file == nil else { throw error }
        // `--set KEY=VALUE: what is wrong`, or that alone.
        var message = error.message[...]
        if message.hasPrefix("--set \(key)="), let colon = message.firstRange(of: ": ") {
          message = message[colon.upperBound...]
        }
        throw node.error(String(message))
      }
      texts.append(text)
    }
    guard !texts.isEmpty else { throw root.error("the matrix names no setting") }
    return texts
  }
}
