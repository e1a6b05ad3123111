import Measurements
import Testing
import TraceCore

/// `raw.csv` says the same when it is read again, and damage is named.
struct RawTableTests {
  static let header =
    "part,command,input,cores,run,records,bytes,points,wall_s,cpu_s,peak_kib,instructions,note"

  private func table(_ lines: String...) throws -> RawTable {
    try RawTable(
      text: (["# commit: 1234abc", Self.header] + lines).joined(separator: "\n") + "\n",
      file: "raw.csv")
  }

  private func failure(_ text: String) throws -> TraceError {
    try #require(throws: TraceError.self) { _ = try RawTable(text: text, file: "raw.csv") }
  }

  @Test func `columns have their names`() throws {
    let table = try table("command,sweep,bursts,2,3,1000,500,12,0.25,0.5,2048,77,why not")
    let row = try #require(table.rows.first)
    #expect(row.part == .command && row.command == "sweep" && row.input == "bursts")
    #expect(row.cores == 2 && row.run == 3 && row.records == 1000 && row.bytes == 500)
    #expect(row.points == 12 && row.wall == 0.25 && row.cpu == 0.5 && row.peakKiB == 2048)
    #expect(row.instructions == 77 && row.note == "why not")
    #expect(table.fact("commit") == "1234abc" && table.fact("cpu") == nil)
  }

  @Test(arguments: ["plain", "with, comma", "\"quoted\"", "a \"\" b, c", ""])
  func `what is written is read again`(note: String) throws {
    var row = RawRow(
      .beside, command: "grep -c", input: "csv", cores: 1, run: 1, records: 7, bytes: 9)
    row.wall = 1.000001
    row.note = note
    let table = RawTable(facts: [("cpu", "a: b"), ("date", "2026-01-02")], rows: [row, row])
    #expect(try RawTable(text: table.text, file: "raw.csv") == table)
  }

  @Test func `line ends in a fact or note do not make lines`() throws {
    var row = RawRow(
      .start, command: "info", input: "-", cores: 1, run: 0, records: 0, bytes: 0)
    row.note = "two\nlines"
    let text = RawTable(facts: [("swift", "two\r\nlines")], rows: [row]).text
    #expect(text.split(separator: "\n").count == 3)
    let again = try RawTable(text: text, file: "raw.csv")
    #expect(again.fact("swift") == "two lines" && again.rows[0].note == "two lines")
  }

  @Test(
    arguments: [
      ("command,a,b,1,1,1,1,1,0.1,0.1,1,1", "expected 13 columns, found 12"),
      ("thing,a,b,1,1,1,1,1,0.1,0.1,1,1,", "unknown part 'thing'"),
      ("command,a,b,one,1,1,1,1,0.1,0.1,1,1,", "cores: expected a number, found 'one'"),
      ("command,a,b,1,1,-1,1,1,0.1,0.1,1,1,", "records: expected a number, found '-1'"),
      ("command,a,b,1,1,1,1,1,nan,0.1,1,1,", "wall_s: expected a number, found 'nan'"),
      ("command,a,b,1,1,1,1,1,0.1,,1,1,", "cpu_s: expected a number, found ''"),
      ("command,a,b,1,1,1,1,1,0.1,0.1,1,1,\"open", "a quote is not closed"),
    ])
  func `a bad row is named with its line`(line: String, message: String) throws {
    let error = try failure("# date: x\n\(Self.header)\n\(line)\n")
    #expect(error.code == .badRecord && error.message == message)
    #expect(error.file == "raw.csv" && error.line == 3)
  }

  @Test func `a file of another kind is refused`() throws {
    #expect(try failure("a,b,c\n").line == 1)
    #expect(try failure("# no colon\n").line == 1)
    #expect(try failure("").message == "no columns are named")
    #expect(try failure("# commit: 1\n").message == "no columns are named")
  }
}
