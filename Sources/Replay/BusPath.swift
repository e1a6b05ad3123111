import ArmMemory
import ConfigSpace
import Results
import TraceCore

/// One access as it left the CPU, in the engine's order.
///
/// Meant for tests that hold the engine's one path against what the architecture allows. Where a
/// field of a single-record access names a record, that record caused it.
public struct BusAccess: Sendable, Equatable {
  /// What left; a fault is an access that did not.
  public enum Kind: Sendable, Equatable {
    case write, read, configWrite, configRead
    case fault(stage: Int)
  }

  /// Bytes of a write, and the record that wrote them.
  public struct Part: Sendable, Equatable {
    public var record: UInt64
    /// Enabled bytes; bit 0 is the byte at the access's address.
    public var mask: UInt128

    public init(record: UInt64, mask: UInt128) {
      self.record = record
      self.mask = mask
    }
  }

  public var kind: Kind
  /// The vCPU's number in the trace.
  public var vcpu: UInt16
  /// The record that caused a read, config access, fault or Device piece; of a gathering line, the
  /// one that wrote it last.
  public var record: UInt64
  /// Address of the line, of the bus access, or of the faulting access; of a config access that
  /// the capture reports as such, its register.
  public var address: UInt64
  /// Enabled bytes; bit 0 is the byte at `address`.
  ///
  /// Of a read, all that it asks for.
  public var mask: UInt128
  /// Which record wrote which bytes of a write, in merge order: a later part overrides an earlier
  /// one where both have a byte.
  public var parts: [Part]

  public init(
    kind: Kind, vcpu: UInt16, record: UInt64, address: UInt64, mask: UInt128, parts: [Part] = []
  ) {
    self.kind = kind
    self.vcpu = vcpu
    self.record = record
    self.address = address
    self.mask = mask
    self.parts = parts
  }
}

/// What one engine put on the bus, and who wrote the lines that are still open.
final class BusPath {
  private struct Place: Hashable {
    var vcpu: UInt16
    var line: UInt64
  }

  private(set) var accesses: [BusAccess] = []
  /// Where the accesses go instead of ``accesses``.
  fileprivate let sink: (any BusSink)?
  private var open: [Place: [BusAccess.Part]] = [:]

  init(sink: (any BusSink)? = nil) { self.sink = sink }

  /// A record writes bytes of an open line.
  func merge(_ mask: UInt128, line: UInt64, vcpu: UInt16, record: UInt64) {
    let place = Place(vcpu: vcpu, line: line)
    if let sink { forget(mask, place, by: record, sink) }
    open[place, default: []].append(.init(record: record, mask: mask))
  }

  /// A sink asks for what leaves, so that a line needs no more parts than it has bytes.
  private func forget(
    _ mask: UInt128, _ place: Place, by record: UInt64, _ sink: any BusSink
  ) {
    guard let parts = open[place] else { return }
    open[place] = parts.compactMap { part in
      let again = part.mask & mask
      guard again != 0 else { return part }
      sink.overwrite(again, of: part.record, line: place.line, by: record)
      let left = part.mask & ~mask
      return left == 0 ? nil : BusAccess.Part(record: part.record, mask: left)
    }
  }

  /// An open line has bytes of a record.
  func isPending(_ record: UInt64) -> Bool {
    open.values.contains { $0.contains { $0.record == record } }
  }

  /// A line leaves.
  ///
  /// - Parameters:
  ///   - line: The line.
  ///   - vcpu: Whose it is.
  ///   - cause: Why it leaves.
  ///   - record: The present record.
  func leave(_ line: GatherBuffers.Line, vcpu: UInt16, _ cause: FlushCause, at record: UInt64) {
    let parts = open.removeValue(forKey: Place(vcpu: vcpu, line: line.address)) ?? []
    if let sink { return sink.leave(line, parts, cause, vcpu: vcpu, at: record) }
    accesses.append(
      BusAccess(
        kind: .write, vcpu: vcpu, record: line.record, address: line.address, mask: line.mask,
        parts: parts))
  }

  /// Something that one record causes alone.
  func add(_ kind: BusAccess.Kind, vcpu: UInt16, record: UInt64, address: UInt64, size: Int) {
    let mask = byteRange(0, size)
    let parts = kind == .write ? [BusAccess.Part(record: record, mask: mask)] : []
    accesses.append(
      BusAccess(
        kind: kind, vcpu: vcpu, record: record, address: address, mask: mask, parts: parts))
  }
}

extension Engine {
  /// Logs what the present record puts on the bus; to be called only where there is a path.
  @inline(never)
  func logAccess(
    _ kind: BusAccess.Kind, _ entry: ResolvedClass, _ address: UInt64, _ size: Int
  ) {
    if let sink = path?.sink { return sink.take(kind, entry, address, size, record: record) }
    path?.add(kind, vcpu: entry.vcpuName, record: record, address: address, size: size)
  }

  /// Logs what config accesses mean.
  func logEvents(_ events: [ConfigEvent]) {
    guard let sink = path?.sink else { return }
    for event in events { sink.notice(event) }
  }

  /// Logs that the present record writes bytes of an open line.
  @inline(never)
  func logMerge(_ entry: ResolvedClass, _ line: UInt64, _ offset: Int, _ size: Int) {
    path?.merge(byteRange(offset, size), line: line, vcpu: entry.vcpuName, record: record)
  }

  /// Logs that a line leaves.
  @inline(never)
  func logLine(_ line: GatherBuffers.Line, _ vcpu: Int, _ cause: FlushCause) {
    path?.leave(line, vcpu: order.name(vcpu), cause, at: record)
  }
}
