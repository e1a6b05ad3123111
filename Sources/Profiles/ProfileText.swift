import Results

/// Profiles as text for people and as CSV for programs.
public enum ProfileText {
  /// Columns that a line may have.
  public static let width = 100

  /// The list of all profiles: kind, name, description.
  public static func list(_ library: ProfileLibrary) -> [String] {
    rows(library).map { row in
      let start = padded(row.kind, 8) + padded(row.name, 18)
      return hanging(start, row.summary)
    }.flatMap { $0 }
  }

  /// `kind,name,description`.
  public static func listCSV(_ library: ProfileLibrary) -> [String] {
    ["kind,name,description"]
      + rows(library).map { csv([$0.kind, $0.name, $0.summary]) }
  }

  private static func rows(
    _ library: ProfileLibrary
  ) -> [(kind: String, name: String, summary: String)] {
    library.profiles.map { profile in
      guard profile.kind == .link else {
        return (profile.kind.rawValue, profile.name, profile.summary)
      }
      return (
        "link", "gen1x1 to gen7x32",
        "Any generation (1 to 7) and width (1, 2, 4, 8, 12, 16, 32): gen4x16, gen5x8,mps=512"
      )
    }
  }

  /// One profile with unit, status and source of every value.
  public static func table(_ profile: Profile) -> [String] {
    var head = "\(profile.kind.rawValue) \(profile.name)"
    if let parent = profile.extends { head += " (extends \(parent))" }
    var lines = hanging("", head + ": " + profile.summary)
    lines.append("")
    lines.append(
      padded("key", 28) + padded("value", 9) + padded("unit", 8) + padded("status", 11) + "source")
    for setting in profile.settings {
      let start =
        padded(setting.key, 28) + padded(setting.value.text, 9) + padded(setting.unit, 8)
        + padded(setting.status.rawValue, 11)
      lines += hanging(start, setting.source)
    }
    return lines
  }

  /// `kind,profile,key,value,unit,status,source`; without a head.
  public static func tableCSV(_ profile: Profile) -> [String] {
    profile.settings.map { setting in
      csv([
        profile.kind.rawValue, profile.name, setting.key, setting.value.text, setting.unit,
        setting.status.rawValue, setting.source,
      ])
    }
  }

  /// The head of ``tableCSV(_:)``.
  public static let tableHead = "kind,profile,key,value,unit,status,source"

  /// Pads to a column; always leaves one space.
  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  /// A text broken at spaces, its later lines indented to the end of `start`.
  private static func hanging(_ start: String, _ text: String) -> [String] {
    let indent = String(repeating: " ", count: start.count)
    var lines: [String] = []
    var line = start
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = indent
        isEmpty = true
      }
      line += isEmpty ? String(word) : " " + word
      isEmpty = false
    }
    return lines + [line]
  }

  /// One row of CSV (RFC 4180), without its line end.
  private static func csv(_ fields: [String]) -> String {
    fields.map { field in
      guard field.contains(where: { ",\"\n\r".contains($0) }) else { return field }
      return "\""
        + field.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"") + "\""
    }.joined(separator: ",")
  }
}
