internal import FoundationEssentials

extension CaptureReport {
  /// The report as one JSON document.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Texts and whole numbers only: nothing that JSON cannot hold.
    guard let data = try? encoder.encode(self) else { return "{}\n" }
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  /// The report for a terminal.
  public var text: String {
    var lines: [String] = []
    let width = sources.map(\.name.count).max() ?? 0
    for source in sources {
      lines.append(
        Self.padded(source.name, width) + "  " + Self.padded(source.answer.rawValue, 7) + "  "
          + source.reason)
    }
    for source in sources where !source.traits.isEmpty {
      lines += ["", "\(source.name): yes? and no? are concluded, not said by the program"]
      let width = source.traits.map(\.name.count).max() ?? 0
      for trait in source.traits {
        lines.append(
          "    " + Self.padded(trait.name, width) + "  " + Self.padded(trait.word, 7) + "  "
            + trait.evidence)
      }
    }
    for source in sources where source.answer != .no && !source.capture.isEmpty {
      lines += ["", "\(source.name): \(source.holds)"]
      lines += source.capture.map { "    " + $0 }
      if let importing = source.importing { lines.append("    " + importing) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
