import ArgumentParser
import TraceCore
import TraceEdit
import YAMLInput

/// Which records of a trace a command takes: those that meet every condition.
struct FilterOptions: ParsableArguments {
  @Option(help: "First record, from 0.")
  var from: UInt64 = 0

  @Option(
    help: """
      Records of the trace at most that are looked at: from --from on, or from the first at \
      --from-time or later.
      """)
  var count: UInt64?

  @Option(help: "First time stamp, in ns as the capture and dump have it.")
  var fromTime: UInt64?

  @Option(help: "End, in ns as the capture has it: the first time stamp that is not in it.")
  var toTime: UInt64?

  @Option(help: "A region by name; repeats.")
  var region: [String] = []

  @Option(
    help: ArgumentHelp(
      "A function, its config accesses and those of bridges above it: 0000:01:00.0; repeats.",
      valueName: "function"),
    transform: pciFunction)
  var bdf: [PCIFunction] = []

  @Option(
    help: ArgumentHelp("vCPUs by number: 0,2-5; repeats.", valueName: "numbers"),
    transform: { try numbers($0, "vCPU", 0...Int(UInt16.max)) })
  var vcpu: [NumberList] = []

  @Option(
    help: ArgumentHelp(
      "Addresses of loads and stores: 0xFIRST-0xLAST, 0xFIRST+BYTES (K, M and G too), or one; "
        + "repeats."),
    transform: addressRange)
  var address: [ClosedRange<UInt64>] = []

  @Option(
    help: ArgumentHelp("Sizes of loads and stores in bytes: 1,4-8; repeats.", valueName: "numbers"),
    transform: { try numbers($0, "size in bytes", 1...64) })
  var size: [NumberList] = []

  @Option(
    help: "load or store: one direction alone, of config accesses too.",
    transform: accessDirection)
  var direction: SliceSelection.Direction?

  @Option(help: "Begin at the first mark of this text.")
  var fromMark: String?

  @Option(help: "End with the first mark of this text behind the start.")
  var toMark: String?

  func validate() throws {
    if let fromTime, let toTime, toTime < fromTime {
      throw ValidationError("--to-time lies before --from-time")
    }
  }

  /// The conditions.
  var selection: SliceSelection {
    var selection = SliceSelection()
    let counted = fromTime == nil ? count : nil
    if from > 0 || counted != nil {
      let end = from.addingReportingOverflow(counted ?? .max)
      selection.records = from..<(end.overflow ? .max : end.partialValue)
    }
    if counted == nil { selection.count = count }
    selection.fromTime = fromTime
    selection.toTime = toTime
    selection.regions = region
    selection.functions = bdf
    selection.vcpus = Set(vcpu.flatMap(\.ranges).joined().map { UInt16($0) })
    selection.addresses = address
    selection.sizes = Set(size.flatMap(\.ranges).joined().map { UInt8($0) })
    selection.direction = direction
    selection.fromMark = fromMark
    selection.toMark = toMark
    return selection
  }

  /// A condition is given.
  var isGiven: Bool { !selection.isEverything }

  /// The records of a trace that meet them.
  func open(_ source: any BlockSource) -> any BlockSource {
    let selection = selection
    return selection.isEverything ? source : SlicedSource(source, selection, for: .filter)
  }
}

/// Which trace to read, how, and which of its records.
struct FilteredTraceOptions: ParsableArguments {
  @OptionGroup var whole: TraceOptions
  @OptionGroup(title: "Filters, as in slice")
  var filter: FilterOptions

  /// Opens the part of the trace that is asked for.
  ///
  /// - Parameters:
  ///   - hashes: The input's SHA-256 is wanted, for a report.
  ///   - threads: Cores to use.
  /// - Returns: Its blocks, from the first on.
  /// - Throws: ``TraceError`` when the trace cannot be opened, recognised or decoded.
  func open(
    hashes: Bool = true, threads: Int = CoreOptions.all
  ) throws(TraceError) -> any BlockSource {
    filter.open(try whole.input.open(whole.trace, hashes: hashes, threads: threads))
  }
}

private func numbers(
  _ text: String, _ what: String, _ limits: ClosedRange<Int>
) throws -> NumberList {
  do throws(TraceError) {
    return try NumberList(text, option: "list", what: "a \(what)", limits: limits)
  } catch {
    throw ValidationError(error.message)
  }
}

private func pciFunction(_ text: String) throws -> PCIFunction {
  guard let function = PCIFunction(text) else {
    throw ValidationError("'\(text)' is no function; wanted: SSSS:BB:DD.F or BB:DD.F in hex")
  }
  return function
}

private func accessDirection(_ text: String) throws -> SliceSelection.Direction {
  guard let direction = SliceSelection.Direction(rawValue: text) else {
    throw ValidationError("the direction is load or store, not '\(text)'")
  }
  return direction
}

/// Decodes `0xFIRST-0xLAST`, `0xFIRST+BYTES` or `0xADDRESS`.
private func addressRange(_ text: String) throws -> ClosedRange<UInt64> {
  func number(_ part: Substring) throws -> UInt64 {
    // As in maps and profiles: UInt64 would take a sign.
    switch IntegerText(part) {
    case .value(let value): return value
    case .tooLarge: throw ValidationError("'\(part)' in '\(text)' is beyond 2^64")
    case .negative: throw ValidationError("'\(part)' in '\(text)' is below zero")
    case .malformed(let why):
      throw ValidationError("'\(part)' in '\(text)' is no number\(why); wanted: 0xFIRST+BYTES")
    }
  }
  if let plus = text.firstIndex(of: "+") {
    let first = try number(text[..<plus])
    var part = text[text.index(after: plus)...]
    let units: [Character: UInt64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    let unit = part.last.flatMap { units[$0] }
    if unit != nil { part = part.dropLast() }
    let (bytes, over) = try number(part).multipliedReportingOverflow(by: unit ?? 1)
    let (last, beyond) = first.addingReportingOverflow(bytes &- 1)
    guard bytes > 0, !over, !beyond else {
      throw ValidationError("'\(text)' is empty or ends beyond 2^64")
    }
    return first...last
  }
  if let dash = text.firstIndex(of: "-") {
    let (first, last) = (try number(text[..<dash]), try number(text[text.index(after: dash)...]))
    guard first <= last else { throw ValidationError("'\(text)' ends before it begins") }
    return first...last
  }
  let only = try number(text[...])
  return only...only
}
