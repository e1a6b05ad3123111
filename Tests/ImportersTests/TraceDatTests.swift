import TestSupport
import Testing
import TraceCore
import TraceIO

@testable import Importers

/// trace-cmd's binary file.
struct TraceDatTests {
  private static func fixture(_ name: String) -> String {
    let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    return "/" + folder + "/Fixtures/" + name
  }

  private func importFile(_ name: String) throws -> Imported {
    let input = try openInput(path: Self.fixture(name))
    let format = try ImportFormat.recognize(input.head, path: input.path)
    let source = try format.open(input, name: input.name)
    var result = Imported(context: source.context)
    let block = Block()
    while try source.next(into: block) { result.records += describe(block, source.context) }
    return result
  }

  /// The first ten pages of a real recording, and what `trace-cmd report -t` prints of them; the
  /// counts are those of `grep -c` over the report.
  @Test func `a real file agrees with its report record by record`() throws {
    let file = try importFile("rwmmio-v7-zstd.dat")
    let report = try importFile("rwmmio-v7-zstd.report.txt.zst")
    #expect(file.context.format == "trace-dat" && report.context.format == "rwmmio")
    #expect(file.records.count == 400)
    #expect(file.records.count { $0.hasPrefix("load") } == 100)
    #expect(
      file.records
        == report.records.map { $0.split(separator: " ").dropLast().joined(separator: " ") })
    #expect(file.context.counters.rows.isEmpty)
    #expect(file.context.sha256?.count == 64)
  }

  static let variants: [(UInt8, DatFile.Compression)] = [
    (6, .none), (7, .none), (7, .zlib), (7, .zstd),
  ]

  /// Two CPUs with every kind of ring-buffer event; times are added up by hand.
  private static var file: DatFile {
    var first = DatPage(at: 1000)
    first.event(DatFile.rwmmio(474, 0x1000, 0x11), after: 10)  // 1010
    first.extend(1 << 27 | 5)  // 134_218_743 (1010 + 2^27 + 5)
    first.longEvent(DatFile.rwmmio(472, 0x1004), after: 1)  // 134_218_744
    first.discarded(8, after: 100)
    first.event(DatFile.rwmmio(471, 0x1004, 0x22), after: 2)
    var second = DatPage(at: 300_000_000)
    second.flags = 3 << 30
    second.missed = 42
    second.absolute(300_000_500)
    second.event(DatFile.rwmmio(474, 0x2000, 0x33, width: 64), after: 0)
    var third = DatPage(at: 400_000_000)
    third.flags = 1 << 31
    third.event(DatFile.rwmmio(474, 0x2008, 0x44, width: 8), after: 0)
    var other = DatPage(at: 500)
    let mark = dat(5, 2) + [0, 0] + dat(9, 4) + dat(0, 8) + Array("phase a\n".utf8) + [0, 0, 0, 0]
    other.event(mark, after: 0)  // 500
    other.event(dat(314, 2) + [0, 0] + dat(9, 4), after: 510)  // 1010
    other.event(DatFile.rwmmio(474, 0x3000, 0x55, width: 16), after: 0)  // 1010
    other.extend(300_000_000)
    other.event(DatFile.rwmmio(474, 0x3002, 0x66, width: 16), after: 0)
    var file = DatFile()
    file.cpus = [(0, [first, second, third]), (3, [other])]
    return file
  }

  private static let expected = [
    "mark v3 t500 'phase a'",
    "store v0 0x1000+4 =11 t1010 pc0xc0de [mem@0x1000]",
    "store v3 0x3000+2 =55 t1010 pc0xc0de [mem@0x3000]",
    "load v0 0x1004+4 =22 t134218744 pc0xc0de [mem@0x1000]",
    "lost v0 =2a t300000500",
    "store v0 0x2000+8 =33 t300000500 pc0xc0de [mem@0x2000]",
    "store v3 0x3002+2 =66 t300001010 pc0xc0de [mem@0x3000]",
    "lost v0 t400000000",
    "store v0 0x2008+1 =44 t400000000 pc0xc0de [mem@0x2000]",
  ]

  @Test(arguments: variants)
  func `every version and compression gives the same records`(
    _ version: UInt8, _ compression: DatFile.Compression
  ) throws {
    var file = Self.file
    file.version = version
    file.compression = compression
    let result = try importBytes(file.bytes)
    #expect(result.context.format == "trace-dat")
    #expect(result.records == Self.expected)
    #expect(result.counter("other_event_sched_switch") == 1)
    #expect(result.counter("write_without_post") == 5)
    #expect(result.counter("clock_backwards") == 0)
    file.otherBuffer = true
    #expect(try importBytes(file.bytes).counter("other_buffer") == 1)
    file.clock = "x86-tsc"
    let counted = try importBytes(file.bytes)
    #expect(counted.records.allSatisfy { !$0.contains(" t") })
    #expect(counted.context.blindSpots.contains { $0.contains("x86-tsc") })
  }

  @Test func `an event counts from the time of a discarded one`() throws {
    var page = DatPage(at: 1000)
    page.discarded(8, after: 100)
    page.event(DatFile.rwmmio(474, 0x1000, 0x11), after: 2)
    var file = DatFile()
    file.cpus = [(0, [page])]
    #expect(
      try importBytes(file.bytes).records == ["store v0 0x1000+4 =11 t1102 pc0xc0de [mem@0x1000]"])
  }

  @Test func `a pipe is read like a file`() throws {
    let source = try ImportFormat.traceDat.open(
      MemorySource(Self.file.bytes, chunk: 1000, isSeekable: false), name: "t")
    var records: [String] = []
    let block = Block()
    while try source.next(into: block) { records += describe(block, source.context) }
    #expect(records == Self.expected)
  }

  @Test func `kvm_mmio is read where there is no rwmmio`() throws {
    func access(_ type: UInt64, _ address: UInt64, _ value: UInt64, pid: UInt64) -> [UInt8] {
      dat(900, 2) + [0, 0] + dat(pid, 4) + dat(type, 4) + dat(4, 4) + dat(address, 8)
        + dat(value, 8)
    }
    var page = DatPage(at: 100)
    page.event(access(0, 0x800_ffe8, 0, pid: 71), after: 0)
    page.event(access(2, 0x800_0490, 7, pid: 70), after: 1)
    page.event(access(1, 0x800_ffe8, 0x3b, pid: 71), after: 1)
    page.discarded(28, after: 1)
    page.event(dat(901, 2) + [0, 0] + dat(72, 4) + dat(6, 4), after: 1)  // kvm_entry of vCPU 6
    page.event(access(2, 0x10, 8, pid: 72), after: 1)
    var file = DatFile()
    file.formats = [
      ("kvm_mmio", 900, [("type", 8, 4), ("len", 12, 4), ("gpa", 16, 8), ("val", 24, 8)]),
      ("kvm_entry", 901, [("vcpu_id", 8, 4)]),
    ]
    file.tasks = "70 CPU 4/KVM\n71 CPU 2/KVM\n"
    file.cpus = [(0, [page])]
    let result = try importBytes(file.bytes)
    #expect(
      result.records == [
        "store v4 0x8000490+4 =7 t101 [mem@0x8000000]",
        "load v2 0x800ffe8+4 =3b t102 [mem@0x8000000]", "store v6 0x10+4 =8 t105 [mem@0x0]",
      ])
    #expect(result.context.counters.rows.map(\.name) == ["vcpu_notice"])
  }

  /// The event begins 16 bytes behind its page's start and its data 4 bytes later; offsets of fields
  /// are those of the formats.
  @Test(arguments: [
    (DatFile.rwmmio(474, 0x1000, 0x11, width: 33), TraceError.Code.range, 40),
    (DatFile.rwmmio(472, 0x1000, width: 0), .range, 32),
    (DatFile.rwmmio(474, .max, 0x11), .range, 24), (DatFile.rwmmio(472, .max - 3), .range, 24),
    (Array(DatFile.rwmmio(474, 0x1000, 0x11).prefix(40)), .badRecord, 0),
    (dat(474, 2) + [0, 0], .badRecord, 0),
  ])
  func `a malformed event is an error with its place, or skipped`(
    _ event: [UInt8], _ code: TraceError.Code, _ field: Int
  ) throws {
    var page = DatPage(at: 100)
    page.event(DatFile.rwmmio(474, 0x1000, 0x11), after: 0)
    let before = page.bytes.count
    page.event(event, after: 1)
    page.event(DatFile.rwmmio(474, 0x1004, 0x22), after: 1)
    var file = DatFile()
    file.cpus = [(0, [page])]
    let content = page.content
    let bytes = file.bytes
    let start = try #require(
      bytes.indices.first { bytes[$0...].starts(with: content) })
    let error = #expect(throws: TraceError.self) { try importBytes(bytes) }
    #expect(error?.code == code && error?.record == 1)
    #expect(error?.byteOffset == UInt64(start + 16 + before + 4 + field))
    let skipped = try importBytes(bytes, skip: true)
    #expect(
      skipped.records == [
        "store v0 0x1000+4 =11 t100 pc0xc0de [mem@0x1000]",
        "store v0 0x1004+4 =22 t102 pc0xc0de [mem@0x1000]",
      ])
    #expect(skipped.counter("bad_record_skipped") == 1)
  }

  /// Types are 0, 1 and 2, lengths 1 to 64.
  @Test(arguments: [(3, 4, 0x10, 8), (2, 0, 0x10, 12), (2, 65, 0x10, 12), (2, 4, UInt64.max, 16)])
  func `a malformed kvm_mmio event is an error with its place`(
    _ type: UInt64, _ size: UInt64, _ address: UInt64, _ field: UInt64
  ) throws {
    var page = DatPage(at: 100)
    page.event(
      dat(900, 2) + [0, 0] + dat(70, 4) + dat(type, 4) + dat(size, 4) + dat(address, 8)
        + dat(7, 8), after: 0)
    var file = DatFile()
    file.formats = [
      ("kvm_mmio", 900, [("type", 8, 4), ("len", 12, 4), ("gpa", 16, 8), ("val", 24, 8)])
    ]
    file.cpus = [(0, [page])]
    let content = page.content
    let bytes = file.bytes
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: content) })
    let error = #expect(throws: TraceError.self) { try importBytes(bytes) }
    #expect(error?.code == .range && error?.byteOffset == UInt64(start) + 16 + 4 + field)
    let skipped = try importBytes(bytes, skip: true)
    #expect(skipped.records.isEmpty && skipped.counter("bad_record_skipped") == 1)
  }

  /// A value of 32 bits has 0x2_0000_0000 cut off.
  @Test func `a value wider than its access is cut and counted`() throws {
    var page = DatPage(at: 100)
    page.event(DatFile.rwmmio(474, 0x1000, 0x2_0000_0001), after: 0)
    var file = DatFile()
    file.cpus = [(0, [page])]
    let result = try importBytes(file.bytes)
    #expect(result.records == ["store v0 0x1000+4 =1 t100 pc0xc0de [mem@0x1000]"])
    #expect(result.counter("wide_value") == 1)
  }

  /// CPU 0's second page tells of 7 lost events and has none itself; CPU 1 has one behind it.
  @Test(arguments: [(7, "lost v0 =7 t2000"), (nil, "lost v0 t2000")] as [(UInt64?, String)])
  func `a loss behind the last event of a CPU is a record`(
    _ missed: UInt64?, _ lost: String
  ) throws {
    var first = DatPage(at: 1000)
    first.event(DatFile.rwmmio(474, 0x1000, 0x11), after: 0)
    var last = DatPage(at: 2000)
    last.flags = missed == nil ? 1 << 31 : 3 << 30
    last.missed = missed
    var other = DatPage(at: 3000)
    other.event(DatFile.rwmmio(474, 0x1004, 0x22), after: 0)
    for (version, compression) in Self.variants {
      var file = DatFile()
      (file.version, file.compression) = (version, compression)
      file.cpus = [(0, [first, last]), (1, [other])]
      #expect(
        try importBytes(file.bytes).records == [
          "store v0 0x1000+4 =11 t1000 pc0xc0de [mem@0x1000]", lost,
          "store v1 0x1004+4 =22 t3000 pc0xc0de [mem@0x1000]",
        ])
    }
    // Nothing but a loss.
    var file = DatFile()
    file.cpus = [(0, [last])]
    #expect(try importBytes(file.bytes).records == [lost])
  }

  /// The first CPU of ``file`` has three chunks of a page each.
  @Test(arguments: [DatFile.Compression.zlib, .zstd], [0, 1, 2, 4, 1000])
  func `a wrong number of chunks is an error with its place, or skipped`(
    _ compression: DatFile.Compression, _ count: Int
  ) throws {
    var file = Self.file
    file.compression = compression
    let right = file.bytes
    file.chunkCounts = [count, nil]
    let bytes = file.bytes
    let place = try #require(right.indices.first { right[$0] != bytes[$0] })
    let error = #expect(throws: TraceError.self) { try importBytes(bytes) }
    #expect(error?.code == .badRecord)
    // Sizes, frame and page of each chunk that was counted.
    let chunk = 8 + DatPage.size + (compression == .zlib ? 7 + 4 : 6 + 3)
    #expect(error?.byteOffset == UInt64(place + 4 + min(count, 3) * chunk))
    let skipped = try importBytes(bytes, skip: true)
    #expect(skipped.counter("bad_record_skipped") == 1)
    // What a wrong number may stand for is a loss, too.
    let (found, expected) = (skipped.records, Self.expected)
    #expect(
      found.filter { !$0.hasPrefix("lost") } == expected.filter { !$0.hasPrefix("lost") })
  }

  /// Ten pages each, as trace-cmd stores them: of the first chunk no page comes twice.
  @Test func `a wrong number of chunks repeats no page`() throws {
    var file = DatFile()
    file.compression = .zstd
    file.chunkCounts = [1]
    file.pagesInChunk = 10
    file.cpus = [
      (
        0,
        (0..<15 as Range<UInt64>).map { number in
          var page = DatPage(at: 1000 * (number + 1))
          page.event(DatFile.rwmmio(474, 0x1000, number), after: 0)
          return page
        }
      )
    ]
    let skipped = try importBytes(file.bytes, skip: true)
    #expect(
      skipped.records.filter { !$0.hasPrefix("lost") }
        == (0..<15 as Range<UInt64>).map {
          "store v0 0x1000+4 =\(hex($0)) t\(1000 * ($0 + 1)) pc0xc0de [mem@0x1000]"
        })
  }

  /// The first of two chunks holds a page and a half; or the last one, as where a recording was cut.
  @Test(arguments: [DatFile.Compression.zlib, .zstd])
  func `a chunk that is not whole pages is an error, and the last one a cut`(
    _ compression: DatFile.Compression
  ) throws {
    var file = Self.file
    file.compression = compression
    let half = [UInt8](repeating: 0, count: DatPage.size / 2)
    file.chunkTails = [[half, [], []], nil]
    let error = #expect(throws: TraceError.self) { try importBytes(file.bytes) }
    #expect(error?.code == .badRecord && error?.byteOffset != nil)
    #expect(try importBytes(file.bytes, skip: true).counter("bad_record_skipped") == 1)
    file.chunkTails = [[[], [], half], nil]
    let cut = try importBytes(file.bytes)
    #expect(cut.records == Self.expected)
    #expect(cut.counter("cut_last_record") == 1)
  }

  /// As of lines (`KVMEventTests`): 70 has no number, and takes the first.
  @Test(arguments: ["CPU +5/KVM", "CPU 5/KVM2", "CPU /KVM", "CPU 65536/KVM"])
  func `a task of another name tells no vCPU`(task: String) throws {
    var page = DatPage(at: 100)
    page.event(
      dat(900, 2) + [0, 0] + dat(70, 4) + dat(2, 4) + dat(4, 4) + dat(0x800_0490, 8) + dat(7, 8),
      after: 0)
    var file = DatFile()
    file.formats = [
      ("kvm_mmio", 900, [("type", 8, 4), ("len", 12, 4), ("gpa", 16, 8), ("val", 24, 8)])
    ]
    file.tasks = "70 \(task)\n"
    file.cpus = [(0, [page])]
    let records = try importBytes(file.bytes).records
    #expect(records == ["store v0 0x8000490+4 =7 t100 [mem@0x8000000]"])
  }

  @Test func `what is not read is refused with a reason`() throws {
    var swapped = DatFile().bytes
    swapped[12] = 1
    var wrong = DatFile()
    wrong.version = 5
    for (bytes, reason) in [(swapped, "big-endian"), (wrong.bytes, "version 5")] {
      let error = #expect(throws: TraceError.self) { try importBytes(bytes) }
      #expect(error?.code == .unknownFormat && error?.message.contains(reason) == true)
    }
    // A file without events is whole.
    #expect(try importBytes(DatFile().bytes).records.isEmpty)
  }

  /// Two pages without events, each behind so many lost ones, and one with an event.
  @Test func `numbers of lost events stay at the largest number`() throws {
    var empty = DatPage(at: 1000)
    empty.flags = 3 << 30
    empty.missed = .max
    var full = DatPage(at: 2000)
    full.event(DatFile.rwmmio(474, 0x1000, 0x11), after: 10)
    var file = DatFile()
    file.cpus = [(0, [empty, empty, full])]
    let records = try importBytes(file.bytes).records
    #expect(records.first?.hasPrefix("lost v0 =ffffffffffffffff") == true)
    #expect(records.count == 2)
  }

  /// The place of the options follows the compressor's name and version; trace-cmd writes it when
  /// a recording ends, and 0 before.
  @Test func `a version 7 file without options is one that was not finished`() throws {
    var bytes = DatFile().bytes
    let heading = Array("none".utf8) + [0]
    let name = try #require(
      bytes.indices.first { bytes[$0...].starts(with: heading) })
    let version = name + heading.count
    let place = try #require(bytes[version...].firstIndex(of: 0)) + 1
    for index in place..<place + 8 { bytes[index] = 0 }
    let error = #expect(throws: TraceError.self) { try importBytes(bytes) }
    #expect(error?.code == .truncated && error?.message.contains("not finished") == true)
  }

  @Test func `a damaged page is an error with its place, or skipped`() throws {
    var file = Self.file
    // An event that would end behind its page.
    file.cpus[0].pages[1].bytes += dat(28, 4)
    let start = file.bytes.count
    let error = #expect(throws: TraceError.self) { try importBytes(file.bytes) }
    #expect(error?.code == .badRecord && error?.byteOffset ?? 0 < UInt64(start))
    let skipped = try importBytes(file.bytes, skip: true)
    #expect(skipped.records == Self.expected)
    #expect(skipped.counter("bad_record_skipped") == 1)
  }

  @Test func `what damage takes away is lost, with what was lost ahead of it`() throws {
    var first = DatPage(at: 1000)
    first.event(DatFile.rwmmio(474, 0x1000, 0x11), after: 0)
    // Its only event would end behind it.
    var second = DatPage(at: 2000)
    second.bytes += dat(28, 4)
    var third = DatPage(at: 3000)
    third.event(DatFile.rwmmio(474, 0x1004, 0x22), after: 0)
    third.event(DatFile.rwmmio(474, 0x1008, 0x33), after: 7)
    for (missed, lost) in [(nil, "lost v0 t3000"), (77, "lost v0 =4d t3000")] as [(UInt64?, String)]
    {
      second.flags = missed == nil ? 0 : 3 << 30
      second.missed = missed
      var file = DatFile()
      file.cpus = [(0, [first, second, third])]
      let skipped = try importBytes(file.bytes, skip: true)
      #expect(skipped.counter("bad_record_skipped") == 1)
      #expect(
        skipped.records == [
          "store v0 0x1000+4 =11 t1000 pc0xc0de [mem@0x1000]", lost,
          "store v0 0x1004+4 =22 t3000 pc0xc0de [mem@0x1000]",
          "store v0 0x1008+4 =33 t3007 pc0xc0de [mem@0x1000]",
        ])
    }
  }

  @Test(arguments: variants)
  func `a file cut at any byte ends cleanly or with an error`(
    _ version: UInt8, _ compression: DatFile.Compression
  ) throws {
    var file = Self.file
    file.version = version
    file.compression = compression
    let bytes = file.bytes
    for cut in stride(from: 0, to: bytes.count, by: 37) {
      do throws(TraceError) {
        let result = try importBytes(Array(bytes[..<cut]), as: .traceDat)
        #expect(result.records.count < Self.expected.count)
        #expect(result.counter("cut_last_record") == 1)
      } catch {
        #expect(error.code == .truncated || error.code == .badRecord, "\(error)")
        #expect(error.byteOffset != nil)
      }
    }
  }

  @Test(arguments: variants)
  func `flipped bits never trap or hang`(
    _ version: UInt8, _ compression: DatFile.Compression
  ) throws {
    var generator = SplitMix64(seed: 31)
    var file = Self.file
    file.version = version
    file.compression = compression
    let bytes = file.bytes
    // Most of a file is the zeros behind its pages' data: flip where something stands.
    let places = bytes.indices.filter { bytes[$0] != 0 }
    for round in 0..<300 {
      var flipped = bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        flipped[places.randomElement(using: &generator) ?? 0] ^=
          1 << UInt8.random(in: 0...7, using: &generator)
      }
      do throws(TraceError) {
        let result = try importBytes(flipped, as: .traceDat, skip: round % 2 == 0)
        #expect(result.records.count < 200)
      } catch {
        #expect(error.byteOffset != nil || error.code == .unknownFormat)
      }
    }
  }
}
