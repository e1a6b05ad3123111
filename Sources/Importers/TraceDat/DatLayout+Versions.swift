import TraceCore
import TraceIO

extension DatLayout {
  // MARK: Version 6

  /// Everything in one fixed order.
  mutating func readVersion6(_ cursor: inout DatCursor) throws(TraceError) {
    try readHeaders(&cursor)
    try readFtraceFormats(&cursor)
    try readEventFormats(&cursor)
    try readSymbols(&cursor)
    try cursor.skip(try cursor.number(4, "the size of the printk formats"), "printk formats")
    try readTasks(&cursor)
    let count = try cursor.count(4, "a number of CPUs", limit: Self.cpuLimit)
    while true {
      let word = try cursor.take(10, "options, latency or flyrecord")
      switch String(decoding: word.prefix { $0 != 0 }, as: UTF8.self) {
      case "options  ": try readOptions6(&cursor)
      case "flyrecord":
        for cpu in 0..<count {
          let offset = try cursor.number(8, "the place of a CPU's pages")
          let size = try cursor.number(8, "the size of a CPU's pages")
          if size > 0 { cpus.append(CPU(cpu: UInt16(cpu), offset: offset, size: size)) }
        }
        if let clock = try? cursor.sizedText(8, "the clock"), clock.utf8.count < 4096 {
          setClock(clock)
        }
        return
      default:
        throw cursor.error(
          .unknownFormat, "this trace.dat file holds text (latency), not pages (flyrecord)")
      }
    }
  }

  private mutating func readOptions6(_ cursor: inout DatCursor) throws(TraceError) {
    while true {
      let option = try cursor.number(2, "an option")
      if option == 0 { return }
      let data = try cursor.take(try cursor.number(4, "an option's size"), "an option")
      if option == 3 { otherBuffers += 1 } else { take(option, data) }
    }
  }

  // MARK: Version 7

  /// Options sections, each naming the next, and what they point at.
  mutating func readVersion7(
    _ cursor: inout DatCursor, _ file: any RandomAccess
  ) throws(TraceError) {
    let name = try cursor.text("a compressor's name")
    _ = try cursor.text("a compressor's version")
    var next = try cursor.number(8, "the place of the options")
    let method = ChunkDecompressor.Method(rawValue: name)
    guard method != nil || name == "none" else {
      throw cursor.error(.unknownFormat, "the compressor '\(name)' is not known")
    }
    var seen: Set<UInt64> = []
    while next != 0 {
      guard seen.insert(next).inserted else {
        throw cursor.error(.badRecord, "the options sections name each other")
      }
      next = try readOptions7(at: next, method, file)
    }
    guard hasMainBuffer || otherBuffers > 0 else {
      throw cursor.error(
        .truncated, "no options section names a buffer: the recording was not finished")
    }
  }

  /// - Returns: The place of the next options section; 0 for none.
  private mutating func readOptions7(
    at offset: UInt64, _ method: ChunkDecompressor.Method?, _ file: any RandomAccess
  ) throws(TraceError) -> UInt64 {
    var (cursor, _) = try section(at: offset, id: 0, method, file)
    while true {
      let option = try cursor.number(2, "an option")
      let data = try cursor.take(try cursor.number(4, "an option's size"), "an option")
      let place = data.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
      switch option {
      case 0: return place
      case 3: try readBuffer(data, method, file)
      case 16, 17, 18, 19, 21:
        var (part, _) = try section(at: place, id: option, method, file)
        switch option {
        case 16: try readHeaders(&part)
        case 17: try readFtraceFormats(&part)
        case 18: try readEventFormats(&part)
        case 19: try readSymbols(&part)
        default: try readTasks(&part)
        }
      default: take(option, data)
      }
    }
  }

  /// `u64 offset, name, clock, u32 page size, u32 CPUs, (u32 cpu, u64 offset, u64 size)...`.
  private mutating func readBuffer(
    _ data: [UInt8], _ method: ChunkDecompressor.Method?, _ file: any RandomAccess
  ) throws(TraceError) {
    var cursor = DatCursor(MemorySource(data, path: file.path))
    let place = try cursor.number(8, "the place of a buffer")
    let name = try cursor.text("a buffer's name")
    guard name.isEmpty else {
      otherBuffers += 1
      return
    }
    hasMainBuffer = true
    setClock(try cursor.text("a clock"))
    pageSize = try Self.pageSize(&cursor)
    let count = try cursor.count(4, "a number of CPUs", limit: Self.cpuLimit)
    cpus.removeAll()
    for _ in 0..<count {
      let cpu = try cursor.count(4, "a CPU", limit: 65_535)
      let offset = try cursor.number(8, "the place of a CPU's pages")
      let size = try cursor.number(8, "the size of a CPU's pages")
      if size > 0 { cpus.append(CPU(cpu: UInt16(cpu), offset: offset, size: size)) }
    }
    let header = try Self.sectionHeader(at: place, file)
    compression = header.isCompressed ? method : nil
  }

  private static func sectionHeader(
    at offset: UInt64, _ file: any RandomAccess
  ) throws(TraceError) -> (id: UInt64, isCompressed: Bool, size: UInt64, cursor: DatCursor) {
    var cursor = DatCursor(file, at: offset)
    let id = try cursor.number(2, "a section's number")
    let flags = try cursor.number(2, "a section's flags")
    _ = try cursor.number(4, "a section's name")
    let size = try cursor.number(8, "a section's size")
    return (id, flags & 1 == 1, size, cursor)
  }

  /// A section's content, decompressed.
  private func section(
    at offset: UInt64, id: UInt64, _ method: ChunkDecompressor.Method?, _ file: any RandomAccess
  ) throws(TraceError) -> (DatCursor, size: UInt64) {
    let header = try Self.sectionHeader(at: offset, file)
    var cursor = header.cursor
    guard header.id == id else {
      throw cursor.error(.badRecord, "expected section \(id), found \(header.id)")
    }
    guard header.isCompressed else { return (cursor, header.size) }
    guard let method else {
      throw cursor.error(.badRecord, "a compressed section in a file without a compressor")
    }
    let packed = try cursor.count(4, "a packed size", limit: DatCursor.limit)
    let unpacked = try cursor.count(4, "an unpacked size", limit: DatCursor.limit)
    var content: [UInt8] = []
    do throws(TraceError) {
      try ChunkDecompressor(method).decompress(
        try cursor.take(UInt64(packed), "a section"), size: unpacked, into: &content)
    } catch {
      throw cursor.error(error.code, error.message)
    }
    content.removeLast(content.count - unpacked)
    return (DatCursor(MemorySource(content, path: file.path), section: offset), UInt64(unpacked))
  }
}
