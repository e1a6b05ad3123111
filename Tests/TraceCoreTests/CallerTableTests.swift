import Testing
import TraceCore

@Suite struct `Callers by text` {
  @Test func `texts are numbered in order, each once`() {
    var table = CallerTable()
    #expect(table.code(for: "a+0x1") == 0x5359_4d42_0000_0000)
    #expect(table.code(for: "b -> c") == 0x5359_4d42_0000_0001)
    #expect(table.code(for: "a+0x1") == 0x5359_4d42_0000_0000)
    #expect(table[CallerTable.base + 1] == "b -> c")
    #expect(table[CallerTable.base + 2] == nil && table[0x1000] == nil)
    #expect(table.shown(CallerTable.base) == "a+0x1" && table.shown(0x1000) == "0x1000")
  }

  @Test(arguments: ["", "12", "dead", "0x12", "0x", "ABC"])
  func `what would read as a number is no text`(_ text: String) {
    var table = CallerTable()
    #expect(table.code(for: text) == nil && table.texts.isEmpty)
  }

  @Test func `there is an end to texts and to their length`() {
    var table = CallerTable()
    #expect(table.code(for: String(repeating: "s", count: 257)) == nil)
    #expect(table.code(for: String(repeating: "s", count: 256)) != nil)
    for index in 1..<CallerTable.limit { _ = table.code(for: "f+\(index)") }
    #expect(table.texts.count == 65_536)
    #expect(table.code(for: "one more") == nil)
    #expect(table.code(for: "f+65535") == CallerTable.range.upperBound - 1)
  }
}
