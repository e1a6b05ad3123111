public import Results
public import TraceCore

/// One file of the folder that `reset -o` writes.
public struct ResetFile: Sendable {
  /// Takes a text piece by piece.
  public typealias Sink = (String) throws(TraceError) -> Void

  public var name: String
  public var write: @Sendable (ResetAudit, Sink) throws(TraceError) -> Void

  /// What `-o DIR` writes.
  public static let all: [ResetFile] = [
    ResetFile(name: "reset.md") { (audit, sink) throws(TraceError) in
      try sink(resetMarkdown(audit))
    },
    ResetFile(name: "resets.csv") { (audit, sink) throws(TraceError) in
      try resetsCSV(audit, to: sink)
    },
    ResetFile(name: "reset_rows.csv") { (audit, sink) throws(TraceError) in
      try resetRowsCSV(audit, to: sink)
    },
    ResetFile(name: "reset.json") { (audit, sink) throws(TraceError) in
      try resetJSON(audit, to: sink)
    },
  ]
}
