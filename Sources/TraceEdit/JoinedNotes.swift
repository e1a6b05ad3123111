import TraceCore

/// What joined captures say of themselves, which a reader must not take for the whole's.
///
/// Sentences of all of them are the whole's; others name the captures that they are about. Accesses
/// of captures without barriers become a counter where another one has some: by default such a trace
/// is replayed with the barriers that it records, so with none around these.
final class JoinedNotes {
  /// What readers of a trace look for by its words, whichever capture it is from.
  private static let ofWhole = [TraceContext.hiddenBARs, TraceContext.threadsAsVCPUs]

  private let whole: TraceContext
  private var parts = 0
  private var sentences: [(text: String, captures: [String])] = []
  private var holdsBarriers = false
  /// Accesses of captures without barriers.
  private var unordered: UInt64 = 0

  /// - Parameter whole: The trace that captures are joined to.
  init(_ whole: TraceContext) { self.whole = whole }

  /// Takes over what a capture says at its end.
  ///
  /// - Parameters:
  ///   - part: The capture.
  ///   - accesses: Its loads and stores.
  ///   - holdsBarriers: There are barriers among its records, or in what it is a part of.
  func add(_ part: TraceContext, accesses: UInt64, holdsBarriers: Bool) {
    parts += 1
    for text in part.blindSpots {
      if let place = sentences.firstIndex(where: { $0.text == text }) {
        sentences[place].captures.append(part.name)
      } else {
        sentences.append((text, [part.name]))
      }
    }
    if holdsBarriers {
      self.holdsBarriers = true
    } else {
      unordered.addSaturating(accesses)
    }
  }

  /// Some capture says it.
  func contains(_ text: String) -> Bool { sentences.contains { $0.text == text } }

  /// Forgets a sentence that another capture proves wrong.
  func remove(_ text: String) { sentences.removeAll { $0.text == text } }

  /// Tells the whole, when all captures are known.
  func finish() {
    for (text, captures) in sentences {
      let isOfWhole = captures.count == parts || Self.ofWhole.contains(text)
      let sentence = isOfWhole ? text : TellingBlindSpot.ofParts(captures, text)
      if !whole.blindSpots.contains(sentence) { whole.blindSpots.append(sentence) }
    }
    whole.counters.add(
      "barriers_of_some_captures", holdsBarriers ? unordered : 0, severity: .dataLoss,
      meaning: "accesses of captures without barriers, joined to one with some: by default none is "
        + "assumed around them (--accessors bursts assumes some in the whole trace)")
  }
}
