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
  private func cells(_ random: inout SeededGenerator, _ row: Int) -> [String] {
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
    var random = SeededGenerator(seed: seed)
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
    #expect(accepted > 100 && accepted < 400)
  }
}
