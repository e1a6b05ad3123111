import Hazards
import TraceCore

/// Where a record comes from, as far as the capture tells.
struct RecordOrigin {
  /// Source line, from 1.
  var line: UInt64?
  var codeAddress: UInt64?
  /// First byte of the access.
  var address: UInt64?
}

/// A block as the hazard rules and the finding lines see it.
struct BlockScene: HazardScene {
  private let block: Block?
  /// Records of earlier blocks that may still be asked about.
  private let origins: [UInt64: RecordOrigin]
  private let codePositions: Positions?
  var barrierAssumption: String?

  /// Where a block's records have their entries in a column: a run has one for each, or none.
  private struct Positions {
    /// Behind each run, the record, and the entry; nil where the run has none.
    private var runs: [(end: Int, entry: Int?)] = []

    /// - Parameters:
    ///   - block: The block.
    ///   - column: The column.
    init(in block: Block, of column: RecordClass.Columns) {
      runs.reserveCapacity(block.runTokens.count)
      var (record, entry) = (0, 0)
      for (token, count) in zip(block.runTokens, block.runCounts) {
        let has = block.classes[Int(token)].columns.contains(column)
        record += Int(count)
        if has { entry += Int(count) }
        runs.append((record, has ? entry : nil))
      }
    }

    /// The entry of a record of the block; nil where it has none.
    subscript(record: Int) -> Int? {
      var (low, high) = (0, runs.count)
      while low < high {
        let middle = (low + high) / 2
        if runs[middle].end <= record { low = middle + 1 } else { high = middle }
      }
      return runs[low].entry.map { $0 - (runs[low].end - record) }
    }
  }

  /// - Parameters:
  ///   - block: The block; nil at the end of the trace.
  ///   - needsCode: Code addresses will be asked for.
  ///   - origins: Records of earlier blocks that may be asked about.
  /// - Throws: ``TraceError`` when a column is damaged.
  init(
    _ block: Block?, needsCode: Bool, origins: [UInt64: RecordOrigin]
  ) throws(TraceError) {
    self.block = block
    self.origins = origins
    guard let block, needsCode,
      block.classes.contains(where: { $0.columns.contains(.codeAddress) })
    else {
      codePositions = nil
      return
    }
    codePositions = Positions(in: block, of: .codeAddress)
    // Whether another scenario's scene has loaded a column is not asked: it may be doing so.
    try block.load(.codeAddresses)
  }

  /// The block has lines or code addresses.
  var hasOrigins: Bool {
    block?.classes.contains { !$0.columns.isDisjoint(with: [.line, .codeAddress]) } ?? false
  }

  private func holds(_ record: UInt64) -> Bool {
    guard let block else { return false }
    return record >= block.firstRecord && record - block.firstRecord < UInt64(block.count)
  }

  func codeAddress(ofRecord record: UInt64) -> UInt64? {
    guard let block, holds(record) else { return origins[record]?.codeAddress }
    guard let position = codePositions?[Int(record - block.firstRecord)] else { return nil }
    return position < block.codeAddresses.count ? block.codeAddresses[position] : nil
  }

  /// The source line of a record.
  ///
  /// - Parameter record: Index in the trace.
  /// - Returns: The line, from 1; nil where the capture has none, or the record is gone.
  /// - Throws: ``TraceError`` when the column is damaged.
  func line(ofRecord record: UInt64) throws(TraceError) -> UInt64? {
    guard let block, holds(record) else { return origins[record]?.line }
    guard let position = position(of: record, in: .line) else { return nil }
    try block.load(.lines)
    return position < block.lines.count ? block.lines[position] : nil
  }

  /// Line and code address of a record that may be asked about in a later block.
  ///
  /// - Parameters:
  ///   - record: Index in the trace.
  ///   - needsLine: The line is wanted.
  /// - Returns: What is known; nil where the record lies in an earlier block and was not kept.
  /// - Throws: ``TraceError`` when a column is damaged.
  func origin(
    ofRecord record: UInt64, needsLine: Bool
  ) throws(TraceError) -> RecordOrigin? {
    guard let block, holds(record) else { return origins[record] }
    var origin = RecordOrigin()
    if needsLine { origin.line = try line(ofRecord: record) }
    origin.address = address(ofRecord: record, in: block)
    if let position = position(of: record, in: .codeAddress) {
      try block.load(.codeAddresses)
      if position < block.codeAddresses.count {
        origin.codeAddress = block.codeAddresses[position]
      }
    }
    return origin
  }

  /// The address of a load or store; nil of other records.
  private func address(ofRecord record: UInt64, in block: Block) -> UInt64? {
    var left = record - block.firstRecord
    for run in block.runTokens.indices {
      let count = UInt64(block.runCounts[run])
      guard left >= count else {
        let entry = block.classes[Int(block.runTokens[run])]
        guard entry.operation.isAccess else { return nil }
        return block.runAddresses[run] &+ left * UInt64(entry.size)
      }
      left -= count
    }
    return nil
  }

  /// Looks at the values of loads.
  ///
  /// - Parameters:
  ///   - reads: Loads of this block, in order.
  ///   - body: Called for each with whether its bytes are all ones; nil where the capture has no
  ///     value.
  /// - Throws: ``TraceError`` when the column is damaged.
  func values(
    of reads: [ReadAfterReset], _ body: (ReadAfterReset, _ allOnes: Bool?) -> Void
  ) throws(TraceError) {
    guard let block, !reads.isEmpty else { return }
    if block.classes.contains(where: { $0.columns.contains(.value) }) { try block.load(.values) }
    var next = 0
    var (record, offset) = (block.firstRecord, 0)
    for run in block.runTokens.indices where next < reads.count {
      let entry = block.classes[Int(block.runTokens[run])]
      let count = UInt64(block.runCounts[run])
      let bytes = entry.columns.contains(.value) ? (entry.size == 0 ? 8 : Int(entry.size)) : 0
      while next < reads.count, reads[next].record < record + count {
        let start = offset + Int(reads[next].record - record) * bytes
        let isKnown = bytes > 0 && start + bytes <= block.values.count
        body(
          reads[next],
          isKnown ? (start..<start + bytes).allSatisfy { block.values[$0] == 0xff } : nil)
        next += 1
      }
      record += count
      offset += Int(count) * bytes
    }
  }

  /// A record's position in a column; nil where it has no entry.
  private func position(of record: UInt64, in column: RecordClass.Columns) -> Int? {
    guard let block else { return nil }
    var left = Int(record - block.firstRecord)
    var position = 0
    for run in block.runTokens.indices {
      let has = block.classes[Int(block.runTokens[run])].columns.contains(column)
      let count = Int(block.runCounts[run])
      if left < count { return has ? position + left : nil }
      left -= count
      if has { position += count }
    }
    return nil
  }
}
