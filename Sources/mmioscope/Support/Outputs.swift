import ArgumentParser
import SystemPackage
import TraceCore
import TraceIO

/// What a command writes: all of it is complete before any of it has its name.
///
/// Where something fails, nothing new is there: no file, and no folder that was made for one. Should a
/// complete file not get its name, those before it stay, but not the first one, which speaks of the others.
struct Outputs: ~Copyable {
  /// Hands over a text, in one or more pieces.
  typealias Body = ((String) throws(TraceError) -> Void) throws(TraceError) -> Void

  /// A text in one piece, made when it is written.
  static func text(_ make: @escaping () -> String) -> Body {
    { (sink) throws(TraceError) in try sink(make()) }
  }

  private var files: [OutputFile] = []
  /// Folders that were not there before, outer ones first.
  private var made: [String] = []

  private init() {}

  /// Writes what a body adds.
  ///
  /// - Parameter fill: Adds outputs, the one that speaks of the others first.
  /// - Throws: ``TraceError`` where a folder or file cannot be written, or from the body.
  static func write(_ fill: (inout Outputs) throws(TraceError) -> Void) throws(TraceError) {
    var outputs = Outputs()
    do throws(TraceError) {
      try fill(&outputs)
      for file in outputs.files.reversed() { try file.commit() }
    } catch {
      // What is not complete goes first: it may have a name in the folder.
      outputs.files = []
      for folder in outputs.made.reversed() { FileDescriptor.removeEmptyDirectory(folder) }
      throw error
    }
  }

  /// Adds a file or standard output, where there is a path.
  mutating func add(_ path: String?, pieces body: Body) throws(TraceError) {
    if let path { files.append(try .filled(path, body)) }
  }

  /// The same of a text in one piece, which is asked for only where there is a path.
  mutating func add(_ path: String?, _ text: () -> String) throws(TraceError) {
    try add(path) { (sink) throws(TraceError) in try sink(text()) }
  }

  /// Adds a folder's files, where there is a path; makes it where it is missing.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - files: Names, and what hands over their texts, one after the other.
  /// - Throws: ``TraceError`` where the folder or a file cannot be written.
  mutating func add(
    folder path: String?, _ files: [(name: String, body: Body)]
  ) throws(TraceError) {
    guard let path else { return }
    try make(path)
    for (name, body) in files { try add(path + "/" + name, pieces: body) }
  }

  /// Makes a folder, and those that it lies in, where they are missing.
  private mutating func make(_ path: String) throws(TraceError) {
    var prefix = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      prefix += part + "/"
      do {
        if try FileDescriptor.makeDirectory(prefix) { made.append(prefix) }
      } catch let error {
        throw TraceError(.io, "cannot make the folder: \(error)", file: path)
      }
    }
  }

  // MARK: Options

  /// Refuses options that would be in each other's way on standard output.
  ///
  /// - Parameters:
  ///   - folder: What `-o` names.
  ///   - paths: Those of the other options, by option.
  /// - Throws: `ValidationError`.
  static func check(
    folder: String? = nil, _ paths: [(option: String, path: String?)]
  ) throws {
    if folder == "-" {
      throw ValidationError(
        "-o names a folder; for standard output there are "
          + listed(paths.map { $0.option + " -" }))
    }
    guard paths.count(where: { $0.path == "-" }) <= 1 else {
      throw ValidationError("only one of \(listed(paths.map(\.option))) can be -")
    }
  }

  private static func listed(_ names: [String]) -> String {
    names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
  }
}
