/// Ring-buffer pages, built event by event after `include/linux/ring_buffer.h`.
struct DatPage {
  static let size = 4096
  var bytes: [UInt8] = []
  var time: UInt64
  var flags: UInt64 = 0
  /// Stored behind the data.
  var missed: UInt64?

  init(at time: UInt64) { self.time = time }

  /// An event of 1 to 28 words.
  mutating func event(_ data: [UInt8], after delta: UInt64) {
    let padded = data + [UInt8](repeating: 0, count: (4 - data.count % 4) % 4)
    bytes += dat(UInt64(padded.count / 4) | delta << 5, 4) + padded
  }

  /// An event whose length stands in front of it.
  mutating func longEvent(_ data: [UInt8], after delta: UInt64) {
    bytes += dat(delta << 5, 4) + dat(UInt64(data.count + 4), 4) + data
    bytes += [UInt8](repeating: 0, count: (4 - data.count % 4) % 4)
  }

  /// An event that was discarded: the next one counts from its time.
  mutating func discarded(_ count: Int, after delta: UInt64) {
    bytes += dat(29 | delta << 5, 4) + dat(UInt64(count + 4), 4)
    bytes += [UInt8](repeating: 0xee, count: count)
  }

  mutating func extend(_ delta: UInt64) {
    bytes += dat(30 | (delta & 0x7ff_ffff) << 5, 4) + dat(delta >> 27, 4)
  }

  mutating func absolute(_ time: UInt64) {
    bytes += dat(31 | (time & 0x7ff_ffff) << 5, 4) + dat(time >> 27 & 0xffff_ffff, 4)
  }

  var content: [UInt8] {
    var page = dat(time, 8) + dat(UInt64(bytes.count) | flags, 8) + bytes
    if let missed { page += dat(missed, 8) }
    return page + [UInt8](repeating: 0, count: Self.size - page.count)
  }
}

/// A `trace.dat` file, built after trace-cmd's format pages.
struct DatFile {
  /// How chunks are stored; all three are valid streams that hold the bytes as they are.
  enum Compression { case none, zlib, zstd }

  var version: UInt8 = 7
  var compression = Compression.none
  var clock = "local"
  /// Name, number, fields: name, offset, size.
  var formats: [(name: String, id: Int, fields: [(String, Int, Int)])] = [
    ("rwmmio_post_read", 471, RWMMIOFields.long), ("rwmmio_read", 472, RWMMIOFields.short),
    ("rwmmio_post_write", 473, RWMMIOFields.long), ("rwmmio_write", 474, RWMMIOFields.long),
    ("print", 5, [("ip", 8, 8), ("buf[]", 16, 0)]), ("sched_switch", 314, [("prev_pid", 24, 4)]),
  ]
  var tasks = "5 dd\n"
  var symbols = "kall"
  /// Pages by CPU.
  var cpus: [(cpu: Int, pages: [DatPage])] = []
  var otherBuffer = false
  /// Numbers of chunks that are wrong, by index in ``cpus``; nil for the right one.
  var chunkCounts: [Int?] = []
  var pagesInChunk = 1
  /// What stands behind the page in each chunk, by index in ``cpus``.
  var chunkTails: [[[UInt8]]?] = []

  enum RWMMIOFields {
    static let short = [("caller", 8, 8), ("caller0", 16, 8), ("addr", 24, 8), ("width", 32, 1)]
    static let long = [
      ("caller", 8, 8), ("caller0", 16, 8), ("addr", 24, 8), ("val", 32, 8), ("width", 40, 1),
    ]
  }

  /// The data of an `rwmmio_*` event.
  static func rwmmio(
    _ id: Int, pid: Int = 5, caller: UInt64 = 0xc0de, _ address: UInt64, _ value: UInt64? = nil,
    width: UInt64 = 32
  ) -> [UInt8] {
    dat(UInt64(id), 2) + [0, 0] + dat(UInt64(pid), 4) + dat(caller, 8) + dat(0xca11, 8)
      + dat(address, 8) + (value.map { dat($0, 8) } ?? []) + dat(width, 4)
  }

  private func format(_ name: String, _ id: Int, _ fields: [(String, Int, Int)]) -> String {
    let common = [("common_type", 0, 2), ("common_flags", 2, 1), ("common_pid", 4, 4)]
    let lines = (common + fields).map { name, offset, size in
      "\tfield:unsigned long \(name);\toffset:\(offset);\tsize:\(size);\tsigned:0;\n"
    }
    return "name: \(name)\nID: \(id)\nformat:\n" + lines.joined() + "\nprint fmt: \"%d\"\n"
  }

  private var headers: [UInt8] {
    let page = """
      \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
      \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
      \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
      \tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;

      """
    return text("header_page") + sized(page) + text("header_event") + sized("# header\n")
  }

  private var ftraceFormats: [UInt8] {
    let own = formats.filter { $0.name == "print" }
    return dat(UInt64(own.count), 4) + own.flatMap { sized(format($0.name, $0.id, $0.fields)) }
  }

  private var eventFormats: [UInt8] {
    let own = formats.filter { $0.name != "print" }
    return dat(1, 4) + text("rwmmio") + dat(UInt64(own.count), 4)
      + own.flatMap { sized(format($0.name, $0.id, $0.fields)) }
  }

  private func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }
  private func sized(_ text: String) -> [UInt8] {
    dat(UInt64(text.utf8.count), 8) + Array(text.utf8)
  }

  var bytes: [UInt8] {
    let start =
      [0x17, 0x08, 0x44] + Array("tracing".utf8) + text(String(version)) + [0, 8]
      + dat(UInt64(DatPage.size), 4)
    return version == 6 ? version6(start) : version7(start)
  }

  private func version6(_ start: [UInt8]) -> [UInt8] {
    var file = start + headers + ftraceFormats + eventFormats
    file += symbolTable + dat(2, 4) + Array("pf".utf8) + sized(tasks)
    let count = (cpus.map(\.cpu).max() ?? -1) + 1
    file += dat(UInt64(count), 4) + text("options  ")
    if otherBuffer { file += dat(3, 2) + dat(11, 4) + dat(0, 8) + text("me") }
    file += dat(0, 2) + text("flyrecord")
    let clockText = sized("[\(clock)] other")
    var place = file.count + 16 * count + clockText.count
    var data: [UInt8] = []
    for cpu in 0..<count {
      let pages = cpus.first { $0.cpu == cpu }?.pages.flatMap(\.content) ?? []
      file += dat(UInt64(place), 8) + dat(UInt64(pages.count), 8)
      place += pages.count
      data += pages
    }
    return file + clockText + data
  }

  private var symbolTable: [UInt8] { dat(UInt64(symbols.utf8.count), 4) + Array(symbols.utf8) }

  private func version7(_ start: [UInt8]) -> [UInt8] {
    let name = ["none", "zlib", "zstd"][[.none, .zlib, .zstd].firstIndex(of: compression) ?? 0]
    var file = start + text(name) + text("1.0")
    let options = file.count
    file += dat(0, 8)
    var entries: [UInt8] = []
    let parts = [
      (16, headers), (17, ftraceFormats), (18, eventFormats), (19, symbolTable), (21, sized(tasks)),
    ]
    for (id, content) in parts {
      entries += dat(UInt64(id), 2) + dat(8, 4) + dat(UInt64(file.count), 8)
      let packed = compression == .none ? content : chunk(content)
      file += section(id, packed)
    }
    var pages: [UInt8] = []
    var buffer = text("") + text(clock) + dat(UInt64(DatPage.size), 4)
    buffer += dat(UInt64(cpus.count), 4)
    let place = file.count
    for (index, (cpu, own)) in cpus.enumerated() {
      var content = own.map(\.content)
      if index < chunkTails.count, let tails = chunkTails[index] {
        content = zip(content, tails).map { $0 + $1 }
      }
      if compression != .none, pagesInChunk > 1 {
        content = stride(from: 0, to: content.count, by: pagesInChunk).map { first in
          content[first..<min(first + pagesInChunk, content.count)].flatMap(\.self)
        }
      }
      let count = (index < chunkCounts.count ? chunkCounts[index] : nil) ?? content.count
      let stored =
        compression == .none
        ? content.flatMap(\.self) : dat(UInt64(count), 4) + content.flatMap(chunk)
      buffer += dat(UInt64(cpu), 4) + dat(UInt64(place + 16 + pages.count), 8)
      // As trace-cmd 3.1 writes it: without the number of chunks. The fixture has it in the size.
      buffer += dat(UInt64(stored.count - (compression == .none ? 0 : 4)), 8)
      pages += stored
    }
    file += section(3, pages)
    if otherBuffer {
      let other = dat(UInt64(place), 8) + text("me") + text(clock)
      entries += dat(3, 2) + dat(UInt64(other.count), 4) + other
    }
    entries += dat(3, 2) + dat(UInt64(8 + buffer.count), 4) + dat(UInt64(place), 8) + buffer
    entries += dat(0, 2) + dat(8, 4) + dat(0, 8)
    file.replaceSubrange(options..<options + 8, with: dat(UInt64(file.count), 8))
    return file + dat(0, 2) + dat(0, 2) + dat(0, 4) + dat(UInt64(entries.count), 8) + entries
  }

  private func section(_ id: Int, _ content: [UInt8]) -> [UInt8] {
    dat(UInt64(id), 2) + dat(compression == .none ? 0 : 1, 2) + dat(0, 4)
      + dat(UInt64(content.count), 8) + content
  }

  /// Sizes, then a stream with one stored block.
  private func chunk(_ content: [UInt8]) -> [UInt8] {
    let count = UInt64(content.count)
    var stream: [UInt8]
    if compression == .zlib {
      // RFC 1950 and 1951: last block, stored; Adler-32.
      stream = [0x78, 0x01, 1] + dat(count, 2) + dat(~count, 2) + content
      var (low, high): (UInt64, UInt64) = (1, 0)
      for byte in content {
        low = (low + UInt64(byte)) % 65_521
        high = (high + low) % 65_521
      }
      stream += dat(high << 16 | low, 4).reversed()
    } else {
      // RFC 8878: no content size, no checksum, window of 64 KiB; last block, raw.
      stream = [0x28, 0xb5, 0x2f, 0xfd, 0, 6 << 3] + dat(count << 3 | 1, 3) + content
    }
    return dat(UInt64(stream.count), 4) + dat(count, 4) + stream
  }
}

/// Little-endian bytes of a number.
func dat(_ value: UInt64, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
}
