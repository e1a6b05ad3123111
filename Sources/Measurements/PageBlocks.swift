public import TraceCore

/// Puts tables into a page that is otherwise written by hand.
///
/// A block stands between the lines `<!-- bench: NAME -->` and `<!-- end -->`; what was between
/// them is replaced.
///
/// - Parameters:
///   - page: The page's text.
///   - file: Its path, for messages.
///   - contents: Text of a block by its name; nil where there is no such block.
/// - Returns: The page with every block filled.
/// - Throws: ``TraceError`` `.configuration` with the line, for an unknown name or a block
///   without end.
public func fillBlocks(
  of page: String, file: String, contents: (String) -> String?
) throws(TraceError) -> String {
  var lines: [Substring] = []
  var open: (line: UInt64, text: String)?
  var number: UInt64 = 0
  for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
    number += 1
    if line == "<!-- end -->", let block = open {
      if !block.text.isEmpty { lines.append(contentsOf: ["", Substring(block.text)]) }
      lines.append(line)
      open = nil
    } else if line.hasPrefix("<!-- bench: "), line.hasSuffix(" -->") {
      let name = String(line.dropFirst(12).dropLast(4))
      guard open == nil, let text = contents(name) else {
        let problem = open == nil ? "no table is called '\(name)'" : "the block above has no end"
        throw TraceError(.configuration, problem, file: file, line: number)
      }
      lines.append(line)
      open = (number, text)
    } else if open == nil {
      lines.append(line)
    }
  }
  if let block = open {
    throw TraceError(.configuration, "the block has no end", file: file, line: block.line)
  }
  return lines.joined(separator: "\n")
}

extension BenchTables {
  /// The page over all runs with this run's tables.
  ///
  /// - Parameters:
  ///   - page: Its text, with blocks named after ``all`` and `run`, which names the run's folder.
  ///   - file: Its path, for messages.
  ///   - folder: The run's folder beside the page.
  /// - Returns: The page with every block filled.
  /// - Throws: ``TraceError`` `.configuration` for an unknown block.
  public func page(
    _ page: String, file: String, folder: String
  ) throws(TraceError) -> String {
    try fillBlocks(of: page, file: file) { name in
      if name == "run" {
        return "From [\(folder)](\(folder)/README.md), [raw](\(folder)/raw.csv).\n"
      }
      guard let entry = Self.all.first(where: { $0.name == name }) else { return nil }
      let text = entry.text(self)
      return text.isEmpty ? "Not measured in this run.\n" : text
    }
  }
}
