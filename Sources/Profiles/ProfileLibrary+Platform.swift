public import Containment
import Results
public import TraceCore

extension ProfileLibrary {
  /// A platform by name, or from a user's file.
  ///
  /// - Parameters:
  ///   - nameOrFile: See ``isFile(_:)``.
  ///   - overrides: `platform.KEY=VALUE` or `platform.KEY=a|b`, each key once.
  /// - Returns: The platform and what its values might be instead.
  /// - Throws: ``TraceError`` with code `configuration`, or `io` for a file.
  public func platform(
    _ nameOrFile: String, overrides: [String] = []
  ) throws(TraceError) -> PlatformSettings {
    let profile = try load(.platform, nameOrFile: nameOrFile)
    var values = profile.values
    _ = try values.apply(overrides, to: [.platform])
    var settings = ModelSettings.blank
    for value in values { SettingKey.named(value.key)?.store(&settings, value.value) }
    return PlatformSettings(
      name: profile.name, summary: profile.summary, platform: settings.platform,
      values: values.map(\.setting).sorted { $0.key < $1.key }, choices: Self.choices(values))
  }

  /// Only words and flags decide an outcome: the ends of a number's range are not tried.
  private static func choices(_ values: [SourcedValue]) -> [PlatformSettings.Choice] {
    values.sorted { $0.key < $1.key }.compactMap { value in
      guard let key = SettingKey.named(value.key), !value.range.isEmpty, !key.type.isOrdered
      else { return nil }
      let options = value.range.map { other in
        (
          text: other.text,
          apply: { @Sendable (platform: inout Platform) in
            var settings = ModelSettings.blank
            settings.platform = platform
            key.store(&settings, other)
            platform = settings.platform
          }
        )
      }
      return PlatformSettings.Choice(key: key.shortName, options: options)
    }
  }
}
