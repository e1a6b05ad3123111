public import TraceCore
public import YAMLInput

/// The built-in profiles, and the way to a user's own.
public struct ProfileLibrary {
  /// How a user's profile is read; replaced in tests.
  public typealias Reader = (String) throws(TraceError) -> YAMLDocument

  /// What a scenario runs under where nothing else is said.
  public static let defaultCPU = "generic-arm64"
  public static let defaultRootComplex = "generic"
  /// Also what the generic link profile says.
  public static let defaultLink = "gen4x16"
  public static let defaultDevice = "generic"

  private let builtIns = BuiltInDecoder()
  private let read: Reader

  /// - Parameter read: Reads a user's profile; by default from the file system.
  public init(
    read: @escaping Reader = { path throws(TraceError) in try YAMLDocument(path: path) }
  ) {
    self.read = read
  }

  /// The built-in profiles, in the order of listings.
  ///
  /// - Returns: All of them, decoded.
  /// - Throws: ``TraceError`` when a built-in profile is wrong: a defect of this program.
  public func profiles() throws(TraceError) -> [Profile] {
    var all: [Profile] = []
    for index in BuiltInProfiles.files.indices { all.append(try builtIns.profile(at: index)) }
    return all
  }

  /// Names of the profiles of one kind; for links, every generation with every width.
  public func names(of kind: ProfileKind) -> [String] {
    guard kind == .link else { return BuiltInProfiles.names(of: kind) }
    return (1...7).flatMap { generation in
      [1, 2, 4, 8, 12, 16, 32].map { "gen\(generation)x\($0)" }
    }
  }

  /// The built-in profile of a kind and name; nil where there is none.
  ///
  /// - Throws: ``TraceError`` when it is wrong: a defect of this program.
  public func builtIn(
    _ kind: ProfileKind, named name: String
  ) throws(TraceError) -> Profile? {
    try builtIns.profile(kind, named: name)
  }

  /// The text of a built-in profile's file, to be copied and edited; nil where there is none.
  public func yaml(_ kind: ProfileKind, named name: String) -> String? {
    BuiltInProfiles.index(of: kind, named: name).map { index in
      String(decoding: BuiltInProfiles.files[index].bytes, as: UTF8.self)
    }
  }

  /// A text that contains `/` or ends in `.yaml` or `.yml` is a file, anything else a name.
  public static func isFile(_ nameOrFile: String) -> Bool {
    nameOrFile.contains("/") || nameOrFile.hasSuffix(".yaml") || nameOrFile.hasSuffix(".yml")
  }

  /// A profile by name, or from a user's file.
  ///
  /// - Parameters:
  ///   - kind: What it must describe.
  ///   - nameOrFile: See ``isFile(_:)``.
  /// - Returns: The complete profile.
  /// - Throws: ``TraceError`` with file, line and key, or with the names that exist.
  public func load(_ kind: ProfileKind, nameOrFile: String) throws(TraceError) -> Profile {
    if Self.isFile(nameOrFile) { return try loadFile(nameOrFile, kind: kind) }
    if let profile = try builtIn(kind, named: nameOrFile) { return profile }
    let known = BuiltInProfiles.names(of: kind)
    throw TraceError(
      .configuration,
      "no \(kind.rawValue) profile '\(nameOrFile)'" + didYouMean(nameOrFile, among: known)
        + " (a file's name contains '/' or ends in .yaml)")
  }

  /// Every profile that a text may mean, of any kind: built-in names, a link's name, or a file.
  ///
  /// - Parameter text: A profile's name, `KIND/NAME`, `gen4x16`, or a file.
  /// - Returns: One profile or more; several where kinds share a name.
  /// - Throws: ``TraceError`` where there is none, with the nearest names.
  public func profiles(matching text: String) throws(TraceError) -> [Profile] {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 2, let kind = ProfileKind(rawValue: parts[0]),
      let profile = try builtIn(kind, named: parts[1])
    {
      return [profile]
    }
    if Self.isFile(text) { return [try loadFile(text, kind: nil)] }
    var named: [Profile] = []
    for kind in ProfileKind.allCases {
      if let profile = try builtIn(kind, named: text) { named.append(profile) }
    }
    if !named.isEmpty { return named }
    if text.hasPrefix("gen"), text.dropFirst(3).first?.isNumber == true {
      return [try link(named: text)]
    }
    let known = Set(ProfileKind.allCases.flatMap(BuiltInProfiles.names)).sorted()
    throw TraceError(
      .configuration, "no profile '\(text)'" + didYouMean(text, among: known))
  }

  private func loadFile(_ path: String, kind: ProfileKind?) throws(TraceError) -> Profile {
    let document = try read(path)
    let profile = try Profile(document, base: builtIns.profile)
    if let kind, profile.kind != kind {
      throw document.root.error(
        "a profile of kind \(kind.rawValue) is needed, this is of kind"
          + " \(profile.kind.rawValue)")
    }
    // Reports name the profile; a changed copy must not pass for the original.
    guard BuiltInProfiles.index(of: profile.kind, named: profile.name) == nil else {
      throw document.root.error(
        "name: '\(profile.name)' is the name of a built-in profile; give yours a name of its own")
    }
    return profile
  }
}
