/// Accesses whose second event has not come yet, by CPU.
///
/// What a CPU does nests like brackets: a task, soft and hard interrupts, NMIs. So few are open on
/// one CPU, however many CPUs there are and whatever the others do meanwhile.
struct OpenAccesses {
  /// Accesses that are open on one CPU at most: contexts nest four deep, and tasks that were
  /// preempted there may have one each; the oldest goes where there are more.
  static let depth = 32

  struct Access {
    var address: UInt64
    var pid: UInt64
    /// Its place in the order of all accesses.
    var number: UInt64
    var size: UInt8
  }

  struct Place {
    var cpu: Int
    var index: Int
  }

  /// By CPU, the youngest last.
  private var lists: [[Access]] = []
  private(set) var count = 0

  /// - Returns: The oldest of the CPU, where it has too many.
  @inline(__always)
  mutating func open(_ access: Access, cpu: UInt16) -> Access? {
    let cpu = Int(cpu)
    if cpu >= lists.count { grow(cpu) }
    count += 1
    lists[cpu].append(access)
    return lists[cpu].count > Self.depth ? remove(Place(cpu: cpu, index: 0)) : nil
  }

  @inline(never)
  private mutating func grow(_ cpu: Int) {
    lists += [[Access]](repeating: [], count: cpu + 1 - lists.count)
  }

  mutating func remove(_ place: Place) -> Access {
    count -= 1
    return lists[place.cpu].remove(at: place.index)
  }

  /// The youngest access of an event's CPU and task, or of its task on another CPU.
  @inline(__always)
  func find(_ address: UInt64, _ size: UInt8, _ source: EventSource) -> Place? {
    let cpu = Int(source.cpu)
    if cpu < lists.count, let index = index(cpu, address, size, source.pid) {
      return Place(cpu: cpu, index: index)
    }
    // The idle tasks of all CPUs have the same number and do not move.
    return count == 0 || source.pid == 0 ? nil : migrated(address, size, source.pid)
  }

  @inline(__always)
  private func index(
    _ cpu: Int, _ address: UInt64, _ size: UInt8, _ pid: UInt64
  ) -> Int? {
    var index = lists[cpu].count - 1
    while index >= 0 {
      let access = lists[cpu][index]
      if access.address == address, access.size == size, access.pid == pid { return index }
      index -= 1
    }
    return nil
  }

  @inline(never)
  private func migrated(_ address: UInt64, _ size: UInt8, _ pid: UInt64) -> Place? {
    var youngest: Place?
    var number: UInt64 = 0
    for cpu in lists.indices where !lists[cpu].isEmpty {
      guard let index = index(cpu, address, size, pid), lists[cpu][index].number >= number
      else { continue }
      youngest = Place(cpu: cpu, index: index)
      number = lists[cpu][index].number
    }
    return youngest
  }

  /// Takes out the youngest of a CPU that a task began behind another access.
  mutating func removeYoungest(cpu: UInt16, pid: UInt64, behind number: UInt64) -> Access? {
    let cpu = Int(cpu)
    guard cpu < lists.count else { return nil }
    let index = lists[cpu].lastIndex { $0.number > number && $0.pid == pid }
    return index.map { remove(Place(cpu: cpu, index: $0)) }
  }

  /// Takes out the youngest of a CPU.
  mutating func removeYoungest(cpu: UInt16) -> Access? {
    let cpu = Int(cpu)
    guard cpu < lists.count, !lists[cpu].isEmpty else { return nil }
    return remove(Place(cpu: cpu, index: lists[cpu].count - 1))
  }

  /// Takes out the access of a number.
  mutating func remove(cpu: UInt16, number: UInt64) {
    guard let index = lists[Int(cpu)].firstIndex(where: { $0.number == number }) else { return }
    _ = remove(Place(cpu: Int(cpu), index: index))
  }

  mutating func removeAll() {
    count = 0
    lists.removeAll()
  }
}
