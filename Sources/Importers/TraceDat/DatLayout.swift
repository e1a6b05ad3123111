import TraceCore
import TraceIO

/// What the metadata of a `trace.dat` file say (trace-cmd `Documentation/trace-cmd.dat.v6.5.txt`
/// and `trace-cmd.dat.v7.5.txt`).
struct DatLayout {
  /// Where the ring-buffer pages of a CPU are.
  struct CPU {
    var cpu: UInt16
    var offset: UInt64
    var size: UInt64
  }

  static let magic: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing".utf8)
  static let cpuLimit: UInt64 = 4096
  static let formatLimit: UInt64 = 65_536

  var version: Int
  var pageSize: Int
  /// Bytes of the `commit` field, and where a page's data start.
  var commit = EventFormat.Field(offset: 8, size: 8)
  var dataOffset = 16
  var formats: [UInt16: EventFormat] = [:]
  /// Tasks by process number.
  var tasks: [UInt64: String] = [:]
  var symbols = KernelSymbols()
  var clock = ""
  var cpus: [CPU] = []
  /// How the pages of the CPUs are compressed.
  var compression: ChunkDecompressor.Method?
  /// Version 7: an option names the main buffer, be it empty.
  var hasMainBuffer = false
  /// Instances beside the main buffer; their events are not read.
  var otherBuffers = 0
  /// The file holds an offset or factor for its times.
  var hasTimeCorrection = false

  /// The clock's numbers are nanoseconds.
  var hasUnit: Bool { clock != "counter" && clock != "x86-tsc" && clock != "uptime_raw" }

  /// Reads the metadata.
  ///
  /// - Parameter file: The whole file.
  /// - Throws: `TraceError` with the offset of what is wrong.
  init(_ file: any RandomAccess) throws(TraceError) {
    var cursor = DatCursor(file)
    guard try cursor.take(UInt64(Self.magic.count), "the first ten bytes") == Self.magic else {
      throw cursor.error(.unknownFormat, "expected the first ten bytes of a trace.dat file")
    }
    let text = try cursor.text("the version of the file")
    guard text == "6" || text == "7" else {
      throw cursor.error(
        .unknownFormat, "version \(text) of trace.dat is not read, only 6 and 7")
    }
    version = text == "6" ? 6 : 7
    guard try cursor.number(1, "the byte order") == 0 else {
      throw cursor.error(.unknownFormat, "a trace.dat file of a big-endian machine is not read")
    }
    _ = try cursor.number(1, "the size of a long")
    pageSize = try Self.pageSize(&cursor)
    if version == 6 {
      try readVersion6(&cursor)
    } else {
      try readVersion7(&cursor, file)
    }
    cpus.sort { $0.cpu < $1.cpu }
  }

  static func pageSize(_ cursor: inout DatCursor) throws(TraceError) -> Int {
    let size = try cursor.count(4, "the size of a page", limit: 1 << 20)
    guard size >= 64 else { throw cursor.error(.range, "a page of \(size) bytes") }
    return size
  }

  // MARK: Parts of both versions

  /// `header_page`, `header_event`.
  mutating func readHeaders(_ cursor: inout DatCursor) throws(TraceError) {
    guard try cursor.text("header_page") == "header_page" else {
      throw cursor.error(.badRecord, "expected header_page")
    }
    let page = EventFormat(try cursor.sizedText(8, "the page's header"))
    if let field = page.fields["commit"], field.size == 4 || field.size == 8 { commit = field }
    if let data = page.fields["data"] { dataOffset = data.offset }
    guard commit.offset + commit.size <= pageSize, dataOffset <= pageSize else {
      throw cursor.error(.badRecord, "the header of a page does not fit into it")
    }
    guard try cursor.text("header_event") == "header_event" else {
      throw cursor.error(.badRecord, "expected header_event")
    }
    _ = try cursor.sizedText(8, "the event's header")
  }

  /// Formats of ftrace's own events.
  mutating func readFtraceFormats(_ cursor: inout DatCursor) throws(TraceError) {
    let count = try cursor.count(4, "a number of formats", limit: Self.formatLimit)
    for _ in 0..<count { add(try cursor.sizedText(8, "an event's format")) }
  }

  /// Formats of the other events, by system.
  mutating func readEventFormats(_ cursor: inout DatCursor) throws(TraceError) {
    let systems = try cursor.count(4, "a number of systems", limit: Self.formatLimit)
    for _ in 0..<systems {
      _ = try cursor.text("a system's name")
      try readFtraceFormats(&cursor)
    }
  }

  private mutating func add(_ text: String) {
    let format = EventFormat(text)
    if let id = format.id { formats[id] = format }
  }

  /// Lines `PID NAME`.
  mutating func readTasks(_ cursor: inout DatCursor) throws(TraceError) {
    let text = try cursor.sizedText(8, "the saved command lines")
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      if words.count == 2, let pid = UInt64(words[0]) { tasks[pid] = String(words[1]) }
    }
  }

  /// The kernel's symbols.
  mutating func readSymbols(_ cursor: inout DatCursor) throws(TraceError) {
    let size = try cursor.number(4, "the size of kallsyms")
    symbols = KernelSymbols(try cursor.take(size, "kallsyms"))
  }

  /// The clock in use stands in brackets.
  mutating func setClock(_ text: String) {
    var name = Substring(text)
    if let open = text.firstIndex(of: "[") {
      name = text[text.index(after: open)...].prefix { $0 != "]" }
    }
    clock = String(name.prefix { $0 != "\0" && $0 != "\n" })
  }

  /// An option of either version that needs nothing but its data.
  mutating func take(_ option: UInt64, _ data: [UInt8]) {
    switch option {
    case 4: if clock.isEmpty { setClock(String(decoding: data, as: UTF8.self)) }
    // DATE, OFFSET, TIME_SHIFT, TSC2NSEC.
    case 1, 7, 12, 14: hasTimeCorrection = true
    default: break
    }
  }
}
