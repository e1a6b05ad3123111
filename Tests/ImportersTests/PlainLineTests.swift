import TestSupport
import Testing
import TraceCore

@testable import Importers

/// Plain lines are lexed by themselves; the same lines with one more blank take the long way.
///
/// That one the other tests hold against the grammar, where any run of blanks counts as one. Both
/// must say the same. How many lines were plain is counted, so that the test cannot pass by
/// comparing the long way with itself.
@Suite struct PlainLineTests {
  /// A format, how its lines are made, and what a blank is written as on the long way.
  struct Sample: Sendable, CustomTestStringConvertible {
    var name: String
    var format: ImportFormat
    var heading = ""
    var line: @Sendable (inout Words) -> String
    var longWay: @Sendable (String) -> String
    var plain: @Sendable (String) -> Bool
    var testDescription: String { name }
  }

  /// Seeded choices.
  struct Words {
    var random: SplitMix64

    mutating func pick(_ choices: [String]) -> String {
      choices[Int(random.next() % UInt64(choices.count))]
    }
    /// One in so many is odd.
    mutating func rarely(_ odd: [String], _ usual: [String]) -> String {
      random.next() % 16 == 0 ? pick(odd) : pick(usual)
    }
    mutating func hex(_ most: Int) -> String {
      let digits = String(random.next() | 1 << 63, radix: 16)
      let text = String(digits.prefix(1 + Int(random.next() % UInt64(most))))
      return random.next() % 8 == 0 ? text.uppercased() : text
    }
    mutating func value() -> String { rarely(["0x", "0X1", "1", "0x1g", ""], ["0x" + hex(17)]) }
    mutating func size() -> String {
      rarely(["0", "16", "64", "65", "9", ""], ["1", "2", "4", "8"])
    }
  }

  static func isPlain<Lexer: LineLexer>(_ lexer: Lexer, _ line: String) -> Bool {
    var lines = PlainLines<Lexer.Token>()
    let bytes = Array(line.utf8) + [UInt8](repeating: 0x0a, count: 1 + TextWords.room)
    lexer.lexLines(from: 0, to: line.utf8.count + 1, in: bytes, into: &lines)
    return lines.count > 0
  }

  static func prefix(_ words: inout Words) -> String {
    words.rarely(
      [
        "", "12345678@1.000001:", "7@18446744074.000000:", "7@1.00001:", "7@1.0000001:", "7@1:",
        "2026-06-26T22:47:54Z ", "2026-13-26T22:47:54.530081Z ", "1969-06-26T22:47:54.530081Z ",
        "2026-06-26T24:47:54.530081Z ", "2026-06-26t22:47:54.530081Z ",
        "2554-07-21T23:34:33.709551Z ", "2600-01-01T00:00:00.000000Z ", "2026-0a-26T22:47:54.5Z ",
      ],
      [
        "30001@1795343881.100000:", "7@1.000001:", "1234567@12345678901.999999:",
        "2026-06-26T22:47:54.530081Z ", "2000-02-29T23:59:60.000009Z ",
      ])
  }

  static let samples: [Sample] = [
    Sample(
      name: "memory_region_ops", format: .qemuLog,
      line: { words in
        prefix(&words)
          + words.rarely(
            ["memory_region_ops_reads", "memory_region_op"],
            [
              "memory_region_ops_write", "memory_region_ops_read",
            ])
          + " cpu " + words.rarely(["-1", "65535", "65536", "x", "007"], ["0", "3", "12"])
          + " mr " + words.rarely(["(nil)", "55"], ["0x" + words.hex(16)])
          + " addr " + words.rarely(["0xffffffffffffffff", "0xfff"], ["0x1" + words.hex(12)])
          + " value " + words.value() + " size " + words.size()
          + words.rarely(
            ["", " ", " name nvme", " name 'nvme", " name ''", " name", " nam 'x'", " name '"],
            [" name 'nvme'", " name 'virtio-pci-common'", " name 'it's x'", " name 'bar\u{e9}'"])
          + words.rarely(["\r", " ", "\r\r"], [""])
      },
      longWay: { $0.replacing(" cpu ", with: "  cpu  ") },
      plain: { isPlain(QEMULexer(), $0) }),
    Sample(
      name: "vfio_region", format: .qemuLog,
      line: { words in
        let isWrite = words.random.next() % 2 == 0
        let place = words.rarely(
          [":region0", "d:region10", "d:regionx", "d:region0:region1", "d", "d:region256"],
          ["0000:04:00.0:region0", "0000:04:00.0:region2", "d:region9"])
        let offset = words.rarely(["0xfffff", "0xffffffffffffffff", "12"], ["0x" + words.hex(5)])
        let size = words.size()
        let value = words.value()
        return prefix(&words)
          + (isWrite
            ? "vfio_region_write  (\(place)+\(offset), \(value), \(size))"
            : "vfio_region_read  (\(place)+\(offset), \(size)) = \(value)")
          + words.rarely(["\r", " ", ")", " x"], [""])
      },
      longWay: { $0.replacing("  (", with: "   (") },
      plain: { isPlain(QEMULexer(), $0) }),
    Sample(
      name: "mmiotrace", format: .mmiotrace,
      line: { words in
        words.pick(["R ", "W "]) + words.size() + " "
          + words.rarely(
            ["1.0", "12345678901.000000", "18446744074.000000", "1", ""],
            [
              "19.080190", "1795343881.000001",
            ]) + " " + words.rarely(["-1", "x"], ["1", "12"]) + " "
          + words.rarely(["0xffffffffffffffff", "10"], ["0x1" + words.hex(12)]) + " "
          + words.value() + " " + words.rarely(["0"], ["0x0", "0x" + words.hex(16)]) + " "
          + words.rarely(["", "x", "0 ", "0\r"], ["0", "4321"])
      },
      longWay: { $0.replacing(" 0x", with: "  0x") },
      plain: { isPlain(MmiotraceLexer(), $0) }),
    Sample(
      name: "m1n1", format: .m1n1,
      line: { words in
        words.rarely(["[cpu65536] ", "[cpu1]", "[0x1]"], ["", "[cpu1] ", "[cpu11] "])
          + words.rarely(["[0x] ", "[1] "], ["", "[0xfffffe00089a1234] "])
          + "MMIO: " + words.rarely(["X.", ""], ["R.", "W."]) + words.size()
          + words.rarely([" +  ", "+  ", " "], ["   "])
          + words.rarely(["0xffffffffffffffff", "10"], ["0x1" + words.hex(12)]) + " ("
          + words.rarely(["a=b", "a, b", "", "a, offset 0x1"], ["sgx", "dptx-phy[0]"])
          + ", offset " + words.rarely(["0x2000000000000000", "1"], ["0x" + words.hex(3)])
          + words.rarely([") =", " = ", ")= "], [") = "]) + words.value()
          + words.rarely([" x", "\r", " ", "x"], [""])
      },
      longWay: { $0.replacing("MMIO: ", with: "MMIO:  ") },
      plain: { isPlain(M1N1Lexer(), $0) }),
    // One blank between fields is all that the plugin writes: more zeros take the long way.
    Sample(
      name: "plugin", format: .plugin, heading: "#mmioscope-plugin 1\n",
      line: { words in
        words.rarely(["x ", "", "r", "W "], ["r ", "w "])
          + words.rarely(["65536", "x", "-1"], ["0", "3", "65535"]) + " "
          + words.rarely(["99999999999999999999", "1.5", ""], ["16932619581", "0"]) + " "
          + words.rarely(["210ffc", "0x"], ["0x210ffc", "0x" + words.hex(16)]) + " "
          + words.rarely(["0xffffffffffffffff", "10"], ["0x1" + words.hex(12)]) + " "
          + words.size() + " " + words.rarely(["-", "0x"], ["0x" + words.hex(17)]) + " "
          + words.rarely(["off", "-", "0x100", "4"], ["0x00", "0x4", "0xff"]) + " "
          + words.rarely(
            ["-"],
            // STR, LDAR, STLR, ST64B of x0 (C6.2).
            ["0xf900016d", "0xc8dffc00", "0xc89ffc00", "0xf83f9000", "0x0"])
          + words.rarely(["", " ", "  RAM"], [" RAM", " subpage", " nvme", " a b"])
          + words.rarely(["\r", " ", "\r\r"], [""])
      },
      longWay: { line in
        var fields = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        if fields.count > 8, fields[8].hasPrefix("0x") {
          fields[8] = "0x00000000000000000" + fields[8].dropFirst(2)
        }
        return fields.joined(separator: " ")
      },
      plain: { isPlain(PluginLexer(dialect: .own), $0) }),
    Sample(
      name: "plugin, commas", format: .plugin, heading: "#mmio_plugin,1\n",
      line: { words in
        words.rarely(["X,", "", "R", "w,"], ["R,", "W,"])
          + words.rarely(["65536", "x", "-1"], ["0", "3", "65535"]) + ","
          + words.rarely(["1.5", ""], ["1000", "0"]) + ","
          + words.rarely(["18446744073709551", "18446744073709552", ""], ["16932", "0"]) + ","
          + words.rarely(["0x1", ""], ["ffff800008021238", words.hex(16)]) + "," + words.hex(16)
          + "," + words.rarely(["ffffffffffffffff", ""], ["1" + words.hex(12)]) + ","
          + words.size() + "," + words.rarely(["", "-"], [words.hex(17)]) + ","
          + words.rarely(["dma", "io "], ["io", "ram"]) + ","
          + words.rarely(["-", "off", "nGnRnE", "GRE", "ff", "100", "nG"], ["nGnRE", "NC"]) + ","
          + words.rarely(["-"], ["f900016d", "c8dffc00", "c89ffc00", "0"])
          + words.rarely(["", ",", " ,RAM"], [",RAM", ",subpage", ",nvme", ",a b"])
          + words.rarely(["\r", " ", "\r\r"], [""])
      },
      longWay: { line in
        var fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if fields.count > 11, fields[11].first?.isHexDigit == true {
          fields[11] = "00000000000000000" + fields[11]
        }
        return fields.joined(separator: ",")
      },
      plain: { isPlain(PluginLexer(dialect: .commas), $0) }),
  ]

  private func outcome(_ text: String, _ sample: Sample, skip: Bool) -> [String] {
    do throws(TraceError) {
      let read = try importText(
        sample.heading + text, as: sample.format, skip: skip, longestLine: 65_536)
      let counters = read.context.counters.rows.map { "\($0.name)=\($0.count)" }
      return read.records + counters + read.context.regions.regions.map(\.name)
    } catch {
      return ["line \(error.line ?? 0): \(error.message)"]
    }
  }

  @Test(arguments: samples)
  func `lines mean the same read either way`(sample: Sample) {
    var words = Words(random: SplitMix64(seed: 11))
    var plain = 0
    for round in 0..<40 {
      let lines = (0..<40).map { _ in sample.line(&words) }
      let others = lines.map(sample.longWay)
      plain += lines.count { sample.plain($0) }
      for other in others { #expect(!sample.plain(other), "\(other)") }
      let short = outcome(lines.joined(separator: "\n") + "\n", sample, skip: true)
      let long = outcome(others.joined(separator: "\n") + "\n", sample, skip: true)
      #expect(short == long, "round \(round)")
      // One alone, so that what is wrong with it is compared, too.
      let alone = outcome(lines[0] + "\n", sample, skip: false)
      #expect(alone == outcome(others[0] + "\n", sample, skip: false), "\(lines[0])")
    }
    #expect(plain > 400 && plain < 1400, "\(plain)")
  }
}
