import Foundation
import FoundationXML
import Reporting
import Results
import Testing

/// A reader of JUnit's XML, by an XML parser that is not ours.
private final class Reader: NSObject, XMLParserDelegate {
  struct Element: Equatable {
    var name: String
    var attributes: [String: String]
    var text = ""
  }

  private(set) var elements: [Element] = []
  private var open: [Int] = []

  init?(_ text: String) {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    guard parser.parse() else { return nil }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    open.append(elements.count)
    elements.append(Element(name: name, attributes: attributes))
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    if let last = open.last { elements[last].text += text }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }

  func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }
}

struct GateJUnitTests {
  private static let report = GateReport(
    gate: "diff", subject: "old.json & new.json",
    cases: [
      .init(name: "mwr > +0%", outcome: .failed(["bar 2: mwr 1 -> 2", "<bar 3>: mwr 4 -> 5"])),
      .init(name: "findings", outcome: .passed),
      .init(name: "\"quoted\" 'name'\u{7}", outcome: .undecided("too big")),
    ])

  @Test func `conditions are test cases, and the suites count them`() throws {
    let reader = try #require(Reader(gateJUnit(Self.report)))
    for name in ["testsuites", "testsuite"] {
      let suite = try #require(reader.all(name).first)
      #expect(suite.attributes["tests"] == "3")
      #expect(suite.attributes["failures"] == "1")
      #expect(suite.attributes["errors"] == "1")
    }
    #expect(reader.all("testsuite").map { $0.attributes["name"] } == ["old.json & new.json"])
    // A control character has no form in XML 1.0.
    #expect(
      reader.all("testcase").map { $0.attributes["name"] } == [
        "mwr > +0%", "findings", "\"quoted\" 'name'?",
      ])
    let failure = try #require(reader.all("failure").first)
    #expect(failure.attributes["message"] == "bar 2: mwr 1 -> 2")
    #expect(failure.text == "bar 2: mwr 1 -> 2\n<bar 3>: mwr 4 -> 5")
    #expect(reader.all("failure").count == 1)
    #expect(reader.all("error").map { $0.attributes["message"] } == ["too big"])
  }

  @Test func `a gate without conditions has no cases`() throws {
    let text = gateJUnit(GateReport(gate: "match", subject: "a b", cases: []))
    let reader = try #require(Reader(text))
    #expect(reader.all("testsuite").map { $0.attributes["tests"] } == ["0"])
    #expect(reader.all("testcase").isEmpty)
  }
}
