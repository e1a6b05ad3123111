import ArmMemory
import ConfigSpace
import Results

/// Takes what leaves a CPU while the trace is read.
protocol BusSink: AnyObject {
  /// A gathered line leaves.
  ///
  /// - Parameters:
  ///   - line: The line.
  ///   - parts: Which record wrote which of its bytes last.
  ///   - cause: Why it leaves.
  ///   - vcpu: Whose it is, by the trace's number.
  ///   - record: The record at which it does; at the end of the trace the last one.
  func leave(
    _ line: GatherBuffers.Line, _ parts: [BusAccess.Part], _ cause: FlushCause, vcpu: UInt16,
    at record: UInt64)

  /// Something that one record causes alone.
  func take(
    _ kind: BusAccess.Kind, _ entry: ResolvedClass, _ address: UInt64, _ size: Int, record: UInt64)

  /// A record writes bytes that another one has pending in a line, which never leave then.
  func overwrite(_ bytes: UInt128, of record: UInt64, line: UInt64, by other: UInt64)

  /// A config access, or a notice, resets something or changes what MMIO meets.
  func notice(_ event: ConfigEvent)
}

extension BusSink {
  func notice(_ event: ConfigEvent) {}
}
