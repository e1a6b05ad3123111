import Results
import Testing

@testable import Reporting

/// Tables whose cells take several lines.
@Suite struct WrappedTableTests {
  private func table(_ rows: [[String]]) -> TextTable {
    var table = TextTable([
      .init(title: "name"), .init(title: "faults", wraps: true),
      .init(title: "outcome", wraps: true),
    ])
    for row in rows { table.add(row.map { .init(text: $0) }) }
    return table
  }

  /// By hand: 4 + 2 + 13 + 2 + 17 = 38 columns; of 30, the outcome gives way until both have 11.
  @Test func `the widest column gives way, and no word is lost`() {
    let table = table([["a", "ur ca timeout", "contained or lost"], ["b", "-", "lost"]])
    #expect(table.width == 38)
    #expect(
      table.blocks(color: false, within: 38).map { $0 } == table.lines(color: false).map { [$0] })
    #expect(
      table.blocks(color: false, within: 30) == [
        ["name  faults       outcome"],
        ["a     ur ca        contained", "      timeout      or lost"], ["b     -            lost"],
      ])
  }

  /// Two Han characters and `バー` take two columns each, é one however it is composed.
  @Test func `wide characters take two columns, so that what follows stays below its title`() {
    let names = ["a": 1, "漢字": 4, "バー2": 5, "e\u{301}té": 3, "é": 1, "가": 2]
    for (name, columns) in names { #expect(terminalColumns(name) == columns, "\(name)") }
    let lines = table([["漢字", "x", "y"], ["abcd", "x", "y"]]).lines(color: false)
    #expect(lines == ["name  faults  outcome", "漢字  x       y", "abcd  x       y"])
  }

  @Test func `no column is narrower than its longest word`() {
    let blocks = table([["a", "ur ca timeout", "contained or lost"]]).blocks(
      color: false, within: 1)
    #expect(
      blocks == [
        ["name  faults   outcome"],
        ["a     ur ca    contained", "      timeout  or lost"],
      ])
  }
}
