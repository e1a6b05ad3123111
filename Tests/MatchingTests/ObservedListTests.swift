import Matching
import Results
import TestSupport
import Testing
import TraceCore
import TraceIO

/// How an observed list is read; rows and places are counted by hand.
@Suite struct ObservedListTests {
  /// What is compared, by way of a match with nothing.
  private func rows(_ text: String, chunk: Int = 1 << 18) throws -> [String] {
    try rows(Array(text.utf8), chunk: chunk)
  }

  private func rows(_ bytes: [UInt8], chunk: Int = 1 << 18) throws -> [String] {
    let list = try ObservedList(MemorySource(bytes, path: "o.csv"), chunk: chunk)
    let blank = Lists.blank(window: 100, lineBytes: 64, hasEnables: list.hasEnables)
    let matcher = TLPMatcher(list, Lists.context(), lineBytes: 64, window: 100)
    return try matcher.finish(blank).differences.flatMap(\.observed).map { tlp in
      let request = tlp.request
      let words = [
        "\(tlp.line)", tlp.tlp, request.isWrite ? "W" : "R", hex(request.address),
        "\(request.dwords)", byteEnables(request.firstEnables),
        byteEnables(request.lastEnables), tlp.timePs.map { "\($0)" },
      ]
      return words.compactMap { $0 }.joined(separator: " ")
    }
  }

  static let plain = """
    type,addr,length_dw,first_be,last_be,time_ps,tlp
    MWr64,0x10000000,16,1111,0001,1500,7
    mrd,0X1000004C,1,0xF,0x0,,

    """

  private static let read = [
    "2 7 W 10000000 16 1111 0001 1500", "3 R 1000004c 1 1111 0000",
  ]

  @Test func `rows have what their cells say`() throws {
    #expect(try rows(Self.plain) == Self.read)
  }

  @Test func `columns may stand in any order, and others between them`() throws {
    let text = """
      Lane,last_be,TIME_NS, tlp ,type,first_be,note,length_dw,addr
      x16,0001,1.5,7,MWr64,1111,"a ""b"", c",16,0x10000000
      ,,,,"mrd",1111,,1,0x1000004c

      """
    #expect(try rows(text) == Self.read)
    let list = try ObservedList(MemorySource(Array(text.utf8)))
    #expect(list.ignoredColumns == ["Lane", "note"])
  }

  @Test func `line ends, a byte order mark and a missing last line end make no difference`() throws
  {
    let crlf = Self.plain.replacing("\n", with: "\r\n")
    for text in [
      crlf, "\u{feff}" + Self.plain, "\u{feff}" + crlf, String(Self.plain.dropLast()),
      String(crlf.dropLast(1)),
    ] {
      #expect(try rows(text) == Self.read)
    }
    // A blank line has a number, but no row.
    let blank = Self.plain.replacing("mrd", with: "\n\r\nmrd")
    #expect(try rows(blank) == [Self.read[0], "5 R 1000004c 1 1111 0000"])
  }

  @Test func `a row may be cut anywhere on the way`() throws {
    let text = "\u{feff}" + Self.plain.replacing(",7\n", with: ",\"7, \"\"x\n\"\n")
    let whole = try rows(text)
    #expect(whole[1].hasPrefix("4 R"))
    for chunk in 1...text.utf8.count { #expect(try rows(text, chunk: chunk) == whole) }
  }

  @Test(arguments: [
    ("0", "0"), ("12", "12000"), ("12.3", "12300"), ("12.345", "12345"),
    ("18446744073709551.615", "18446744073709551615"),
  ])
  func `nanoseconds have up to three decimals`(text: String, ps: String) throws {
    let rows = try rows("type,addr,length_dw,time_ns\nMWr,0x10000000,1,\(text)\n")
    #expect(rows == ["2 W 10000000 1 1111 0000 \(ps)"])
  }

  struct Bad: CustomTestStringConvertible, Sendable {
    var row: String
    var says: String
    var testDescription: String { row }
  }

  static let header = "type,addr,length_dw,first_be,last_be,direction,time_ps,tlp\n"

  static let bad = [
    Bad(row: ",0x0,1,1111,0000,,,", says: "o.csv:3:1: bad-record: expected a type of TLP"),
    Bad(row: "MWr,10000000,1,1111,0000,,,", says: "o.csv:3:5: bad-record: expected a hexadecimal"),
    Bad(row: "MWr,0x,1,1111,0000,,,", says: "o.csv:3:5: bad-record"),
    Bad(row: "MWr,,1,1111,0000,,,", says: "o.csv:3:5: bad-record"),
    Bad(row: "MWr,0x+1,1,1111,0000,,,", says: "o.csv:3:5: bad-record"),
    Bad(row: "MWr,0x1fffffffffffffff0,1,1111,0000,,,", says: "o.csv:3:5: range"),
    Bad(row: "MWr,0xfffffffffffffffc,2,1111,1111,,,", says: "o.csv:3:5: range"),
    Bad(row: "MWr,0x10000002,1,1111,0000,,,", says: "o.csv:3:5: bad-record: expected the address"),
    Bad(row: "MWr,0x0,0,1111,0000,,,", says: "o.csv:3:9: range: expected a number of DWs"),
    Bad(row: "MWr,0x0,1025,1111,1111,,,", says: "o.csv:3:9: range"),
    Bad(row: "MWr,0x0,99999999999999999999,1111,1111,,,", says: "o.csv:3:9: range"),
    Bad(row: "MWr,0x0,+1,1111,0000,,,", says: "o.csv:3:9: bad-record"),
    Bad(row: "MWr,0x0,1,111,0000,,,", says: "o.csv:3:11: bad-record: expected four binary digits"),
    Bad(row: "MWr,0x0,1,,0000,,,", says: "o.csv:3:11: bad-record"),
    Bad(row: "MWr,0x0,1,0x10,0000,,,", says: "o.csv:3:11: bad-record"),
    Bad(row: "MWr,0x0,1,1121,0000,,,", says: "o.csv:3:11: bad-record"),
    Bad(row: "MWr,0x0,2,0000,1111,,,", says: "o.csv:3:11: bad-record: expected an enabled byte"),
    Bad(row: "MWr,0x0,2,1111,0000,,,", says: "o.csv:3:16: bad-record: expected an enabled byte"),
    Bad(row: "MWr,0x0,2,1111,,,,", says: "o.csv:3:16: bad-record"),
    Bad(row: "MWr,0x0,1,1111,0001,,,", says: "o.csv:3:16: bad-record: expected 0000"),
    Bad(row: "MWr,0x0,1,1111,0000,left,,", says: "o.csv:3:21: bad-record: expected down or up"),
    Bad(row: "MWr,0x0,1,1111,0000,,x,", says: "o.csv:3:22: bad-record: expected picoseconds"),
    Bad(row: "MWr,0x0,1,1111,0000,,18446744073709551616,", says: "o.csv:3:22: range"),
    Bad(row: "MWr,0x0,1,1111,0000,,", says: "o.csv:3:22: bad-record: expected 8 cells"),
    Bad(row: "MWr,0x0,1,1111,0000,,,,", says: "o.csv:3:24: bad-record: expected 8 cells"),
    Bad(row: "MWr,0x0,1,1111,0000,,,\"a", says: "o.csv:3: bad-record: expected a closing quote"),
  ]

  @Test(arguments: bad) func `a bad row is an error with its place`(given: Bad) throws {
    let text = Self.header + "Cpl,,,,,up,,\n" + given.row + "\n"
    let error = try #require(throws: TraceError.self) { _ = try rows(text) }
    #expect(error.description.hasPrefix(given.says), "\(error.description)")
  }

  @Test(arguments: [
    ("addr,length_dw\n", "o.csv:1:15: bad-record: expected the columns type"),
    ("type,length_dw\n", "o.csv:1:15: bad-record"), ("type,addr\n", "o.csv:1:10: bad-record"),
    ("type,addr,length_dw,addr\n", "o.csv:1:21: bad-record: expected column addr once"),
    ("type,addr,length_dw,first_be\n", "o.csv:1:29: bad-record: expected both"),
    ("type,addr,length_dw,time_ns,time_ps\n", "o.csv:1:21: bad-record: expected one of"),
    ("\n\n", "o.csv: empty: the list has no header"),
  ])
  func `a header that lacks something is an error`(text: String, says: String) throws {
    let error = try #require(throws: TraceError.self) { _ = try rows(text) }
    #expect(error.description.hasPrefix(says), "\(error.description)")
  }

  @Test func `a row without an end is refused before memory is full`() throws {
    let text = Self.header + "MWr,\"" + String(repeating: "x", count: 2 << 20)
    let error = try #require(throws: TraceError.self) { _ = try rows(text) }
    #expect(error.description.hasPrefix("o.csv:2: bad-record: expected a row of at most"))
  }

  /// Bytes cut off, and changed, at every place: an error or a result, never a trap.
  @Test func `damage is an error or another list`() throws {
    let bytes = Array(Self.plain.utf8)
    var errors = 0
    for place in bytes.indices {
      for changed in [Array(bytes[..<place])]
        + [0, 10, 34, 44, 255].map({ byte in
          bytes[..<place] + [byte] + bytes[(place + 1)...]
        })
      {
        do { _ = try rows(changed) } catch {
          errors += 1
          #expect(error is TraceError)
        }
      }
    }
    #expect(errors > 100)
  }
}
