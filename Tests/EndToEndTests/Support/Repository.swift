import Foundation

/// The checked-out repository that these tests were built from.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  static func path(_ name: String) -> String { root + "/" + name }

  static func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  static func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: path(name))
  }

  /// Names of the captures in `Traces`, without `.mmt`.
  static let traces: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path("Traces"))) ?? []
    return names.filter { $0.hasSuffix(".mmt") }.map { String($0.dropLast(4)) }.sorted()
  }()

  static func trace(_ name: String) -> String { path("Traces/\(name).mmt") }

  /// Files below a folder with an extension, as paths from the root, sorted.
  static func files(below folder: String, ending: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: path(folder))?.compactMap { $0 as? String }
    return (names ?? []).filter { $0.hasSuffix(ending) }.map { folder + "/" + $0 }.sorted()
  }

  /// Golden files are to be written again, not compared.
  static let updatesGoldens = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"
}
