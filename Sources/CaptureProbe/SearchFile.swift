internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Looks for texts in a file, a piece at a time.
///
/// - Parameters:
///   - path: The file; up to 1 GiB of it is read.
///   - texts: Of up to 4 KiB.
/// - Returns: Those that it holds; nil where it cannot be read.
func search(_ path: String, for texts: [String]) -> Set<String>? {
  guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
  defer { try? file.close() }
  let needles = texts.map { (text: $0, bytes: Array($0.utf8)) }
  // The end of one piece stands before the next, so that no text falls between two.
  let overlap = 4096
  var buffer = [UInt8](repeating: 0, count: overlap + (1 << 20))
  var found: Set<String> = []
  var kept = 0
  for _ in 0..<1024 where found.count < texts.count {
    let room = kept..<buffer.count
    let count = try? unsafe buffer.withUnsafeMutableBytes {
      try unsafe file.read(into: unsafe UnsafeMutableRawBufferPointer(rebasing: $0[room]))
    }
    guard let count else { return nil }
    guard count > 0 else { break }
    let end = kept + count
    for needle in needles where !found.contains(needle.text) {
      let isThere = unsafe buffer.withUnsafeBytes { unsafe holds($0, end, needle.bytes) }
      if isThere { found.insert(needle.text) }
    }
    kept = min(overlap, end)
    buffer.replaceSubrange(0..<kept, with: Array(buffer[end - kept..<end]))
  }
  return found
}

/// The first `count` bytes hold others.
private func holds(_ bytes: UnsafeRawBufferPointer, _ count: Int, _ needle: [UInt8]) -> Bool {
  guard let base = bytes.baseAddress, let first = needle.first else { return needle.isEmpty }
  var start = 0
  while start + needle.count <= count {
    let room = count - needle.count + 1 - start
    guard let hit = unsafe memchr(base + start, Int32(first), room) else { return false }
    if unsafe memcmp(hit, needle, needle.count) == 0 { return true }
    start = unsafe UnsafeRawPointer(hit) - base + 1
  }
  return false
}
