import Results
import TraceCore
import YAMLInput

extension Profile {
  /// Decodes a profile.
  ///
  /// - Parameters:
  ///   - document: Keys `kind`, `name`, `description`, `extends`, `values`.
  ///   - base: The built-in profile of a kind and name, or nil.
  /// - Throws: ``TraceError`` with file, line and key.
  init(
    _ document: YAMLDocument, base: (ProfileKind, String) throws(TraceError) -> Profile?
  ) throws(TraceError) {
    let keys = ["kind", "name", "description", "extends", "values"]
    let root = try document.root.mapping(allowed: keys)
    kind = try ProfileKind(decoding: root.required("kind"))
    name = try root.required("name").string()
    summary = try root.required("description").string()
    extends = try root["extends"]?.string()
    values = []
    if let extends, let node = root["extends"] {
      guard let parent = try base(kind, extends) else {
        let hint = didYouMean(extends, among: BuiltInProfiles.names(of: kind))
        throw node.error("there is no built-in \(kind.rawValue) profile '\(extends)'\(hint)")
      }
      values = parent.values
    }
    try decodeValues(root.required("values"))
  }

  private mutating func decodeValues(_ node: YAMLNode) throws(TraceError) {
    let keys = SettingKey.keys(of: kind)
    let entries = try node.mapping(allowed: keys.map(\.shortName))
    for key in keys {
      if let entry = entries[key.shortName] {
        values.put(try SourcedValue(decoding: entry, as: key))
      } else if !values.contains(where: { $0.key == key.name }) {
        throw node.error("missing key '\(key.shortName)' (or 'extends' with a profile that has it)")
      }
    }
  }
}

extension ProfileKind {
  fileprivate init(decoding node: YAMLNode) throws(TraceError) {
    let text = try node.string()
    guard let kind = ProfileKind(rawValue: text) else {
      let known = ProfileKind.allCases.map(\.rawValue)
      throw node.error("unknown kind '\(text)'\(didYouMean(text, among: known))")
    }
    self = kind
  }
}

extension SourcedValue {
  /// Decodes one value with its unit, source and status.
  fileprivate init(decoding node: YAMLNode, as key: SettingKey) throws(TraceError) {
    let entry = try node.mapping(allowed: ["value", "range", "unit", "source", "status"])
    value = try key.decode(entry.required("value"))
    self.key = key.name
    unit = key.unit
    try key.checkUnit(of: entry)
    source = try entry.required("source").string()
    let statusNode = try entry.required("status")
    let text = try statusNode.string()
    let known: [Setting.Status] = [.specified, .measured, .assumed]
    guard let status = known.first(where: { $0.rawValue == text }) else {
      let hint = didYouMean(text, among: known.map(\.rawValue))
      throw statusNode.error("unknown status '\(text)'\(hint)")
    }
    self.status = status
    if let node = entry["range"] { range = try key.decodeRange(node, around: value) }
  }
}

extension SettingKey {
  fileprivate func decode(_ node: YAMLNode) throws(TraceError) -> ProfileValue {
    let (text, isPlain) = try node.scalar()
    guard isPlain || type.isText else {
      throw node.error("quoted text '\(text)' where a number, true or false belongs")
    }
    guard let value = type.parse(text) else {
      throw node.error("'\(text)' is not allowed for \(name): \(allowed)\(type.hint(text))")
    }
    return value
  }

  fileprivate func decodeRange(
    _ node: YAMLNode, around value: ProfileValue
  ) throws(TraceError) -> [ProfileValue] {
    var others: [ProfileValue] = []
    for item in try node.sequence() { others.append(try decode(item)) }
    do throws(RangeFault) {
      return try checkedRange(others, around: value)
    } catch {
      throw node.error(error.message)
    }
  }

  /// A unit is required where the key has one, so that nobody reads ns as cycles.
  fileprivate func checkUnit(of entry: YAMLMapping) throws(TraceError) {
    guard let node = entry["unit"] else {
      guard unit.isEmpty else { throw entry.node.error("missing key 'unit': it is '\(unit)'") }
      return
    }
    let text = try node.string()
    guard text == unit else {
      let expected = unit.isEmpty ? "\(name) has no unit" : "\(name) is in \(unit)"
      throw node.error("wrong unit '\(text)': \(expected)")
    }
  }
}
