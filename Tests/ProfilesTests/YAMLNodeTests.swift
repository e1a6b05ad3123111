import Testing
import TraceCore

@testable import YAMLInput

@Suite struct YAMLNodeTests {
  struct Number: CustomTestStringConvertible {
    var text: String
    /// nil where it must be refused.
    var value: UInt64?
    var testDescription: String { text }
  }

  @Test(arguments: [
    Number(text: "0", value: 0), Number(text: "64", value: 64), Number(text: "0x40", value: 64),
    Number(text: "0x10000000000", value: 1 << 40), Number(text: "0xFf", value: 255),
    Number(text: "1_000", value: 1000), Number(text: "18446744073709551615", value: .max),
    Number(text: "0xffffffffffffffff", value: .max), Number(text: "18446744073709551616"),
    Number(text: "0x10000000000000000"), Number(text: "-1"), Number(text: "010"),
    Number(text: "0o10"), Number(text: "1e3"), Number(text: "1.0"), Number(text: "0x"),
    Number(text: "_"), Number(text: "\"5\""), Number(text: "'0x5'"), Number(text: "+5"),
    Number(text: "five"), Number(text: "~"), Number(text: ""), Number(text: "[5]"),
    Number(text: "{a: 5}"), Number(text: "1:30"), Number(text: "٣"),
  ])
  func `integers are decimal or hexadecimal, exact, and nothing else`(_ row: Number) throws {
    let node = try node(row.text)
    #expect((try? node.integer(in: 0...(.max))) == row.value)
  }

  @Test func `the range's edges are in, their neighbours out`() throws {
    for (text, isAllowed) in [("3", false), ("4", true), ("9", true), ("10", false)] {
      let node = try node(text)
      #expect(((try? node.integer(in: 4...9)) != nil) == isAllowed, "\(text)")
    }
  }

  @Test(arguments: [
    Number(text: "4096", value: 4096), Number(text: "0x1000", value: 4096),
    Number(text: "16KiB", value: 16_384), Number(text: "1MiB", value: 1_048_576),
    Number(text: "2GiB", value: 1 << 31), Number(text: "1TiB", value: 1 << 40),
    Number(text: "0x10KiB", value: 16_384), Number(text: "\"16KiB\"", value: 16_384),
    Number(text: "16777215TiB", value: 16_777_215 << 40), Number(text: "16777216TiB"),
    Number(text: "16kB", value: 16_000), Number(text: "16MB", value: 16_000_000),
    Number(text: "2GB", value: 2_000_000_000), Number(text: "0x10TB", value: 16_000_000_000_000),
    Number(text: "18446745TB"), Number(text: "16KB"), Number(text: "16M"), Number(text: "16K"),
    Number(text: "16B"),
    Number(text: "16 KiB"), Number(text: "1.5MiB"), Number(text: "KiB"), Number(text: "-1KiB"),
    Number(text: "16kib"), Number(text: "010KiB"),
  ])
  func `sizes take binary units and decimal ones`(_ row: Number) throws {
    let node = try node(row.text)
    #expect((try? node.byteSize(in: 0...(.max))) == row.value)
  }

  @Test func `a wrong unit is named`() throws {
    let node = try node("16KB")
    #expect(
      failure { () throws(TraceError) in try node.byteSize(in: 0...(.max)) }
        .hasPrefix("f:1:6: configuration: key: unit 'KB' is not accepted: write bytes, or KiB"))
  }

  @Test(arguments: [
    ("true", true), ("false", false), ("yes", nil), ("on", nil), ("True", nil), ("1", nil),
    ("\"true\"", nil), ("", nil),
  ])
  func `booleans are true and false`(text: String, value: Bool?) throws {
    let node = try node(text)
    #expect((try? node.boolean()) == value)
  }

  @Test func `errors name file, line, column and dotted key`() throws {
    let text = "top:\n  - name: a\n  - name: b\n    size: big\n"
    let root = try YAMLDocument(text: text, file: "dir/f.yaml").root
    let items = try root.mapping(allowed: ["top"]).required("top").sequence()
    let second = try items[1].mapping(allowed: ["name", "size"])
    let place = "dir/f.yaml:4:11: configuration: top[1].size: "
    #expect(
      failure { () throws(TraceError) in try second.required("size").integer(in: 0...9) }
        == place + "expected a number, found 'big'")
    #expect(
      failure { () throws(TraceError) in try second.required("size").sequence() }
        == place + "expected a sequence, found 'big'")
    #expect(
      failure { () throws(TraceError) in try second.required("size").mapping(allowed: []).node.path
      }
        == place + "expected a mapping, found 'big'")
    #expect(
      failure { () throws(TraceError) in try second.required("kind").string() }
        == "dir/f.yaml:3:5: configuration: top[1]: missing key 'kind'")
    #expect(
      failure { () throws(TraceError) in try items[1].mapping(allowed: ["name", "sizes"]).node.path
      }
        == "dir/f.yaml:4:5: configuration: top[1]: unknown key 'size'; did you mean 'sizes'?")
  }

  @Test func `a key that is no word is an error`() {
    let error = failure { () throws(TraceError) in
      try YAMLDocument(text: "? [a, b]\n: 1\n", file: "f").root.mapping(allowed: ["a"]).node.path
    }
    #expect(error == "f:1:3: configuration: a key must be a word")
  }

  @Test func `keys that differ only in quotes are duplicates`() {
    let error = failure { () throws(TraceError) in
      try YAMLDocument(text: "a: 1\n\"a\": 2\n", file: "f").root.mapping(allowed: ["a"]).node.path
    }
    #expect(error.contains("duplicate key 'a'"), "\(error)")
  }

  /// Distances counted by hand.
  @Test(arguments: [
    ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("same", "same", 0), ("ab", "ba", 2),
  ])
  func `edit distance`(left: String, right: String, distance: Int) {
    #expect(editDistance(Array(left.utf8), Array(right.utf8)) == distance)
  }
}
