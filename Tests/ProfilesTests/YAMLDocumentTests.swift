import Testing
import TraceCore

@testable import YAMLInput

/// Every error names file, line, column (counted by hand in the text) and key.
@Suite struct YAMLDocumentTests {
  struct Case: CustomTestStringConvertible {
    var text: String
    var error: String
    var testDescription: String { error }
  }

  @Test(arguments: [
    Case(text: "", error: "f: empty: the file holds no YAML document"),
    Case(text: "# only a comment\n", error: "f: empty: the file holds no YAML document"),
    Case(
      text: "a: 1\nb: [1, 2\n", error: "f:3:1: configuration: not YAML: did not find expected"),
    Case(text: "a: 1\n\tb: 2\n", error: "f:2:1: configuration: not YAML: found a tab"),
    Case(text: "a: 1\na: 2\n", error: "f:1:1: configuration: duplicate key 'a' in one mapping"),
    Case(text: "x: 1\ny:\n  a: 1\n  a: 2\n", error: "f:3:3: configuration: duplicate key 'a'"),
    Case(text: "a: &x 1\nb: *x\n", error: "f:1:4: configuration: anchors and aliases"),
    Case(text: "b: [*x]\n", error: "f:1:5: configuration: anchors and aliases"),
    Case(text: "*x : 1\n", error: "f:1:1: configuration: anchors and aliases"),
    Case(text: "a: \"# '\" \nb: *x\n", error: "f:2:4: configuration: anchors and aliases"),
    Case(text: "a: !!int 5\n", error: "f:1:4: configuration: a: tags are not accepted"),
    Case(text: "a: !mine 5\n", error: "f:1:4: configuration: a: tags are not accepted: '!mine'"),
    Case(text: "a: 1\u{0}\n", error: "f:1:5: configuration: control character 0x00"),
    Case(text: "a: 1\n---\nb: 2\n", error: "f:2:1: configuration: not YAML: but found another"),
  ])
  func `text that is not the accepted YAML is an error at its place`(_ row: Case) {
    let error = failure { () throws(TraceError) in
      try YAMLDocument(text: row.text, file: "f").root.path
    }
    #expect(error.hasPrefix(row.error), "\(error)")
  }

  @Test func `stars and ampersands that start no alias are accepted`() throws {
    // Before a blank, inside a word, and in comments no alias can start.
    let text = "# *important* &so, 'it'\na: R&D * 2 & 3*4 # *note\nb: 2*x\n"
    let root = try YAMLDocument(text: text, file: "f").root.mapping(allowed: ["a", "b"])
    #expect(try root.required("a").string() == "R&D * 2 & 3*4")
  }

  @Test func `a quote inside a comment-like text does not hide an alias`() {
    // The quoted text ends on the line that begins like a comment; the alias after it is real.
    let text = "a: [\"x\n  # y\", *z]\n"
    #expect(
      failure { () throws(TraceError) in try YAMLDocument(text: text, file: "f").root.path }
        .hasPrefix("f:2:9: configuration: anchors"))
  }

  @Test(arguments: [
    String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000),
    String(repeating: "{a: ", count: 100_000), String(repeating: "? ", count: 100_000),
  ])
  func `deep nesting ends as an error`(_ text: String) {
    let error = failure { () throws(TraceError) in
      try YAMLDocument(text: text, file: "f").root.path
    }
    #expect(error.hasPrefix("f") && error.contains("configuration: "))
  }

  @Test func `a text above the limit is refused, one at the limit is not`() throws {
    let limit = YAMLDocument.sizeLimit
    let atLimit = "a: 1\n" + String(repeating: "#", count: limit - 5)
    _ = try YAMLDocument(text: atLimit, file: "f")
    let error = failure { () throws(TraceError) in
      try YAMLDocument(text: atLimit + "#", file: "f").root.path
    }
    #expect(error == "f: configuration: more than 1048576 bytes of YAML")
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    let error = failure { () throws(TraceError) in
      try YAMLDocument(bytes: [0x61, 0x3a, 0x20, 0xff], file: "f").root.path
    }
    // The fourth byte of the first line.
    #expect(error == "f:1:4: configuration: the file is not UTF-8 text (byte offset 3)")
    // "é" is two bytes; 0xe2 0x82 begin a character of three that does not end.
    let second = failure { () throws(TraceError) in
      try YAMLDocument(bytes: Array("é: 1\na: ".utf8) + [0xe2, 0x82, 0x0a], file: "f").root.path
    }
    #expect(second == "f:2:4: configuration: the file is not UTF-8 text (byte offset 9)")
  }

  @Test(arguments: [
    ("/nowhere/at/all.yaml", "/nowhere/at/all.yaml: io: cannot read: "),
    ("/", "/: io: cannot read: "), ("/dev/null", "/dev/null: empty: the file is empty"),
    ("/dev/zero", "/dev/zero: configuration: larger than 1048576 bytes"),
  ])
  func `a file that cannot be used names itself`(path: String, prefix: String) {
    let error = failure { () throws(TraceError) in try YAMLDocument(path: path).root.path }
    #expect(error.hasPrefix(prefix), "\(error)")
  }

  @Test func `columns count bytes`() {
    // Two bytes for the letter and three for the sign: the key starts at byte 10.
    let error = failure { () throws(TraceError) in
      try YAMLDocument(text: "{é€: 1, a: 2}", file: "f").root.mapping(allowed: ["é€"]).node.path
    }
    #expect(error.hasPrefix("f:1:12: configuration: unknown key 'a'"), "\(error)")
  }
}
