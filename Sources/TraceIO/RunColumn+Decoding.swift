internal import TraceCore

extension RunColumn.Layout {
  init(_ bytes: RawSpan, records: Int) throws(TraceError) {
    guard bytes.byteCount >= RunColumn.headSize else {
      throw TraceError(.badRecord, "the column of runs has no head")
    }
    runs = Int(bytes.little(UInt32.self, at: 0))
    classes = Int(bytes.little(UInt16.self, at: 4))
    let counts = bytes.little(UInt8.self, at: 6)
    hasCounts = counts == 1
    width = Int(bytes.little(UInt8.self, at: 7))
    longCounts = Int(bytes.little(UInt32.self, at: 8))
    exceptions = Int(bytes.little(UInt32.self, at: 12))
    guard (1...records).contains(runs), (1...Block.classLimit).contains(classes), counts <= 1,
      [1, 2, 4, 8].contains(width), longCounts <= runs, exceptions <= runs,
      hasCounts || longCounts == 0, bytes.byteCount == size
    else { throw TraceError(.badRecord, "the column of runs has a wrong size") }
  }
}

/// Decodes columns of runs; keeps its scratch memory between blocks.
struct RunDecoder: ~Copyable {
  private var predictor = RunColumn.Predictor()
  private var exceptions: [UInt64] = []
  private var bases: [UInt64] = []
  /// Records of each class in the block decoded last.
  private(set) var recordsOfClass = FixedBuffer<Int>(repeating: 0, count: RunColumn.tokenLimit)

  /// Decodes the column into the block's classes and runs.
  ///
  /// - Parameters:
  ///   - bytes: The whole column, decompressed.
  ///   - records: Records that the runs must make.
  ///   - block: Its classes and runs are replaced.
  /// - Throws: ``TraceError`` `.badRecord` or `.range`.
  mutating func decode(
    _ bytes: RawSpan, records: Int, into block: Block
  ) throws(TraceError) {
    let layout = try RunColumn.Layout(bytes, records: records)
    try decodeClasses(bytes, layout, into: &block.classes)
    try decodeTokens(bytes, layout, into: &block.runTokens)
    try decodeCounts(bytes, layout, into: &block.runCounts)
    expandExceptions(bytes, layout)
    predictor.reset(block.classes, bases: bases)
    block.runAddresses.resize(to: layout.runs)
    let (tokens, counts) = (block.runTokens, block.runCounts)
    let total = try decodeAddresses(
      bytes, layout, tokens: tokens.span, counts: counts.span, into: &block.runAddresses)
    guard total == records else {
      throw TraceError(.badRecord, "a block's runs have \(total) records instead of \(records)")
    }
  }

  private mutating func decodeClasses(
    _ bytes: RawSpan, _ layout: RunColumn.Layout, into classes: inout [RecordClass]
  ) throws(TraceError) {
    classes.removeAll(keepingCapacity: true)
    bases.removeAll(keepingCapacity: true)
    for index in 0..<layout.classes {
      let place = RunColumn.headSize + index * RunColumn.classSize
      let packed = (
        bytes.little(UInt64.self, at: place), bytes.little(UInt64.self, at: place + 8)
      )
      guard let entry = RecordClass(packed: packed), entry.packed == packed, entry.isSound else {
        throw TraceError(.badRecord, "class \(index) of a block is not defined")
      }
      classes.append(entry)
      bases.append(bytes.little(UInt64.self, at: place + 16))
    }
  }

  private func decodeTokens(
    _ bytes: RawSpan, _ layout: RunColumn.Layout, into tokens: inout [UInt8]
  ) throws(TraceError) {
    tokens.resize(to: layout.runs)
    var output = tokens.mutableSpan
    var largest: UInt8 = 0
    let input = bytes.extracting(layout.tokenPlace..<layout.predictionPlace)
    for run in output.indices {
      let token = unsafe input.unsafeLoad(fromUncheckedByteOffset: run, as: UInt8.self)
      output[run] = token
      largest = max(largest, token)
    }
    guard largest < layout.classes else {
      throw TraceError(.badRecord, "a run has class \(largest) of \(layout.classes)")
    }
  }

  private func decodeCounts(
    _ bytes: RawSpan, _ layout: RunColumn.Layout, into counts: inout [UInt16]
  ) throws(TraceError) {
    counts.resize(to: layout.runs)
    var output = counts.mutableSpan
    guard layout.hasCounts else {
      for run in output.indices { output[run] = 1 }
      return
    }
    let input = bytes.extracting(layout.countPlace..<layout.tokenPlace)
    for run in output.indices {
      output[run] =
        UInt16(unsafe input.unsafeLoad(fromUncheckedByteOffset: run, as: UInt8.self)) + 1
    }
    var used = 0
    for run in output.indices where output[run] == 256 {
      guard used < layout.longCounts else {
        used += 1
        break
      }
      output[run] = bytes.little(UInt16.self, at: layout.longCountPlace + 2 * used)
      used += 1
      guard output[run] > 0 else { throw TraceError(.badRecord, "a run has no records") }
    }
    guard used == layout.longCounts else {
      throw TraceError(.badRecord, "a block has the wrong number of long runs")
    }
  }

  private mutating func expandExceptions(_ bytes: RawSpan, _ layout: RunColumn.Layout) {
    // One more than there are, so that the address loop may look ahead.
    exceptions.resize(to: layout.exceptions + 1)
    switch layout.width {
    case 1: expand(UInt8.self, bytes, layout)
    case 2: expand(UInt16.self, bytes, layout)
    case 4: expand(UInt32.self, bytes, layout)
    default: expand(UInt64.self, bytes, layout)
    }
    exceptions[layout.exceptions] = 0
  }

  @inline(__always)
  private mutating func expand<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, _ bytes: RawSpan, _ layout: RunColumn.Layout
  ) {
    var output = exceptions.mutableSpan
    for index in 0..<layout.exceptions {
      output[index] = UInt64(
        truncatingIfNeeded: bytes.little(
          type, at: layout.exceptionPlace + index * MemoryLayout<Number>.size))
    }
  }

  /// Returns the number of records.
  private mutating func decodeAddresses(
    _ bytes: RawSpan, _ layout: RunColumn.Layout, tokens: Span<UInt8>, counts: Span<UInt16>,
    into addresses: inout [UInt64]
  ) throws(TraceError) -> Int {
    for token in 0..<layout.classes { recordsOfClass[token] = 0 }
    var output = addresses.mutableSpan
    let list = exceptions
    let exceptions = list.span
    var used = 0
    var leaves = false
    var total = 0
    for run in output.indices {
      let token = Int(tokens[run])
      let packed = bytes.little(UInt8.self, at: layout.predictionPlace + run >> 2)
      let prediction = packed >> UInt8(truncatingIfNeeded: 2 * (run & 3)) & 3
      let isException = prediction == RunColumn.Prediction.exception
      let entry = predictor[token]
      let own = prediction == RunColumn.Prediction.classStart ? entry.start : entry.end
      let other =
        isException
        ? entry.base &+ exceptions[min(used, layout.exceptions)]
        : predictor.end(ofSlot: entry.slot)
      let address = (prediction &+ 1) & 2 == 0 ? other : own
      used += isException ? 1 : 0
      output[run] = address
      let count = Int(counts[run])
      total += count
      recordsOfClass[token] += count
      if predictor.note(token, address: address, count: UInt64(count)) { leaves = true }
    }
    guard !leaves else {
      throw TraceError(.range, "an access leaves the 64-bit address space")
    }
    guard used == layout.exceptions else {
      throw TraceError(.badRecord, "a block has the wrong number of address exceptions")
    }
    return total
  }
}

extension RecordClass {
  /// The fields fit each other.
  var isSound: Bool {
    let hasSize = operation.isAccess || operation.isConfig
    return hasSize == (size > 0) && flags.rawValue < 8 && columns.rawValue < 32
      && !(columns.contains(.value) && columns.contains(.configValue))
  }
}
