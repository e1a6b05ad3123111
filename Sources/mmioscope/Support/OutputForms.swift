import ArgumentParser
import TraceCore

/// One form of a command's result that has an option of its own.
struct OutputForm<Content> {
  /// `--json`, ...
  let option: String
  /// Where it goes; `-` is standard output, nil where it is not asked for.
  let path: String?
  let body: (Content, (String) throws(TraceError) -> Void) throws(TraceError) -> Void

  /// A text that is made in one piece.
  init(_ option: String, _ path: String?, _ text: @escaping (Content) -> String) {
    self.init(option, path) { (content, sink) throws(TraceError) in try sink(text(content)) }
  }

  init(
    _ option: String, _ path: String?,
    pieces body: @escaping (Content, (String) throws(TraceError) -> Void) throws(TraceError) -> Void
  ) {
    self.option = option
    self.path = path
    self.body = body
  }
}

/// Options that say where a command's result goes: a folder for all files, or forms alone.
///
/// A new form is an option, and its line in ``forms``: the rest follows.
protocol OutputForms: ParsableArguments {
  associatedtype Content

  /// What `-o` names.
  var directory: String? { get }
  /// Files of that folder.
  func files(_ content: Content) -> [(name: String, body: Outputs.Body)]
  var forms: [OutputForm<Content>] { get }
}

extension OutputForms {
  var directory: String? { nil }
  func files(_ content: Content) -> [(name: String, body: Outputs.Body)] { [] }

  func validate() throws {
    try Outputs.check(folder: directory, forms.map { ($0.option, $0.path) })
  }

  /// One of them goes to standard output.
  var usesStandardOutput: Bool { forms.contains { $0.path == "-" } }

  /// Nothing is asked for: the result goes to the terminal.
  var isNone: Bool { directory == nil && forms.allSatisfy { $0.path == nil } }

  /// Adds everything asked for.
  ///
  /// - Parameters:
  ///   - content: The result.
  ///   - outputs: What the command writes.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func add(_ content: Content, to outputs: inout Outputs) throws(TraceError) {
    try outputs.add(folder: directory, files(content))
    for form in forms {
      try outputs.add(form.path) { (sink) throws(TraceError) in try form.body(content, sink) }
    }
  }

  /// Writes everything asked for.
  ///
  /// - Parameter content: The result.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func write(_ content: Content) throws(TraceError) {
    try Outputs.write { outputs throws(TraceError) in try add(content, to: &outputs) }
  }
}
