import Testing
import TraceCore

@Suite struct `Trace errors` {
  struct Row: CustomTestStringConvertible, Sendable {
    var error: TraceError
    var text: String
    var testDescription: String { text }

    init(_ error: TraceError, _ text: String) {
      self.error = error
      self.text = text
    }
  }

  @Test(arguments: [
    Row(TraceError(.empty, "no records"), "empty: no records"),
    Row(TraceError(.io, "no such file", file: "a.mmt"), "a.mmt: io: no such file"),
    Row(TraceError(.badRecord, "x", file: "-", line: 3), "-:3: bad-record: x"),
    Row(TraceError(.badRecord, "x", file: "f", line: 3, column: 9), "f:3:9: bad-record: x"),
    Row(TraceError(.range, "x", line: 3, column: 9), "line 3:9: range: x"),
    Row(TraceError(.range, "x", file: "f", column: 9), "f: range: x"),
    Row(
      TraceError(.checksum, "x", file: "f", byteOffset: 12), "f: checksum: x (byte offset 12)"),
    Row(TraceError(.compression, "x", record: 0), "compression: x (record 0)"),
    Row(
      TraceError(.truncated, "x", file: "f", byteOffset: 1, record: 2),
      "f: truncated: x (byte offset 1, record 2)"),
  ])
  func `an error says where, what kind and what`(row: Row) {
    #expect(row.error.description == row.text)
  }

  @Test(arguments: [
    (TraceError.Code.io, "io"), (.brokenPipe, "broken-pipe"), (.empty, "empty"),
    (.unknownFormat, "unknown-format"), (.compression, "compression"), (.checksum, "checksum"),
    (.truncated, "truncated"), (.badRecord, "bad-record"), (.range, "range"),
    (.configuration, "configuration"), (.internal, "internal"),
  ])
  func `codes are stable words`(code: TraceError.Code, word: String) {
    #expect(code.rawValue == word)
  }
}
