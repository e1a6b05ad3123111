/// Instructions that one more record costs: a figure that does not jitter.
public struct InstructionCount: Sendable, Equatable {
  public var command: String
  public var input: String
  /// Records of the longer and of the shorter run.
  public var records: (long: Int, short: Int)
  /// Instructions a record: what the longer run has more, so that start-up drops out.
  public var perRecord: Double
  /// What is left of the shorter run without its records.
  public var start: Double

  public static func == (left: Self, right: Self) -> Bool {
    left.command == right.command && left.input == right.input && left.records == right.records
      && left.perRecord == right.perRecord && left.start == right.start
  }
}

extension RawTable {
  /// Each pair of counted runs on a longer and a shorter input.
  public var instructionCounts: [InstructionCount] {
    let counted = measured.filter { $0.part == .instructions && $0.instructions > 0 }
    var result: [InstructionCount] = []
    for long in counted {
      guard
        let short = counted.first(where: {
          $0.command == long.command && $0.input == long.input && $0.records < long.records
        })
      else { continue }
      let slope =
        Double(long.instructions - short.instructions) / Double(long.records - short.records)
      result.append(
        InstructionCount(
          command: long.command, input: long.input, records: (long.records, short.records),
          perRecord: slope, start: Double(short.instructions) - slope * Double(short.records)))
    }
    return result
  }
}
