/// One thing that a reset sequence does on the config bus.
public enum SequenceStep: String, Sendable, CaseIterable {
  /// The sixteen double words of the header read in order, and nothing written since.
  case save = "save-state"
  /// Command written with Bus Master clear and Memory Space as it was.
  case busMasterOff = "bus-master-off"
  /// Command := 0x0400: I/O, memory and bus mastering off, INTx off.
  case commandOff = "command-0x0400"
  /// Command written with I/O, memory, bus mastering and INTx Disable all clear.
  case commandClear = "command-clear"
  /// Transactions Pending read; the reset came after a read of 0 or after the last try.
  case pendingPoll = "pending-poll"
  /// The control register read before it is written.
  case controlRead = "control-read"
  /// Unmask SBR of a CXL port set.
  case unmask = "unmask-sbr"
  /// The access that resets.
  case reset
  /// Reset let go: SBR or Link Disable cleared, D0, DPC status cleared, slot powered.
  case release
  /// Link state read at the port after it was let go.
  case linkWait = "link-wait"
  /// Nothing asked of the function for as long as the kind of reset demands.
  case wait
  /// Vendor ID or Command read by a double word until the function answers, and before anything is
  /// restored (Linux' pci_dev_wait).
  case readyPoll = "ready-poll"
  /// BARs, header or the control register written back.
  case restore
  /// Command.MEM set again.
  case memoryOn = "memory-on"
  /// All ones written to a BAR.
  case sizing = "bar-sizing"
}

/// A step of a sequence, seen.
public struct SeenStep: Sendable, Equatable {
  public var step: SequenceStep
  /// First and last record of it.
  public var first: UInt64
  public var last: UInt64
  /// Accesses.
  public var count: UInt64

  public init(_ step: SequenceStep, first: UInt64, last: UInt64, count: UInt64) {
    self.step = step
    self.first = first
    self.last = last
    self.count = count
  }
}

/// Steps in the order in which they were first seen.
struct StepList: Sendable, Equatable {
  private(set) var steps: [SeenStep] = []

  subscript(step: SequenceStep) -> SeenStep? { steps.first { $0.step == step } }

  mutating func add(_ step: SequenceStep, _ record: UInt64) {
    guard let index = steps.firstIndex(where: { $0.step == step }) else {
      return steps.append(SeenStep(step, first: record, last: record, count: 1))
    }
    steps[index].last = record
    steps[index].count += 1
  }

  mutating func add(_ seen: SeenStep) {
    if self[seen.step] == nil { steps.append(seen) }
  }
}
