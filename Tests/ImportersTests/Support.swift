import TraceCore
import TraceIO

@testable import Importers

/// What an import gave: one line of text a record, and the context.
struct Imported {
  var records: [String] = []
  /// Of the records with a code address: callers' texts, or the number.
  var callers: [String] = []
  var context: TraceContext

  func counter(_ name: String) -> UInt64 { context.counters[name] }
}

/// Imports a text: as a format, or the one that is recognized; `chunk` bytes a read, `chunkSize`
/// bytes lexed at a time.
func importText(
  _ text: String, as format: ImportFormat? = nil, map: [Region] = [], skip: Bool = false,
  chunk: Int = .max, longestLine: Int = 4096, chunkSize: Int = 4096, threads: Int = 1
) throws(TraceError) -> Imported {
  try importBytes(
    Array(text.utf8), as: format, map: map, skip: skip, chunk: chunk, longestLine: longestLine,
    chunkSize: chunkSize, threads: threads)
}

func importBytes(
  _ bytes: [UInt8], as format: ImportFormat? = nil, map: [Region] = [], skip: Bool = false,
  chunk: Int = .max, longestLine: Int = 4096, chunkSize: Int = 4096, threads: Int = 1
) throws(TraceError) -> Imported {
  var options = ImportOptions()
  options.regions = map.map { MapRegion($0) }
  options.skipBadRecords = skip
  options.longestLine = longestLine
  options.chunkSize = chunkSize
  options.threads = threads
  let found: ImportFormat
  if let format {
    found = format
  } else {
    found = try ImportFormat.recognize(bytes, path: "t")
  }
  let source = try found.open(
    MemorySource(bytes, path: "t", chunk: chunk), name: "t", options: options)
  var result = Imported(context: source.context)
  let block = Block()
  while try source.next(into: block) {
    result.records += describe(block, source.context)
    result.callers += block.codeAddresses.map { source.context.callers.shown($0) }
  }
  return result
}

/// The error of an import, or nil.
func importError(
  _ text: String, as format: ImportFormat? = nil, skip: Bool = false, longestLine: Int = 4096,
  chunkSize: Int = 4096, threads: Int = 1
) -> TraceError? {
  do throws(TraceError) {
    _ = try importText(
      text, as: format, skip: skip, longestLine: longestLine, chunkSize: chunkSize,
      threads: threads)
    return nil
  } catch {
    return error
  }
}

/// `3:error-code` style place of an error: `code line:column`.
func place(_ error: TraceError?) -> String {
  guard let error else { return "none" }
  return "\(error.code.rawValue) \(error.line ?? 0):\(error.column ?? 0)"
}

/// A block's records as text, decoded without the builder's help; callers' texts are left out.
func describe(_ block: Block, _ context: TraceContext) -> [String] {
  var result: [String] = []
  var places = (time: 0, value: 0, config: 0, code: 0, line: 0)
  for run in 0..<block.runs {
    let entry = block.classes[Int(block.runTokens[run])]
    for index in 0..<Int(block.runCounts[run]) {
      var parts = ["\(entry.operation.name) v\(entry.vcpu)"]
      if entry.operation.isAccess || entry.operation.isConfig {
        let step = entry.operation.isAccess ? UInt64(entry.size) * UInt64(index) : 0
        parts.append("0x\(hex(block.runAddresses[run] &+ step))+\(entry.size)")
      }
      let bytes = Int(entry.size == 0 ? 8 : entry.size)
      if entry.columns.contains(.value) {
        parts.append("=" + number(block.values[places.value..<places.value + bytes]))
        places.value += bytes
      }
      if entry.columns.contains(.configValue) {
        parts.append("c=" + number(block.configValues[places.config..<places.config + bytes]))
        places.config += bytes
      }
      if entry.columns.contains(.time) { parts.append("t\(block.times[places.time])") }
      places.time += 1
      if entry.columns.contains(.codeAddress) {
        let code = block.codeAddresses[places.code]
        if context.callers[code] == nil { parts.append("pc0x\(hex(code))") }
        places.code += 1
      }
      if entry.flags != [] { parts.append("f\(entry.flags.rawValue)") }
      if let barrier = entry.barrier { parts.append(barrier.name) }
      if let attribute = entry.attribute { parts.append("a0x\(hex(UInt64(attribute)))") }
      if let function = entry.function { parts.append("\(function)") }
      if let text = entry.text { parts.append("'\(context.strings[Int(text)])'") }
      if let region = entry.region { parts.append("[\(context.regions[region].name)]") }
      if entry.columns.contains(.line) {
        parts.append("l\(block.lines[places.line])")
        places.line += 1
      }
      result.append(parts.joined(separator: " "))
    }
  }
  return result
}

private func number(_ bytes: ArraySlice<UInt8>) -> String {
  let digits = bytes.reversed().map { hex(UInt64($0), width: 2) }.joined()
  let short = digits.drop { $0 == "0" }
  return short.isEmpty ? "0" : String(short)
}
