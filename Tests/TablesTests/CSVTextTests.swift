import Tables
import Testing

struct CSVTextTests {
  /// RFC 4180, section 2, rules 5 to 7; LF stands for its CRLF.
  @Test(
    "a cell is quoted only where a comma, a quote or a line end stands in it",
    arguments: [
      ("", ""), ("plain", "plain"), (" blank ", " blank "), ("a,b", "\"a,b\""),
      ("say \"so\"", "\"say \"\"so\"\"\""), ("\"", "\"\"\"\""), ("two\nlines", "\"two\nlines\""),
      ("carriage\rreturn", "\"carriage\rreturn\""), ("dos\r\nline", "\"dos\r\nline\""),
      ("semi;colon", "semi;colon"), ("µs", "µs"), ("!#$%&'()*+-", "!#$%&'()*+-"),
    ])
  func quoting(text: String, cell: String) {
    #expect(CSVText.cell(text) == cell)
    #expect(CSVText.row(["x", text, ""]) == "x," + cell + ",")
    var table = CSVText(header: ["x", text])
    table.add([text, nil])
    #expect(table.text == "x," + cell + "\n" + cell + ",\n")
  }

  @Test func `what was taken is not written again`() {
    var table = CSVText(header: ["a"])
    #expect(table.take() == "a\n")
    table.add(["1"])
    #expect(table.take() == "1\n" && table.text.isEmpty)
  }
}
