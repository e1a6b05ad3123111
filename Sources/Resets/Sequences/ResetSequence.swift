public import ConfigSpace
public import TraceCore

/// A reset as its code makes it: the method by name, and which of its steps the capture shows.
public struct ResetSequence: Sendable, Equatable {
  public var method: ResetMethod
  /// The function that is reset, or the port that resets.
  public var function: PCIFunction
  /// Functions whose state was saved, polled and restored, as far as seen.
  public var devices: [PCIFunction]
  /// First and last record.
  public var first: UInt64
  public var last: UInt64
  /// The event that resets and those that let go, with their records.
  public var events: [ConfigEvent]
  /// In the order of their first record.
  public var seen: [SeenStep]
  /// The capture reports the reset by itself; no config access of it began this.
  public var isNotice = false
  /// Record of the first config access of a function that is reset.
  public var asked: UInt64?
  /// Record of the first config read that such a function answers once it is let go.
  public var answered: UInt64?
  /// Record of the next reset of the same function or port, where one ends the sequence.
  public var endedBy: UInt64?

  /// Steps of the method that the capture does not show, in the method's order; without time stamps
  /// no wait could be seen.
  public var missing: [SequenceStep] {
    method.steps.filter { step in
      !seen.contains { $0.step == step } && (step != .wait || isTimed)
    }
  }

  /// Its times are the capture's own.
  var isTimed: Bool { events.allSatisfy(\.isTimed) }

  /// The step, where it was seen.
  public subscript(step: SequenceStep) -> SeenStep? { seen.first { $0.step == step } }

  /// Record of the event that resets; nil of BAR sizing.
  public var resetRecord: UInt64? { events.first { $0.kind.issuesReset }?.record }
}
