import Foundation
import Testing

/// Compares with a file in `Golden/`; `UPDATE_GOLDEN=1` rewrites it and fails.
func expectGolden(_ text: String, _ name: String) throws {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  let file = folder.appendingPathComponent("Golden").appendingPathComponent(name)
  if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    Issue.record("rewrote \(name)")
    return
  }
  let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
  let difference = zip(text.split(separator: "\n"), expected.split(separator: "\n"))
    .first { $0 != $1 }
  // Not in the macro, which would print both texts whole.
  let isSame = text == expected
  #expect(
    isSame,
    "\(name) differs, first in: \(difference.map { "\($0)" } ?? "its length")")
}
