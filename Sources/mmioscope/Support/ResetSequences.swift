import ConfigSpace
import Resets

/// Sequences by the record of their reset.
struct ResetSequences: Sendable {
  let all: [ResetSequence]
  let hasNotices: Bool
  /// Places in ``all``; those of one record stand together.
  private var first: [UInt64: Int] = [:]

  /// - Parameter all: In the order of their resetting records.
  init(_ all: [ResetSequence]) {
    self.all = all
    hasNotices = all.contains(where: \.isNotice)
    for (place, sequence) in all.enumerated() {
      if let record = sequence.resetRecord, first[record] == nil { first[record] = place }
    }
  }

  /// The sequence that a reset is part of, where one was found.
  func of(_ reset: ResetCase) -> ResetSequence? {
    guard let place = first[reset.event.record] else { return nil }
    return all[place...].lazy.prefix { ($0.resetRecord ?? $0.first) == reset.event.record }
      .first { sequence in
        sequence.function == reset.event.function
          && sequence.events.contains { $0.kind == reset.event.kind }
      }
  }
}
