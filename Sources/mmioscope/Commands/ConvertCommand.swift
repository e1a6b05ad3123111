public import ArgumentParser
import Importers
import Reporting
import SystemPackage
import TraceCore
public import TraceIO

/// `convert`: a trace in another form.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Turn a trace into another form: native, canonical CSV, or records of a fixed size.",
    discussion: """
      mmioscope convert nic.mmt -o nic.rec32            # for a C program; see mmioscope_records.h
      mmioscope convert nic.rec32 -o nic.mmt
      mmioscope convert nic.mmt -o nic.rec24 --drop source-line
      mmioscope convert nic.rec32 -o - --to csv
      mmioscope convert nic.mmt -o nic.csv --map-out nic.map.yaml
      mmioscope convert nic.csv --map nic.map.yaml -o nic.mmt

      Suffixes: .mmt, .csv, .rec32, .rec24. Native traces and records of 32 bytes hold everything.
      CSV holds every record; what is known of regions and functions goes into a map beside it with
      --map-out, and counters of what the import skipped are not kept.
      Records of 24 bytes have no room for values of more than 8 bytes, code addresses and source
      lines: such a trace is refused, or --drop says what may be left out.
      """)

  /// A form to write.
  enum Form: String, CaseIterable, ExpressibleByArgument {
    case native, csv, records32, records24

    var suffix: String {
      switch self {
      case .native: ".mmt"
      case .csv: ".csv"
      case .records32: ".rec32"
      case .records24: ".rec24"
      }
    }
  }

  @OptionGroup var trace: TraceOptions

  @Option(
    name: [.short, .customLong("output")], help: "File to write; - is standard output.",
    transform: outputPath)
  var output: String

  @Option(help: "Form, where the suffix does not say it: native, csv, records32 or records24.")
  var to: Form?

  @Option(
    parsing: .singleValue,
    help: "What records may lack: wide-value, pc or source-line; counted; repeats.")
  var drop: [RecordField] = []

  @Option(
    help: "With CSV: also write a map of regions, and functions' config space beside it (.lspci).",
    transform: outputPath)
  var mapOut: String?

  private var form: Form? { to ?? Form.allCases.first { output.hasSuffix($0.suffix) } }

  func validate() throws {
    guard let form else {
      throw ValidationError(
        "'\(output)' does not say the form (.mmt, .csv, .rec32, .rec24): give --to")
    }
    if mapOut != nil, form != .csv {
      throw ValidationError("--map-out is for CSV; \(form.rawValue) holds regions itself")
    }
    if mapOut == "-" { throw ValidationError("--map-out needs a file: two may be written") }
    if !drop.isEmpty, form == .native || form == .csv {
      throw ValidationError("--drop is for records; \(form.rawValue) leaves none of these out")
    }
  }

  func run() throws {
    let source = try trace.input.open(trace.trace, hashes: false)
    let records =
      switch form {
      case .csv: try writeCSV(source)
      case .records32: try writeRecords(source, .bytes32)
      case .records24: try writeRecords(source, .bytes24)
      case .native, nil: try writeNative(source, to: output)
      }
    Console.note("\(output): \(counted(records, "record")) from \(source.context.format)")
    if form == .csv, mapOut == nil, source.context.regions.count > 0 {
      Console.note(
        "  of regions CSV has the names alone: --map-out FILE writes the rest for import --map")
    }
    reportLosses(source.context.counters.rows)
  }

  private func writeRecords(
    _ source: any BlockSource, _ layout: RecordLayout
  ) throws(TraceError) -> UInt64 {
    let file = try OutputFile(path: output)
    let writer = try RecordWriter(
      to: file, context: source.context, layout: layout, drop: Set(drop))
    try forEachBlock(of: source) { block throws(TraceError) in try writer.write(block) }
    try writer.finish()
    try file.commit()
    return writer.records
  }

  private func writeCSV(_ source: any BlockSource) throws(TraceError) -> UInt64 {
    let file = try OutputFile(path: output)
    try file.write(CanonicalCSVWriter.header)
    var writer = CanonicalCSVWriter(context: source.context)
    var rows: [UInt8] = []
    var records: UInt64 = 0
    var hasBarriers = false
    try forEachBlock(of: source) { block throws(TraceError) in
      hasBarriers = hasBarriers || block.classes.contains { $0.operation == .barrier }
      try writer.write(block, range: 0 ..< .max, to: &rows)
      try file.write(rows)
      rows.removeAll(keepingCapacity: true)
      records += UInt64(block.count)
    }
    // None has its name before all are complete, and the one that the others are for has it last.
    try file.flush()
    for output in try map(source.context) + [file] { try output.commit() }
    if source.context.holdsBarriers, !hasBarriers {
      Console.note(
        "\(output): the capture holds barriers, which these rows do not show: read them with"
          + " --accessors recorded")
    }
    return records
  }

  /// The config space and the map, complete but without their names.
  private func map(_ context: TraceContext) throws(TraceError) -> [OutputFile] {
    guard let mapOut else { return [] }
    let stem = mapOut.hasSuffix(".yaml") ? String(mapOut.dropLast(5)) : mapOut
    let dumpPath = stem + ".lspci"
    let name = dumpPath.split(separator: "/").last.map(String.init) ?? dumpPath
    let text = try TraceMapText(context, dumpName: name)
    var outputs: [OutputFile] = []
    if let dump = text.dump {
      // No option names it: one that is there goes only with the map that it belongs to.
      guard !isPresent(dumpPath) || isPresent(mapOut) else {
        throw TraceError(
          .io, "is there already and belongs to no \(mapOut), beside which it would be written",
          file: dumpPath)
      }
      outputs.append(try .filled(dumpPath) { (sink) throws(TraceError) in try sink(dump) })
    }
    outputs.append(try .filled(mapOut) { (sink) throws(TraceError) in try sink(text.map) })
    for name in text.leftOut {
      Console.note(
        "\(mapOut): without region '\(name)', which shares its name or window with another")
    }
    if text.leftOutRegisters > 0 {
      Console.note(
        "\(mapOut): without \(counted(UInt64(text.leftOutRegisters), "register")) outside of the windows "
          + "of their regions")
    }
    return outputs
  }

  private func isPresent(_ path: String) -> Bool { (try? Stat(FilePath(path))) != nil }
}

extension RecordField: ExpressibleByArgument {}
