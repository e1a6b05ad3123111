internal import TraceCore

extension RunColumn {
  /// Encodes a block's classes and runs.
  ///
  /// - Parameters:
  ///   - block: At least one run.
  ///   - predictor: Scratch.
  /// - Returns: The column, not compressed yet.
  /// - Throws: ``TraceError`` `.range` when a run leaves the address space, with the run's first
  ///   record in the block.
  static func encode(
    _ block: Block, predictor: inout Predictor
  ) throws(TraceError) -> [UInt8] {
    let bases = lowestAddresses(block)
    predictor.reset(block.classes, bases: bases)
    let (predictions, exceptions) = try predict(block, &predictor)
    let width = exceptionWidth(exceptions)
    let long = block.runCounts.filter { $0 > 255 }
    let hasCounts = block.runCounts.contains { $0 != 1 }
    var column: [UInt8] = []
    column.append(little: UInt32(block.runs))
    column.append(little: UInt16(block.classes.count))
    column.append(hasCounts ? 1 : 0)
    column.append(UInt8(width))
    column.append(little: UInt32(long.count))
    column.append(little: UInt32(exceptions.count))
    for (entry, base) in zip(block.classes, bases) {
      column.append(little: entry.packed.0)
      column.append(little: entry.packed.1)
      column.append(little: base)
    }
    append(exceptions, width: width, to: &column)
    for count in long { column.append(little: count) }
    if hasCounts { column += block.runCounts.map { $0 > 255 ? 255 : UInt8($0 - 1) } }
    return column + block.runTokens + predictions
  }

  /// The base of every class: its lowest address, from which exceptions count.
  private static func lowestAddresses(_ block: Block) -> [UInt64] {
    var lowest = [UInt64](repeating: .max, count: block.classes.count)
    for (token, address) in zip(block.runTokens, block.runAddresses) {
      lowest[Int(token)] = min(lowest[Int(token)], address)
    }
    return lowest.map { $0 == .max ? 0 : $0 }
  }

  private static func predict(
    _ block: Block, _ predictor: inout Predictor
  ) throws(TraceError) -> (predictions: [UInt8], exceptions: [UInt64]) {
    // Spans of a class's arrays need the arrays in local variables.
    let (tokenArray, addressArray, countArray) =
      (block.runTokens, block.runAddresses, block.runCounts)
    let (tokens, addresses, counts) = (tokenArray.span, addressArray.span, countArray.span)
    var predictions = [UInt8](repeating: 0, count: (tokens.count + 3) / 4)
    var exceptions: [UInt64] = []
    for run in tokens.indices {
      let token = Int(tokens[run])
      let address = addresses[run]
      let entry = predictor[token]
      let prediction: UInt8
      if address == entry.start {
        prediction = Prediction.classStart
      } else if address == predictor.end(ofSlot: entry.slot) {
        prediction = Prediction.vcpuEnd
      } else if address == entry.end {
        prediction = Prediction.classEnd
      } else {
        prediction = Prediction.exception
        exceptions.append(address - entry.base)
      }
      predictions[run >> 2] |= prediction << UInt8(2 * (run & 3))
      let count = UInt64(counts[run])
      if predictor.note(token, address: address, count: count) {
        throw TraceError(
          .range, "an access reaches the end of the 64-bit address space",
          record: block.runCounts[..<run].reduce(0) { $0 + UInt64($1) })
      }
    }
    return (predictions, exceptions)
  }

  /// The fewest bytes that hold every exception.
  private static func exceptionWidth(_ exceptions: [UInt64]) -> Int {
    switch exceptions.max() ?? 0 {
    case 0...0xff: 1
    case 0...0xffff: 2
    case 0...0xffff_ffff: 4
    default: 8
    }
  }

  /// Appends the low `width` bytes of every number, lowest first.
  private static func append(_ numbers: [UInt64], width: Int, to column: inout [UInt8]) {
    switch width {
    case 1: column.append(little: numbers.span, as: UInt8.self)
    case 2: column.append(little: numbers.span, as: UInt16.self)
    case 4: column.append(little: numbers.span, as: UInt32.self)
    default: column.append(little: numbers.span, as: UInt64.self)
    }
  }
}
