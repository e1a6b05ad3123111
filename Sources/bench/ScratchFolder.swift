import Foundation

/// A folder for generated inputs, which goes with the program.
struct ScratchFolder {
  let path: String

  init(_ parent: String?) throws {
    let base = parent.map { URL(fileURLWithPath: $0) } ?? FileManager.default.temporaryDirectory
    let name = "mmioscope-bench-\(ProcessInfo.processInfo.processIdentifier)"
    path = base.appendingPathComponent(name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Bytes of a file; 0 where there is none.
func fileSize(_ path: String) -> Int {
  let attributes = try? FileManager.default.attributesOfItem(atPath: path)
  return (attributes?[.size] as? NSNumber)?.intValue ?? 0
}
