import Litmus
import Testing
import TraceCore

/// Wrong texts: an error with the place, and what was expected; places counted by hand.
struct ErrorTests {
  struct Wrong: CustomTestStringConvertible, Sendable {
    var text: String
    var line: UInt64
    var column: Int
    /// A part of the message.
    var says: String
    var testDescription: String { says }
  }

  static let headers = [
    Wrong(text: "AArch64 MP\n", line: 1, column: 1, says: "expected 'MMIO NAME', found 'AArch64'"),
    Wrong(text: "MMIO\n{}", line: 1, column: 5, says: "expected a name after 'MMIO'"),
    Wrong(text: "MMIO T\n\"title\n{", line: 2, column: 1, says: "does not end with '\"'"),
    Wrong(text: "MMIO T (* x\n", line: 1, column: 8, says: "a comment that does not end"),
    Wrong(text: "MMIO T\nFabrik=pcie\n", line: 2, column: 1, says: "did you mean 'Fabric'?"),
    Wrong(text: "MMIO T\nFabric=pci\n", line: 2, column: 8, says: "it may be direct|pcie"),
    Wrong(text: "MMIO T\nLine=48\n", line: 2, column: 6, says: "a power of two, 8 to 4096"),
    Wrong(text: "MMIO T\nFabric\n{", line: 3, column: 1, says: "expected '=' after the key"),
    Wrong(text: "MMIO T\n(* *)\n", line: 3, column: 1, says: "found the end of the text"),
    Wrong(text: "MMIO T\n\u{1}", line: 2, column: 1, says: "a control character, 0x1"),
    Wrong(text: "MMIO T\n{ X ! }", line: 2, column: 5, says: "unexpected character '!'"),
    Wrong(text: "MMIO T\n{ ä: memory }", line: 2, column: 3, says: "unexpected character 'ä'"),
  ]

  /// Entries of the section in braces, which starts at column 3 of line 2.
  static let entries: [(String, Int, String)] = [
    ("X bar", 5, "expected ':', found 'bar'"),
    ("X: bar", 10, "expected '+OFFSET' after the peripheral 'bar', found '}'"),
    ("X: fnction", 14, "did you mean 'function'?"),
    ("X: bar+y", 10, "expected an offset, found 'y'"),
    ("X: bar+0 stage1 normal-nc", 12, "expected 'size BYTES', found 'stage1'"),
    ("X: bar+0 size 0", 17, "a number of bytes is '0'; it may be 1 to 4096"),
    ("X: bar+0 size 8", 3, "location 'X' needs 'stage1 TYPE'"),
    ("X: bar+0 size 8 stage1 normalnc", 26, "did you mean 'normal-nc'?"),
    ("X: bar+0 size 8 stage1 0x02", 26, "MAIR byte '0x02' is reserved"),
    ("X: bar+0 size 8 stage1 normal-nc stage2 0x4", 43, "MemAttr '0x4' is reserved"),
    ("X: bar+0 size 8 stage1 normal-nc stage2 normal-wt fwb", 43, "no encoding of 'normal-wt'"),
    ("X: bar+0 size 8 stage1 normal-nc policy kvm", 43, "unknown policy 'kvm'"),
    ("X: bar+0 size 8 stage1 normal-nc stage2 5 policy none", 52, "not both"),
    ("X: bar+0 size 8 stag1 normal-nc", 19, "did you mean 'stage1'?"),
    ("X: bar+0 size 1 stage1 normal-nc = 256", 38, "it may be 0 to 255"),
    ("F: memory; F: memory", 14, "a second location 'F'"),
    ("d: function; d: function", 16, "a second function 'd'"),
    ("b: mmio; b: mmio", 12, "a second peripheral 'b'"),
    ("b: mmio of d", 14, "unknown function 'd'; declare it with 'd: function'"),
    ("b: mmio tc 8", 14, "it may be 0 to 7"),
    ("X: bar+0 size 8 stage1 device-ngre stage1 normal-nc", 38, "a second 'stage1'"),
    ("X: bar+0 size 8 stage1 normal-nc xs0 xs1", 40, "a second 'xs'"),
    ("X: bar+0 size 8 stage1 normal-nc = 1 = 2", 40, "a second '='"),
    ("b: mmio tc 1 tc 2", 16, "a second 'tc'"),
  ]

  @Test(arguments: headers) func `a wrong header`(wrong: Wrong) { Self.check(wrong) }

  @Test(arguments: entries) func `a wrong entry`(entry: (text: String, column: Int, says: String)) {
    let isLate = entry.says.contains("function 'd'; declare")
    let text = "MMIO T\n{ \(entry.text) }\n" + (isLate ? " P0;\nallowed true" : "")
    Self.check(Wrong(text: text, line: 2, column: entry.column, says: entry.says))
  }

  /// A cell, which starts at column 2 of line 8, or the line behind it.
  static let cells: [(String, Int, String)] = [
    ("STRX #1,[X]", 2, "unknown instruction 'STRX'; did you mean 'STR.X'?"),
    ("STR.W r0,[X]", 8, "a data dependency is written after the address: '#1,[X] data r0'"),
    ("STR.W #1 [X]", 11, "expected ',', found '['"),
    ("STR.W #1,[Z]", 12, "unknown location 'Z'; there is X, Y, F"),
    ("STR.W #1,[X+61]", 2, "bytes 61 to 64 of 'X', which has 64"),
    ("STRB #256,[X]", 8, "'256' does not fit in 1 byte"),
    ("STR.W #zz,[X]", 9, "expected a number, found 'zz'"),
    ("STR #1,[X]", 12, "expected 'size BYTES', found ';'"),
    ("STR.W #1,[X] size 4", 15, "'addr REGISTER'"),
    ("ST1 #1,[X] size 65", 18, "it may be 1 to 64"),
    ("LDR.W r0", 10, "expected ',', found ';'"),
    ("LDP.X r0,r1,[X]", 11, "names one, which gets all bytes"),
    ("DMB", 5, "one of SY, ST, LD"), ("DC IVAC,[X]", 5, "expected 'ZVA', found 'IVAC'"),
    ("l: DMB SY", 2, "only a load or store can have a label"),
    ("CFGW d", 8, "',FLR'"), ("CFGW e,FLR", 7, "unknown function 'e'"),
    ("CFGW d,FOO", 9, "'MEM=0'"), ("CFGW d,MEM=2", 13, "it may be 0 to 1"),
    ("CFGW d,+0xffe", 2, "which has 4096"),
    ("STR.X #1,[X] | DMB SY", 15, "more cells than columns"),
    ("a: STR.X #1,[X]; a: STR.X #1,[X]", 19, "a second access labelled 'a'"),
    ("STR.X #1,[X]; allowed (a", 26, "expected '->', '~', '=', ':' or '('"),
    ("STR.X #1,[X]; allowed (a -> c", 30, "no access is labelled 'c'; there is a"),
    ("STR.X #1,[X]; exists Z=1", 23, "unknown location 'Z'"),
    ("LDR.X r0,[X]; exists P1:r0=1", 23, "unknown agent 'P1'; did you mean 'P0'?"),
    ("LDR.X r0,[X]; exists P0:r1=1", 26, "loads no register 'r1'; did you mean 'r0'?"),
    ("STR.X #1,[X]; exists whol(a)", 23, "did you mean 'whole'?"),
    (
      "STR.X #1,[X]; requires (arrives(a))", 16,
      "unknown claim 'requires'; did you mean 'required'?"
    ),
    ("STR.W #1,[X] addr r7", 20, "no earlier load of agent 'P0' fills 'r7'"),
    ("LDR.W r1,[X]; STR.W #1,[X,r2]", 28, "no earlier load of agent 'P0' fills 'r2'"),
    ("LDR.W r1,[X] addr r1", 20, "no earlier load of agent 'P0' fills 'r1'"),
    ("CBNZ r7; LDR.W r7,[X]", 7, "no earlier load of agent 'P0' fills 'r7'"),
    ("STR.X #1,[X]; exists fault(a,3)", 31, "it may be 1 to 2"),
    ("STR.X #1,[X]; ~ allowed true", 18, "expected 'exists' after '~'"),
    ("STR.X #1,[X]; allowed true true", 29, "expected 'allowed', 'forbidden' or 'required'"),
  ]

  @Test(arguments: cells) func `a wrong cell or claim`(
    cell: (text: String, column: Int, says: String)
  ) {
    Self.check(
      Wrong(text: Fixture.text([cell.text]), line: 8, column: cell.column, says: cell.says))
  }

  private static func check(_ wrong: Wrong) {
    let error = Fixture.failure(wrong.text)
    #expect(error?.code == .configuration)
    #expect(error?.file == "t.litmus")
    #expect(error?.line == wrong.line && error?.column == wrong.column, "\(error.debugDescription)")
    #expect(error?.message.contains(wrong.says) == true, "\(error.debugDescription)")
  }

  @Test func `an empty text is told apart`() {
    for text in ["", " \n", "(* nothing *)"] {
      let error = Fixture.failure(text)
      #expect(error?.code == .empty && error?.message == "there are no programs", "\(text)")
    }
  }

  @Test func `bytes that are no text say where`() {
    let bytes = Array("MMIO T\nSource=a".utf8) + [0xff]
    #expect(throws: TraceError(.configuration, "not UTF-8 text", file: "t", line: 2, column: 9)) {
      try LitmusTest.parse(bytes, file: "t")
    }
  }

  @Test func `two programs need two names`() {
    let one = Fixture.text(["STR.X #1,[X]"])
    let error = Fixture.failure(one + "\n" + one)
    #expect(error?.message == "a second program named 'T'" && error?.line == 10)
  }
}
