import TestSupport
import Testing
import TraceCore

@testable import Importers

/// Damage that every text format must survive: cuts, flipped bits, huge lines, mixed line ends.
///
/// The samples are built from each format's documented grammar or cut from captures of our own.
struct FormatFuzzTests {
  /// A format with a sample whose lines all give records, counts or regions.
  struct Sample: CustomTestStringConvertible {
    var format: ImportFormat
    var text: String
    var testDescription: String { format.name }
  }

  static let samples: [Sample] = [
    Sample(
      format: .rwmmio,
      text: """
        # tracer: nop
              dd-113     [001] .....    24.719675: rwmmio_write: a+0xd8/0x178 -> b+0x190/0x1c0 width=32 val=0x1 addr=0xffff800080c2b010
              dd-113     [001] d.h..    24.720118: rwmmio_read: c+0x104/0x1a8 -> d+0x79c/0x960 width=32 addr=0xffff800080c2409c
              dd-113     [001] d.h..    24.720124: rwmmio_post_read: c -> d width=32 val=0x1afc addr=0xffff800080c2409c
              dd-113     [001] .....    24.720169: rwmmio_post_write: a -> b width=32 val=0x1 addr=0xffff800080c2b010
        CPU:2 [LOST 3200 EVENTS]
              perf-exec   142 [000]    39.958626720:      rwmmio:rwmmio_write: e -> f width=16 val=0 addr=0xffff800080d1e000
              init-1       [000] .....    40.577148: tracing_mark_write: reset phase

        """),
    Sample(
      format: .kvmMMIO,
      text: """
         qemu-system-aar-152   [001]    49.347513: kvm_mmio:             mmio unsatisfied-read len 4 gpa 0x800ffe8 val 0x0
         qemu-system-aar-152   [001]    49.347831: kvm_mmio:             mmio read len 4 gpa 0x800ffe8 val 0x3b
               CPU 1/KVM-153   [001]    49.357579: kvm_mmio:             mmio write len 4 gpa 0x8000490 val 0xc0c0c0c0
         qemu-system-aar-152   [001]    49.357591: kvm_entry:            CAN'T FIND FIELD "vcpu_id"<CANT FIND FIELD rip>PC: 0xffff
         qemu-system-aar-152   [001]    49.357592: kvm_fast_mmio:        fast mmio at gpa 0x10

        """),
    Sample(
      format: .mmiotrace,
      text: """
        VERSION 20070824
        PCIDEV 0038 12341111 0 fd000008 0 febd5000 0 0 0 febc0000 1000000 0 1000 0 0 0 8000 bochs
        MAP 1037.681661 1 0x90000000 0xffffb7b187000000 0x1000000 0x0 0
        R 4 1037.681772 1 0x90000300 0x37002 0x0 0
        W 4 1037.681777 1 0x9000009c 0x17 0x0 0
        UNKNOWN 1037.681778 1 0xfd0b4000 f3,a5,f6 0x0 0
        MARK 1037.700000 phase e1000e load
        MARK 0.000000 Lost 1012 events.
        CPU:0 [LOST 1012 EVENTS]
        UNMAP 1037.700001 1 0x0 0

        """),
    Sample(
      format: .m1n1,
      text: """
        [cpu0] [0xfffffe00124bf5c0] MMIO: R.4   0x204d14000 (sgx, offset 0xd14000) = 0x0
        [cpu1] [0xfffffe00124bf9a8] MMIO: W.8+  0x204d14000 (sgx, offset 0xd14000) = 0x70001
        p.write32(0x204000000 + 0xd14000, 0x70001)
        # MMIO: W.4   0x24acaffd8 (aop[2], offset 0xaffd8) = 0x53544b47 // start of bootargs

        """),
  ]

  @Test(arguments: samples)
  func `content tells the format`(_ sample: Sample) throws {
    #expect(
      try ImportFormat.recognize(Array(sample.text.utf8), path: "t").name == sample.format.name)
  }

  @Test(arguments: samples)
  func `a capture cut at any byte gives no error and no more records`(_ sample: Sample) throws {
    let bytes = Array(sample.text.utf8)
    let whole = try importBytes(bytes, as: sample.format).records.count
    for cut in 0...bytes.count {
      let result = try importBytes(Array(bytes[..<cut]), as: sample.format)
      #expect(result.records.count <= whole)
      let isWhole = cut == 0 || bytes[cut - 1] == 0x0a
      let last = result.counter("cut_last_line") + result.counter("unterminated_last_line")
      #expect(last == (isWhole ? 0 : 1))
    }
  }

  @Test(arguments: samples)
  func `flipped bits give an error with its place, or an import`(_ sample: Sample) throws {
    var generator = SplitMix64(seed: 11)
    let bytes = Array(sample.text.utf8)
    for _ in 0..<3000 {
      var flipped = bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<flipped.count, using: &generator)
        flipped[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
      }
      do throws(TraceError) {
        _ = try importBytes(flipped, as: sample.format)
      } catch {
        #expect(error.code == .badRecord || error.code == .range)
        #expect(error.line != nil && error.column ?? 0 > 0)
        let skipped = try importBytes(flipped, as: sample.format, skip: true)
        #expect(skipped.counter("bad_record_skipped") > 0)
      }
    }
  }

  @Test(arguments: samples)
  func `chunks of any size and mixed line ends give the same records`(_ sample: Sample) throws {
    let whole = try importText(sample.text, as: sample.format)
    for chunk in 1...150 {
      let result = try importText(sample.text, as: sample.format, chunk: chunk, longestLine: 512)
      #expect(result.records == whole.records)
      #expect(result.context.counters == whole.context.counters)
    }
    var toggle = false
    let mixed = sample.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      toggle.toggle()
      return toggle ? line + "\r" : line
    }.joined(separator: "\n")
    #expect(try importText(mixed, as: sample.format).records == whole.records)
  }

  @Test(arguments: samples)
  func `a byte order mark in front changes nothing`(_ sample: Sample) throws {
    let whole = try importText(sample.text)
    let marked = try importText("\u{feff}" + sample.text)
    #expect(marked.records == whole.records)
    #expect(marked.context.format == whole.context.format)
    #expect(marked.context.counters == whole.context.counters)
  }

  @Test(arguments: samples)
  func `a huge line is read, or refused beyond the bound`(_ sample: Sample) throws {
    for filler in ["x", " ", "[", "-1 ", ": ", "\u{0}", "=", "rwmmio_"] {
      let line = String(repeating: filler, count: 200_000 / filler.utf8.count) + "\n"
      let text = line + sample.text
      let result = try importText(text, as: sample.format, skip: true, longestLine: 1 << 20)
      let whole = try importText(sample.text, as: sample.format)
      #expect(result.records.count == whole.records.count)
      #expect(place(importError(text, as: sample.format, longestLine: 4096)) == "bad-record 1:1")
    }
  }
}
