import Results
import Tables
public import TraceCore

/// Profiles as text for people and as CSV for programs.
public enum ProfileText {
  /// Columns that a line may have.
  public static let width = 100

  /// The list of all profiles: kind, name, description.
  public static func list(_ library: ProfileLibrary) throws(TraceError) -> [String] {
    try rows(library).map { row in
      let start = padded(row.kind, 9) + padded(row.name, 18)
      return hanging(start, row.summary)
    }.flatMap { $0 }
  }

  /// `kind,name,description`.
  public static func listCSV(_ library: ProfileLibrary) throws(TraceError) -> [String] {
    try ["kind,name,description"]
      + rows(library).map { CSVText.row([$0.kind, $0.name, $0.summary]) }
  }

  private static func rows(
    _ library: ProfileLibrary
  ) throws(TraceError) -> [(kind: String, name: String, summary: String)] {
    try library.profiles().map { profile in
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
    let rows = [["key", "value", "range", "unit", "status"]] + profile.settings.map(cells)
    let widths = rows[0].indices.map { column in
      rows.map { $0[column].count }.reduce(0, max) + 1
    }
    // Where the columns leave too little room, a source stands below its row.
    let isBelow = widths.reduce(0, +) > width - 30
    for (row, source) in zip(rows, ["source"] + profile.settings.map(\.source)) {
      let start = zip(row, widths).map(padded).joined()
      lines += isBelow ? [trimmed(start)] + hanging("    ", source) : hanging(start, source)
    }
    return lines
  }

  private static func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }

  private static func cells(_ setting: Setting) -> [String] {
    [
      setting.key, setting.value.text, setting.rangeText, setting.unit, setting.status.rawValue,
    ]
  }

  /// `kind,profile,key,value,unit,status,source,range`; without a head.
  public static func tableCSV(_ profile: Profile) -> [String] {
    profile.settings.map { setting in
      CSVText.row([
        profile.kind.rawValue, profile.name, setting.key, setting.value.text, setting.unit,
        setting.status.rawValue, setting.source, setting.rangeText,
      ])
    }
  }

  /// The head of ``tableCSV(_:)``.
  public static let tableHead = "kind,profile,key,value,unit,status,source,range"

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
    for word in words(text, within: width - indent.count) {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = indent
        isEmpty = true
      }
      line += isEmpty ? word : " " + word
      isEmpty = false
    }
    return lines + [line]
  }

  /// The words of a text, a path that is longer than a line in two.
  private static func words(_ text: String, within width: Int) -> [String] {
    text.split(separator: " ").flatMap { word -> [String] in
      guard word.count > width, let slash = word.prefix(width).lastIndex(of: "/") else {
        return [String(word)]
      }
      return [String(word[...slash]), String(word[word.index(after: slash)...])]
    }
  }
}
