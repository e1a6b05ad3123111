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
      let padding = String(repeating: " ", count: width - source.name.count)
      let answer = source.answer.rawValue
      lines.append(
        source.name + padding + "  " + answer
          + String(repeating: " ", count: max(0, 7 - answer.count)) + "  " + source.reason)
    }
    for source in sources where source.answer != .no && !source.capture.isEmpty {
      lines += ["", "\(source.name): \(source.holds)"]
      lines += source.capture.map { "    " + $0 }
      if let importing = source.importing { lines.append("    " + importing) }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
