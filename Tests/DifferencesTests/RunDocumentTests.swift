import Testing
import TraceCore

@testable import Differences

/// What is no result says so, and why.
struct RunDocumentTests {
  @Test(arguments: [
    ("{", "run.json"), ("[]", "has another type"), ("{}", "'schema_version' is missing"),
    (#"{ "schema_version": 1 }"#, "'tool' is missing"),
    (Document.text([]), "it has no scenario"),
    (Document.text([Document.scenario("a")], schema: 2), "schema_version is 2"),
    (
      Document.text([Document.scenario("a", totals: #""mwr": -1"#)]),
      "'scenarios[0].totals.mwr' has another type"
    ),
    (
      Document.text([Document.scenario("a", totals: #""mwr": 1.5"#)]),
      "'scenarios[0].totals.mwr' has another type"
    ),
    (
      Document.text([Document.scenario("a")], findings: ["{}"]),
      "'findings[0].code' is missing"
    ),
  ])
  func `an error names the key`(text: String, message: String) {
    let error = failure { _ = try Document.run(text) }
    #expect(error?.code == .configuration)
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "none")")
  }

  @Test func `a document cut anywhere is an error`() throws {
    let text = Document.text(
      [Document.scenario("a", settings: #""k": "ü""#, totals: #""mwr": 3"#)],
      findings: [Document.finding("ORD001", "a", region: "r", count: 2)])
    let bytes = Array(text.utf8)
    _ = try RunDocument(json: bytes, path: "run.json")
    for count in 0..<bytes.count {
      let error = failure { _ = try RunDocument(json: Array(bytes[..<count]), path: "run.json") }
      #expect(error?.code == .configuration, "\(count) bytes")
    }
  }

  @Test func `keys that nobody knows yet are no error`() throws {
    let text = Document.text([Document.scenario("a", totals: #""future": { "x": { "y": 1 } }"#)])
    let difference = try Document.difference(text, text)
    #expect(difference.values("a", nil, "future.x.y") == [1, 1])
  }
}
