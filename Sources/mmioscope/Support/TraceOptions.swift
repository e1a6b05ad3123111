import ArgumentParser
import ConfigSpace
import Importers
import SystemPackage
import TraceCore
import TraceEdit
import TraceIO
import YAMLInput

/// Which trace to read, and how.
struct TraceOptions: ParsableArguments {
  @Argument(help: "A native trace or any capture that can be imported; - is standard input.")
  var trace: String

  @OptionGroup var input: InputOptions

  /// It can be opened again; standard input and other pipes are gone when they have been read.
  ///
  /// What is not there, or is no file, is for the opening to refuse.
  var canBeReadAgain: Bool {
    guard trace != "-" else { return false }
    let type = (try? Stat(FilePath(trace)))?.type
    return type != .fifo && type != .socket && type != .characterSpecial
  }

  /// Refuses a pipe before anything is read or written.
  ///
  /// - Parameter reader: What reads the trace twice.
  /// - Throws: `ValidationError`.
  func checkReadAgain(by reader: String) throws {
    guard canBeReadAgain else {
      throw ValidationError(
        "\(reader) reads the trace twice, which standard input and other pipes cannot be: "
          + "give a file")
    }
  }

  /// Opens the trace.
  ///
  /// - Parameter threads: Cores to use for a text.
  /// - Returns: Its blocks, from the first on.
  /// - Throws: ``TraceError`` when it cannot be opened, recognised or decoded.
  func open(threads: Int = CoreOptions.all) throws(TraceError) -> any BlockSource {
    try input.open(trace, threads: threads)
  }
}

/// How a capture is read.
struct InputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Input format, instead of recognising it: "
        + ImportFormat.all.map(\.name).joined(separator: ", ") + "."))
  var format: String?

  @Option(help: "YAML map of the capture's regions and functions.")
  var map: String?

  @Flag(
    help: """
      Count malformed records, and damaged blocks of a native trace, and go on, instead of \
      stopping at the first.
      """)
  var skipBadRecords = false

  /// An option is given.
  var isGiven: Bool { format != nil || map != nil || skipBadRecords }

  /// Opens a trace or capture.
  ///
  /// - Parameters:
  ///   - path: File; `-` is standard input.
  ///   - hashes: The input's SHA-256 is wanted, for a report.
  ///   - threads: Cores to use for a text.
  /// - Returns: Its blocks, from the first on.
  /// - Throws: ``TraceError`` when it cannot be opened, recognised or decoded.
  func open(
    _ path: String, hashes: Bool = true, threads: Int = CoreOptions.all
  ) throws(TraceError) -> any BlockSource {
    try open(openInput(path: path, hashes: hashes), threads: threads)
  }

  /// The same of a file whose first bytes have been looked at.
  func open(
    _ input: InputFile, threads: Int = CoreOptions.all
  ) throws(TraceError) -> any BlockSource {
    let map = try readMap()
    return watched(try open(input, map, threads: threads), map)
  }

  /// Opens captures that are one, such as a log that was rotated.
  ///
  /// - Parameters:
  ///   - paths: Two or more.
  ///   - continues: What one capture tells holds for the next.
  ///   - threads: As above.
  ///   - join: Makes one source of them.
  /// - Returns: Their blocks.
  /// - Throws: ``TraceError`` when one cannot be opened, recognised or decoded.
  func open(
    _ paths: [String], continues: Bool, threads: Int,
    join: ([any BlockSource]) -> any BlockSource
  ) throws(TraceError) -> any BlockSource {
    let map = try readMap()
    var sources: [any BlockSource] = []
    for path in paths {
      let input = try openInput(path: path, hashes: false)
      sources.append(try open(input, map, threads: threads, after: continues ? sources : []))
    }
    return watched(join(sources), map)
  }

  /// The trace, at whose end it is told which windows of the map it has nothing in.
  private func watched(
    _ source: any BlockSource, _ map: ReadMap
  ) -> any BlockSource {
    let names = map.map.entries.filter(\.hasBase).map(\.region.name)
    return names.isEmpty ? source : MapWatch(source, names)
  }

  /// Opens a trace or capture whose first bytes have been looked at.
  ///
  /// - Parameters:
  ///   - input: The file, of which nothing has been read.
  ///   - map: The user's.
  ///   - threads: As above.
  ///   - captures: Sources of those ahead, of which it is the continuation.
  /// - Returns: Its blocks, from the first on.
  /// - Throws: ``TraceError`` when it cannot be recognised or decoded.
  private func open(
    _ input: InputFile, _ map: ReadMap, threads: Int, after captures: [any BlockSource] = []
  ) throws(TraceError) -> any BlockSource {
    guard input.isNativeTrace, format == nil else {
      var options = ImportOptions()
      options.regions = map.map.entries
      options.skipBadRecords = skipBadRecords
      options.isNamed = format != nil
      options.threads = threads
      let importer = try importer(of: input)
      let source = try importer.open(
        input, name: input.name, options: options, after: captures)
      for (function, image) in map.images { source.context.configImages[function] = image }
      // Several inputs that are one trace have no one path.
      let isFirst = !captures.contains { $0.context === source.context }
      source.context.path = isFirst ? input.path : nil
      return source
    }
    let reader = try NativeTraceReader(input)
    reader.skipsDamagedBlocks = skipBadRecords
    reader.context.path = input.path
    try map.map.amend(reader.context)
    for (function, image) in map.images { reader.context.configImages[function] = image }
    return reader
  }

  private func importer(of input: InputFile) throws(TraceError) -> ImportFormat {
    if let format { return try ImportFormat.named(format) }
    return try ImportFormat.recognize(input.head, path: input.path)
  }

  private typealias ReadMap = (map: TraceMap, images: [PCIFunction: [UInt8]])

  private func readMap() throws(TraceError) -> ReadMap {
    guard let path = map else { return (TraceMap(), [:]) }
    let decoded = try TraceMap(YAMLDocument(path: path))
    var images: [PCIFunction: [UInt8]] = [:]
    for entry in decoded.configImages {
      let text: [UInt8]
      do throws(TraceError) {
        text = try readConfigurationFile(entry.path, limit: 16 << 20)
      } catch {
        throw entry.error(error)
      }
      let devices = try LspciDump.parse(text, file: entry.path)
      guard let device = devices.first(where: { $0.function == entry.function }) else {
        throw TraceError(
          .configuration, "the dump holds no device \(entry.function)", file: entry.path)
      }
      images[entry.function] = device.bytes
    }
    return (decoded, images)
  }
}
