import TraceCore
import YAMLInput

/// Built-in profiles as they are asked for: a run needs few of them, and decoding all would take
/// longer than many a trace does.
final class BuiltInDecoder {
  private var decoded: [Int: Profile] = [:]

  /// The profile of a file.
  ///
  /// - Parameter index: Among ``BuiltInProfiles/files``.
  /// - Returns: The complete profile.
  /// - Throws: ``TraceError`` where the file is wrong: a defect of this program.
  func profile(at index: Int) throws(TraceError) -> Profile {
    if let known = decoded[index] { return known }
    let (name, bytes) = BuiltInProfiles.files[index]
    let document = try YAMLDocument(bytes: bytes, file: "built-in " + name)
    let profile = try Profile(document) { kind, name throws(TraceError) in
      // The one that is extended stands before, so that none extends itself.
      guard let base = BuiltInProfiles.index(of: kind, named: name), base < index else {
        return nil
      }
      return try self.profile(at: base)
    }
    decoded[index] = profile
    return profile
  }

  func profile(_ kind: ProfileKind, named name: String) throws(TraceError) -> Profile? {
    guard let index = BuiltInProfiles.index(of: kind, named: name) else { return nil }
    return try profile(at: index)
  }
}
