import TestSupport
import Testing
import TraceCore

@testable import Importers

/// Cut, flipped and senseless input: a typed error or a clean end, never a trap, and every line
/// accounted for.
struct DamageTests {
  /// Written by hand after the documented grammar; every line gives one record or one count.
  static let log = """
    12@5.000001:memory_region_ops_write cpu 0 mr 0x55 addr 0x10000000 value 0x11 size 4 name 'n'
    12@5.000002:memory_region_ops_read cpu 1 mr 0x55 addr 0x10000004 value 0x22 size 8 name 'n v'
    13@5.000003:vfio_region_write  (0000:04:00.0:region2+0x820, 0x41dc0002, 4)
    13@5.000004:vfio_region_read   (0000:04:00.0:region2+0x824, 2) = 0x6000
    13@5.000005:vfio_pci_write_config  (0000:04:00.0, @0x4, 0x6, len=0x2)
    13@5.000006:vfio_pci_read_config  (0000:04:00.0, @0x3d, len=0x1) 0x1
    13@5.000007:pci_cfg_write nvme 01:00.0 @0x4 <- 0x6
    13@5.000008:vfio_pci_reset_flr 0000:04:00.0 FLR/VFIO_DEVICE_RESET
    13@5.000009:vfio_intx_enable  (0000:04:00.0)
      size: 0x1000, offset: 0x70000000000, flags: 0x3
    qemu: a line of another kind

    """

  static let csv = """
    record,t_ns,vcpu,op,addr,size,value,flags,kind,attr,pc,bdf,region,source_line
    0,10,0,store,0x10000000,4,0x11,rel,,0x44,0x8000,,a,1
    1,11,1,load,0x10000004,8,,acq,,,,,a,2
    2,12,0,barrier,,,,,dmb.st.osh,,,,,
    3,13,0,config_write,0x4,2,0x6,,,,,0000:04:00.0,,
    4,14,0,mark,,,,,"one, two",,,,,
    5,15,0,lost,,,0x5,,,,,,,

    """

  /// Counters that count something besides a line.
  private static let besides: Set<String> = [
    "wide_value", "config_size_assumed", "config_bus_assumed", "config_access_paired",
    "config_access_decoded_here", "unterminated_last_line", "access_in_region_other",
    "thread_renumbered", "clock_backwards", "name_repaired",
  ]

  /// Lines that gave a record or a count; a mapping or a set-up gives neither.
  private func accounted(_ result: Imported) -> Int {
    let counted = result.context.counters.rows.filter { !Self.besides.contains($0.name) }
    return result.records.count + Int(counted.reduce(0) { $0 + $1.count })
  }

  private func lines(_ bytes: [UInt8]) -> Int {
    bytes.count { $0 == 0x0a } + (bytes.last == 0x0a || bytes.isEmpty ? 0 : 1)
  }

  @Test func `a log cut at any byte gives the whole lines before the cut`() throws {
    let bytes = Array(Self.log.utf8)
    let whole = try importBytes(bytes, as: .qemuLog).records
    #expect(whole.count == 8)
    for cut in 0...bytes.count {
      let part = Array(bytes[..<cut])
      let result = try importBytes(part, as: .qemuLog)
      let complete = min(part.count { $0 == 0x0a }, 8)
      #expect(Array(result.records.prefix(complete)) == Array(whole.prefix(complete)))
      #expect(result.records.count <= complete + 1)
      #expect(accounted(result) == lines(part))
      // The half line is named as such, whether it could be read or not.
      let last = result.counter("cut_last_line") + result.counter("unterminated_last_line")
      #expect(last == (part.last == 0x0a || part.isEmpty ? 0 : 1))
    }
  }

  @Test func `a CSV cut at any byte gives the whole rows before the cut`() throws {
    let bytes = Array(Self.csv.utf8)
    let whole = try importBytes(bytes, as: .canonicalCSV).records
    #expect(whole.count == 6)
    let header = bytes.firstIndex(of: 0x0a) ?? 0
    for cut in 0...bytes.count {
      let part = Array(bytes[..<cut])
      let rows = max(part.count { $0 == 0x0a } - 1, 0)
      do throws(TraceError) {
        let result = try importBytes(part, as: .canonicalCSV)
        #expect(Array(result.records.prefix(rows)) == Array(whole.prefix(rows)))
        #expect(result.records.count <= rows + 1)
      } catch {
        // Only a header that lacks columns or has half a name.
        #expect(cut < header)
        #expect(error.line == 1)
      }
    }
  }

  @Test func `chunks of any size give the same records`() throws {
    for (text, format) in [(Self.log, ImportFormat.qemuLog), (Self.csv, .canonicalCSV)] {
      let whole = try importText(text, as: format)
      for chunk in 1...200 {
        let result = try importText(text, as: format, chunk: chunk, longestLine: 128)
        #expect(result.records == whole.records)
        #expect(result.context.counters == whole.context.counters)
      }
    }
  }

  @Test func `a record in quotes may go over many lines and chunks`() throws {
    let mark = String(repeating: "line\n", count: 20)
    let text = "op,vcpu,addr,size,kind\nmark,0,,,\"\(mark)\"\nmark,1,,,x\n"
    for chunk in 1...60 {
      let result = try importText(text, chunk: chunk, longestLine: 160)
      #expect(result.records == ["mark v0 '\(mark)' l2", "mark v1 'x' l23"])
    }
    #expect(place(importError(text, longestLine: 100)) == "bad-record 2:1")
  }

  @Test func `a flipped log gives an error or accounts for every line`() throws {
    var generator = SplitMix64(seed: 3)
    let bytes = Array(Self.log.utf8)
    for _ in 0..<4000 {
      var flipped = bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<flipped.count, using: &generator)
        flipped[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
      }
      do throws(TraceError) {
        let result = try importBytes(flipped, as: .qemuLog)
        #expect(accounted(result) == lines(flipped))
      } catch {
        #expect(error.line != nil && error.column ?? 0 > 0)
        #expect(error.code == .badRecord || error.code == .range)
        let skipped = try importBytes(flipped, as: .qemuLog, skip: true)
        #expect(accounted(skipped) == lines(flipped))
        #expect(skipped.counter("bad_record_skipped") > 0)
      }
    }
  }

  @Test func `a flipped CSV gives an error or no more records than rows`() {
    var generator = SplitMix64(seed: 4)
    let bytes = Array(Self.csv.utf8)
    for _ in 0..<4000 {
      var flipped = bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<flipped.count, using: &generator)
        flipped[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
      }
      do throws(TraceError) {
        let result = try importBytes(flipped, as: .canonicalCSV)
        #expect(result.records.count <= lines(flipped) - 1)
      } catch {
        #expect(error.line != nil && error.column ?? 0 > 0)
      }
    }
  }

  @Test func `junk is no format, and as one it ends cleanly`() {
    var generator = SplitMix64(seed: 5)
    for length in [1, 7, 100, 3000] {
      for _ in 0..<50 {
        let junk = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(throws: TraceError.self) { try importBytes(junk) }
        for format in ImportFormat.all {
          do throws(TraceError) {
            let result = try importBytes(junk, as: format, skip: true)
            #expect(result.records.isEmpty)
          } catch {
            #expect(error.line != nil || error.byteOffset != nil)
          }
        }
      }
    }
  }

  @Test func `line ends may be mixed`() throws {
    let unix = try importText(Self.log, as: .qemuLog)
    var toggle = false
    let mixed = Self.log.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      toggle.toggle()
      return toggle ? line + "\r" : line
    }.joined(separator: "\n")
    let result = try importText(mixed, as: .qemuLog)
    #expect(result.records == unix.records)
  }
}
