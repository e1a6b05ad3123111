import TraceCore

/// The state of a run of stores that fill lines, on one vCPU.
struct LineRun {
  /// Stores of each line, and what the vCPU needs for them, in ps.
  let stores: Int
  let issuing: UInt64
  /// Lines of the run, and those done.
  let lines: Int
  var done = 0
  /// When the vCPU is free.
  var now: UInt64
  /// Slots of the line that is opened, and of the one that is sent next.
  var opening: Int
  var sending: Int
  /// When the first store was issued.
  var first = UInt64.max
  /// Of the last line: when the vCPU came to it, and when its TLP started.
  var opened: UInt64 = 0
  var sent: UInt64 = 0
  /// Lines that the vCPU has buffers for.
  private let buffers: Int

  /// - Parameters:
  ///   - issuer: The vCPU.
  ///   - step: The run.
  ///   - issue: What the vCPU needs for a store, in ps.
  ///   - buffers: Lines that the vCPU has buffers for.
  @inline(__always)
  init(_ issuer: ReplayClock.Issuer, _ step: TimeStep, issue: UInt64, buffers: Int) {
    stores = Int(step.completions)
    issuing = UInt64(truncatingIfNeeded: stores) &* issue
    lines = Int(step.count) / stores
    now = issuer.now
    opening = issuer.openedLine
    sending = issuer.sentLine
    self.buffers = buffers
  }

  /// Lines of the run that may be under way.
  ///
  /// Each takes the buffer that the line as many before it has left. Other lines that are open keep
  /// theirs.
  @inline(__always)
  var depth: Int { opening < sending ? sending &- opening : buffers &- opening &+ sending }

  /// Lines that are left.
  @inline(__always)
  var left: Int { lines &- done }

  /// Goes on behind lines that took their turns.
  ///
  /// - Parameter count: Lines, 0 or more.
  @inline(__always)
  mutating func skip(_ count: Int) {
    let count = count < buffers ? count : count % buffers
    opening &+= opening &+ count < buffers ? count : count &- buffers
    sending &+= sending &+ count < buffers ? count : count &- buffers
  }
}
