import Testing
import TraceCore

@testable import Importers

/// Every cut and every flipped bit of a small capture of each format: an import, or an error that
/// says where it is.
struct ExhaustiveDamageTests {
  struct Sample: CustomTestStringConvertible {
    var format: ImportFormat
    var bytes: [UInt8]
    /// Bits flipped of each byte: all, or of large binary files some.
    var flips: [UInt8] = (0..<8).map { 1 << $0 }
    var testDescription: String { "\(format.name), \(bytes.count) bytes" }
  }

  private static var simple: [UInt8] {
    var trace = SimpleTrace()
    trace.name(1, "memory_region_ops_write")
    trace.name(2, "pci_cfg_write")
    trace.event(
      1, at: 1000,
      [.word(0), .word(0x55), .word(0xfe00_1000), .word(7), .word(4), .text("nvme")])
    trace.dropped(5, at: 900)
    trace.event(2, at: 1100, [.text("nvme"), .word(1), .word(0), .word(0), .word(4), .word(6)])
    trace.event(3, at: 1200, [.word(1)])
    return trace.bytes
  }

  private static func dat(_ version: UInt8) -> [UInt8] {
    var page = DatPage(at: 1000)
    page.event(DatFile.rwmmio(474, 0x1000, 0x11), after: 10)
    page.extend(1 << 27)
    page.longEvent(DatFile.rwmmio(472, 0x1004), after: 1)
    page.discarded(8, after: 100)
    page.event(DatFile.rwmmio(471, 0x1004, 0x22), after: 2)
    page.flags = 3 << 30
    page.missed = 42
    var file = DatFile()
    file.version = version
    file.symbols = "0000000000002000 T inner\n"
    file.cpus = [(0, [page])]
    return file.bytes
  }

  static let samples: [Sample] =
    FormatFuzzTests.samples.map { Sample(format: $0.format, bytes: Array($0.text.utf8)) } + [
      Sample(format: .qemuLog, bytes: Array(DamageTests.log.utf8)),
      Sample(format: .canonicalCSV, bytes: Array(DamageTests.csv.utf8)),
      Sample(format: .plugin, bytes: Array(PluginTests.own.utf8)),
      Sample(format: .plugin, bytes: Array(PluginTests.commas.utf8)),
      Sample(format: .qemuSimple, bytes: simple),
      Sample(format: .traceDat, bytes: dat(6), flips: [0xff]),
      Sample(format: .traceDat, bytes: dat(7), flips: [0x01]),
    ]

  /// What a damaged capture may be: records, or an error with its place.
  private func check(_ bytes: [UInt8], _ sample: Sample) {
    for skip in [false, true] {
      do throws(TraceError) {
        let result = try importBytes(bytes, as: sample.format, skip: skip)
        #expect(result.records.count <= bytes.count)
        // Without a bad record nothing is skipped.
        return
      } catch {
        let isPlaced = error.line != nil && error.column ?? 0 > 0 || error.byteOffset != nil
        #expect(isPlaced && error.file == "t", "\(error)")
        #expect(!error.message.isEmpty)
      }
    }
  }

  @Test(arguments: samples)
  func `every cut`(_ sample: Sample) {
    for cut in 0..<sample.bytes.count { check(Array(sample.bytes[..<cut]), sample) }
  }

  @Test(arguments: samples)
  func `every flipped bit`(_ sample: Sample) {
    for place in sample.bytes.indices where !isPadding(place, sample.bytes) {
      for flip in sample.flips {
        var flipped = sample.bytes
        flipped[place] ^= flip
        check(flipped, sample)
      }
    }
  }

  /// Inside of the zeros that fill a page.
  private func isPadding(_ place: Int, _ bytes: [UInt8]) -> Bool {
    let around = max(0, place - 16)..<min(bytes.count, place + 16)
    return bytes[around].allSatisfy { $0 == 0 }
  }
}
