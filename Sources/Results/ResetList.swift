/// Resets that are made when they are looked at: a trace may have a hundred thousand, and the words
/// of their proofs would fill the memory.
public struct ResetList: RandomAccessCollection, Sendable {
  private let make: @Sendable (Int) -> ResetEntry
  public let endIndex: Int
  public var startIndex: Int { 0 }

  /// - Parameters:
  ///   - count: How many.
  ///   - make: The entry at a place from 0.
  public init(count: Int, make: @escaping @Sendable (Int) -> ResetEntry) {
    self.make = make
    endIndex = count
  }

  public subscript(place: Int) -> ResetEntry {
    precondition(indices.contains(place), "no such reset")
    return make(place)
  }
}

/// How many resets of one scenario have each answer.
public struct ResetTally: Sendable, Equatable {
  public var natural: [ResetVerdict.Answer: Int] = [:]
  public var before: [ResetVerdict.Answer: Int] = [:]
  public var after: [ResetVerdict.Answer: Int] = [:]

  public init() {}

  /// Resets with MMIO before them.
  public var withMMIOBefore: Int {
    natural.reduce(0) { $0 + ([.doesNotArise, .notShown].contains($1.key) ? 0 : $1.value) }
  }

  /// Resets of which nothing but ``ResetEntry/mayResetOthers`` is known.
  public var withUnknownScope = 0

  /// Resets of which the capture has lost the MMIO before them.
  public var withHole: Int { (natural[.notShown] ?? 0) - withUnknownScope }
}

/// A host value that is not known, and that verdicts hang on.
public struct ResetOpenValue: Sendable, Equatable {
  /// `the serialisation point`.
  public var name: String
  /// `--set rc.serialisation_point=root-complex|interconnect`.
  public var option: String

  public init(name: String, option: String) {
    self.name = name
    self.option = option
  }
}
