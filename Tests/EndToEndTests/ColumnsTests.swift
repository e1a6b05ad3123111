import Testing

/// How wide the output is: as a terminal, as COLUMNS says, or as it comes.
struct ColumnsTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func text(_ command: String, columns: String? = nil) throws -> String {
    let trace = Repository.trace("nvme-flr")
    let setting = columns.map { "COLUMNS=\($0) " } ?? ""
    let outcome = try scratch.shell(
      "\(setting)\"$MMIOSCOPE\" \(command.replacing("TRACE", with: "'\(trace)'"))")
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  /// Names and messages of this trace hold no three dots themselves.
  @Test func `what is no terminal gets everything`() throws {
    let whole = try text("compare TRACE")
    #expect(!whole.contains("...") && whole.contains { !$0.isASCII } == false)
    #expect(whole.split(separator: "\n").contains { $0.count > 160 })
    // What is no number of columns is none.
    for columns in ["''", "0", "-80", "wide"] {
      #expect(try text("compare TRACE", columns: columns) == whole)
    }
    #expect(try text("compare TRACE", columns: "80").contains("..."))
  }

  /// The tables of the last two have words that need more than 80.
  @Test(arguments: [
    ("compare TRACE", 80), ("info TRACE --sections --registers 5", 80),
    ("why TRACE --record 100", 80), ("reset TRACE", 110),
    ("contain TRACE --platform pcie-server", 95),
  ])
  func `so many columns are no more`(command: String, columns: Int) throws {
    let lines = try text(command, columns: "\(columns)").split(separator: "\n")
    let wide = lines.filter { $0.count > columns }
    #expect(wide.isEmpty, "\(wide.first ?? "")")
    #expect(try text(command).split(separator: "\n").contains { $0.count > columns })
  }
}
