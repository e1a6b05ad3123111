public import Results

/// One file of the folder that `reset -o` writes.
public struct ResetFile: Sendable {
  public var name: String
  public var contents: @Sendable (ResetAudit) -> String

  /// What `-o DIR` writes.
  public static let all: [ResetFile] = [
    ResetFile(name: "reset.md", contents: resetMarkdown),
    ResetFile(name: "resets.csv", contents: resetsCSV),
    ResetFile(name: "reset_rows.csv", contents: resetRowsCSV),
    ResetFile(name: "reset.json", contents: resetJSON),
  ]
}
