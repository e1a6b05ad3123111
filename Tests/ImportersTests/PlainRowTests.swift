import TestSupport
import Testing
import TraceCore

@testable import Importers

/// Plain rows are read by a short way; the same rows with a quoted cell take the long one.
///
/// That one the other tests of the CSV hold against its grammar. Both must say the same.
@Suite struct PlainRowTests {
  private static let header =
    "record,t_ns,vcpu,op,addr,size,value,flags,kind,attr,pc,bdf,region,source_line\n"

  /// A row whose cells are mostly good, and what is wrong with it now and then.
  private func cells(_ random: inout SplitMix64, _ row: Int) -> [String] {
    func pick(_ choices: [String]) -> String {
      choices[Int(random.next() % UInt64(choices.count))]
    }
    func rarely(_ odd: String, _ usual: String) -> String { random.next() % 12 == 0 ? odd : usual }
    let digits = Int(random.next() % 17)
    let value = "0x" + String(String(random.next() | 1 << 63, radix: 16).prefix(digits))
    return [
      rarely("", "\(row)"),
      pick(["", "\(row * 100)", "12345678", "123456789", "1795343881000000000"]),
      rarely(pick(["65535", "65536", "99999999999"]), pick(["0", "3", "007"])),
      rarely(pick(["loads", "stor", "barrier", "lost"]), pick(["store", "load"])),
      rarely(
        pick(["0xffffffffffffffff", "0x12345678g", "0X10", "10", "0x", "0x80000000000000000"]),
        pick(["0x1000", "0x80001027c0", "0x12345678", "0xFEDCBA98"])),
      rarely(pick(["0", "9", "64", "65", ""]), pick(["1", "2", "4", "8"])),
      digits == 0 ? "" : rarely("0x1ffffffff", value),
      rarely("rel", ""), rarely("dmb.sy", ""), rarely("0x44", ""), rarely("0x99", ""),
      rarely("0000:01:00.0", ""),
      rarely("r\(random.next() % 3)", pick(["", "bar 0", "bar 2", "a longer name of a region"])),
      rarely("5", pick(["", "\(row + 2)"])),
    ]
  }

  private func outcome(_ text: String) -> [String] {
    do throws(TraceError) {
      let read = try importText(text, as: .canonicalCSV)
      return read.records + ["\(read.context.regions.regions.map(\.name))"]
    } catch {
      return ["line \(error.line ?? 0): \(error.code)"]
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `a row means the same read either way`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var accepted = 0
    for row in 0..<400 {
      var cells = cells(&random, row)
      let plain = outcome(Self.header + cells.joined(separator: ",") + "\n")
      // A quoted cell is no number to the short way; which one it is does not matter.
      let place = [1, 2, 4, 5].first { !cells[$0].isEmpty } ?? 4
      cells[place] = "\"\(cells[place])\""
      let quoted = outcome(Self.header + cells.joined(separator: ",") + "\n")
      #expect(plain == quoted, "seed \(seed): \(cells.joined(separator: ","))")
      if plain.count > 1 { accepted += 1 }
    }
    // Most are good rows, and not all.
    #expect(accepted > 80 && accepted < 400)
  }

  // MARK: Rows one behind the other

  private static let columns = String(header.dropLast()).split(separator: ",").map(String.init)

  /// Cells in the order of ``columns`` that differ from those before in none or a few.
  private func next(_ cells: inout [String], _ random: inout SplitMix64, _ row: Int) {
    func some(_ chance: UInt64) -> Bool { random.next() % chance == 0 }
    func pick(_ choices: [String]) -> String {
      choices[Int(random.next() % UInt64(choices.count))]
    }
    cells[0] = "\(row)"
    cells[1] = "\((UInt64(cells[1]) ?? 0) + random.next() % 2000)"
    if cells[2].isEmpty || some(4) { cells[2] = "\(random.next() % 20)" }
    if some(6) { cells[3] = pick(["store", "load"]) }
    if some(20) { cells[3] = "barrier" }
    if cells[3] == "barrier" {
      for index in [4, 5, 6, 7, 9, 11] { cells[index] = "" }
      cells[8] = pick(["dmb.sy", "dsb.st", "acq"])
      return
    }
    cells[8] = ""
    let address = UInt64(cells[4].dropFirst(2), radix: 16)
    if let address, let size = UInt64(cells[5]), !some(8) {
      cells[4] = "0x" + String(address + size, radix: 16)
    } else {
      let far = random.next() % 8 == 0 ? UInt64.max : 1 << 40
      cells[4] = "0x" + String(random.next() % far, radix: 16, uppercase: some(5))
    }
    if cells[5].isEmpty || some(10) { cells[5] = pick(["1", "2", "4", "8", "8", "16", "9"]) }
    if some(3) { cells[6] = pick(["", "0x0", "0x7f", "0xff", "0x12345", "0x123456789abcdef0"]) }
    if some(15) { cells[7] = pick(["", "", "rel"]) }
    if some(9) { cells[9] = pick(["", "0xff", "0x44"]) }
    if some(5) { cells[10] = pick(["", "0xffffffffc0a01234", "0x10", "probe+0x28"]) }
    if some(7) {
      cells[12] = pick([
        "", "bar 2", "bar 20", "bar 0", "0000:01:00.0 bar 2", "0000:01:00.0 bar 4", "bar 2 of it",
      ])
    }
    if some(5) { cells[13] = some(2) ? "" : "\(row)" }
  }

  /// What all rows of a file mean, and how often they were not understood.
  private func outcomes(_ rows: [[String]], _ end: String) -> [String] {
    do throws(TraceError) {
      let text = rows.map { $0.joined(separator: ",") + end }.joined()
      let read = try importText(text, as: .canonicalCSV, skip: true)
      return read.records + read.context.regions.regions.map { "\($0)" }
        + ["\(read.context.counters)", "\(read.callers)"]
    } catch {
      return ["line \(error.line ?? 0): \(error.code)"]
    }
  }

  /// Columns of a header, in their order: some left out, and some elsewhere than usual.
  private static let headers: [[String]] = [
    columns, Array(columns.dropFirst()), Array(columns.dropLast()),
    ["t_ns", "vcpu", "op", "addr", "size", "kind"],
    ["t_ns", "vcpu", "op", "addr", "size", "value", "kind"],
    ["record", "t_ns", "vcpu", "op", "addr", "size", "kind", "value", "source_line", "region"],
    ["t_ns", "vcpu", "op", "addr", "size", "source_line", "kind"],
    ["t_ns", "vcpu", "op", "addr", "size", "kind", "source_line"],
    ["t_ns", "vcpu", "op", "addr", "size", "region", "record", "kind", "pc"],
    ["region", "op", "vcpu", "t_ns", "addr", "size", "kind"],
  ]

  @Test(arguments: headers, 0..<8 as Range<UInt64>)
  func `a row means the same read either way, whatever row was read before`(
    names: [String], seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    let places = names.compactMap { name in Self.columns.firstIndex { $0 == name } }
    #expect(places.count == names.count)
    let quoted = places.firstIndex(of: 2) ?? 0
    let end = seed % 4 == 3 ? "\r\n" : "\n"
    var cells = [String](repeating: "", count: Self.columns.count)
    cells[3] = "store"
    var (plain, long) = ([names], [names])
    for row in 0..<500 {
      next(&cells, &random, row)
      var shown = places.map { cells[$0] }
      plain.append(shown)
      shown[quoted] = "\"\(shown[quoted])\""
      long.append(shown)
    }
    let (short, whole) = (outcomes(plain, end), outcomes(long, end))
    #expect(short == whole)
    #expect(short.count > 250)
  }
}
