import TraceCore

/// Records in the order in which their accesses began, held until a read's value is known.
///
/// The event in front of a read has no value; the one behind it has, and whatever an interrupt
/// handler or another CPU does meanwhile lies between. Only records behind an open read wait here.
struct AccessQueue {
  /// Records that are held at most; then the oldest goes without its value.
  ///
  /// Four for each of as many CPUs as can be, in 30 MB; a read takes microseconds, seldom
  /// milliseconds.
  static let limit = 1 << 18

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

  /// A power of two of entries, by their numbers.
  private var ring = [Entry](repeating: Entry(record: RecordClass(.mark)), count: 256)
  /// Numbers of the oldest entry and of the next one.
  private var head: UInt64 = 0
  private var next: UInt64 = 0
  private var reads = OpenAccesses()
  private let limit: Int
  /// Reads that went without their value.
  private(set) var abandoned: UInt64 = 0

  /// - Parameter limit: Records that are held at most, a power of two from 256 on.
  init(limit: Int = Self.limit) { self.limit = limit }

  var isEmpty: Bool { head == next }

  @inline(__always)
  private func slot(_ number: UInt64) -> Int {
    Int(truncatingIfNeeded: number) & (ring.count &- 1)
  }

  /// Adds a record behind the others.
  mutating func push(_ entry: Entry, _ builder: inout BlockAppender) {
    if Int(next - head) == ring.count { makeRoom(&builder) }
    let number = next
    ring[slot(number)] = entry
    next += 1
    if entry.isOpen {
      let access = OpenAccesses.Access(
        address: entry.address, pid: entry.pid, number: number, size: entry.record.size)
      if let oldest = reads.open(access, cpu: entry.record.vcpu) { close(oldest.number) }
    }
    drain(into: &builder)
  }

  @inline(never)
  private mutating func makeRoom(_ builder: inout BlockAppender) {
    guard ring.count >= limit else {
      var wider = [Entry](repeating: ring[0], count: 2 * ring.count)
      for number in head..<next {
        wider[Int(truncatingIfNeeded: number) & (wider.count - 1)] = ring[slot(number)]
      }
      ring = wider
      return
    }
    let oldest = ring[slot(head)]
    if oldest.isOpen {
      reads.remove(cpu: oldest.record.vcpu, number: head)
      close(head)
    }
    drain(into: &builder)
  }

  /// A read has its value: the youngest open one of its CPU, or of its task on another CPU.
  ///
  /// - Returns: false when no read waits for it.
  mutating func complete(
    _ address: UInt64, size: UInt8, _ source: EventSource, value: UInt64,
    _ builder: inout BlockAppender
  ) -> Bool {
    guard let place = reads.find(address, size, source) else { return false }
    let number = reads.remove(place).number
    ring[slot(number)].value = value
    ring[slot(number)].isOpen = false
    // What the task began later on this CPU lay inside and has ended: its own end was lost.
    while let inner = reads.removeYoungest(cpu: source.cpu, pid: source.pid, behind: number) {
      close(inner.number)
    }
    drain(into: &builder)
    return true
  }

  /// Events were lost on a CPU: its open reads get no value any more.
  mutating func abandon(cpu: UInt16) {
    while let read = reads.removeYoungest(cpu: cpu) { close(read.number) }
  }

  /// The input has ended: no open read gets its value.
  mutating func abandonAll() {
    guard reads.count > 0 else { return }
    reads.removeAll()
    for number in head..<next where ring[slot(number)].isOpen { close(number) }
  }

  private mutating func close(_ number: UInt64) {
    ring[slot(number)].isOpen = false
    abandoned += 1
  }

  /// Appends what no longer waits, seven records at most, so that two calls fit a line.
  mutating func drain(into builder: inout BlockAppender) {
    var room = 7
    while head < next, room > 0, !ring[slot(head)].isOpen {
      let entry = ring[slot(head)]
      builder.append(
        entry.record, address: entry.address, time: entry.time, value: entry.value,
        codeAddress: entry.codeAddress, line: entry.line)
      head += 1
      room -= 1
    }
  }
}
