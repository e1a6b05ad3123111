import TraceCore

/// Records in the order in which their accesses began, held until a read's value is known.
///
/// The event in front of a read has no value; the one behind it has, and whatever an interrupt
/// handler or another CPU does meanwhile lies between. Only records behind an open read wait here.
struct AccessQueue {
  /// Records that are held at most; then the oldest goes without its value.
  static let limit = 256

  /// A record on its way.
  struct Entry {
    var record: RecordClass
    var address: UInt64 = 0
    var pid: UInt64 = 0
    var time: UInt64?
    var value: UInt64?
    var codeAddress: UInt64?
    var line: UInt64?
    /// A read that waits for its value.
    var isOpen = false
  }

  private var ring = [Entry](repeating: Entry(record: RecordClass(.mark)), count: limit)
  private var head = 0
  private var count = 0
  /// Reads that went without their value.
  private(set) var abandoned: UInt64 = 0

  var isEmpty: Bool { count == 0 }

  private func slot(_ index: Int) -> Int { (head + index) & (Self.limit - 1) }

  /// Adds a record behind the others.
  mutating func push(_ entry: Entry, _ builder: inout BlockAppender) {
    if count == Self.limit {
      close(0)
      drain(into: &builder)
    }
    ring[slot(count)] = entry
    count += 1
    drain(into: &builder)
  }

  /// A read has its value: the youngest open one of its CPU, or of its task on another CPU.
  ///
  /// - Returns: false when no read waits for it.
  mutating func complete(
    _ address: UInt64, size: UInt8, _ source: EventSource, value: UInt64,
    _ builder: inout BlockAppender
  ) -> Bool {
    guard let index = find(address, size, source) else { return false }
    ring[slot(index)].value = value
    ring[slot(index)].isOpen = false
    // What the task began later on this CPU lay inside and has ended: its own end was lost.
    for inner in index + 1..<max(count, index + 1) {
      let entry = ring[slot(inner)]
      if entry.isOpen, entry.record.vcpu == source.cpu, entry.pid == source.pid { close(inner) }
    }
    drain(into: &builder)
    return true
  }

  private func find(_ address: UInt64, _ size: UInt8, _ source: EventSource) -> Int? {
    var migrated: Int?
    var index = count - 1
    while index >= 0 {
      let entry = ring[slot(index)]
      if entry.isOpen, entry.address == address, entry.record.size == size {
        if entry.record.vcpu == source.cpu, entry.pid == source.pid { return index }
        if migrated == nil, entry.pid == source.pid, source.pid != 0 { migrated = index }
      }
      index -= 1
    }
    return migrated
  }

  /// Events were lost on a CPU: its open reads get no value any more.
  mutating func abandon(cpu: UInt16) {
    for index in 0..<count where ring[slot(index)].record.vcpu == cpu { close(index) }
  }

  /// The input has ended: no open read gets its value.
  mutating func abandonAll() {
    for index in 0..<count { close(index) }
  }

  private mutating func close(_ index: Int) {
    guard ring[slot(index)].isOpen else { return }
    ring[slot(index)].isOpen = false
    abandoned += 1
  }

  /// Appends what no longer waits, seven records at most, so that two calls fit a line.
  mutating func drain(into builder: inout BlockAppender) {
    var room = 7
    while count > 0, room > 0, !ring[head].isOpen {
      let entry = ring[head]
      builder.append(
        entry.record, address: entry.address, time: entry.time, value: entry.value,
        codeAddress: entry.codeAddress, line: entry.line)
      head = slot(1)
      count -= 1
      room -= 1
    }
  }
}
