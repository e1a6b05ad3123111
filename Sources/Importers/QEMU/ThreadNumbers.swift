/// vCPU numbers for the threads of events that do not name their vCPU.
///
/// A thread is the vCPU that a `memory_region_*` event of it names. One that no such event has
/// named gets the smallest number that is still free, in order of first appearance; events
/// without a thread count as vCPU 0. Where a capture may hold more than one machine, a thread whose
/// vCPU number another thread has gets a free one, too: ``claim(_:_:)``. More threads than there are
/// numbers are not remembered, and are the last vCPU.
struct ThreadNumbers {
  static let limit = 65_536
  /// Asked for, in vain.
  private(set) var beyondLimit: UInt64 = 0

  private var numbers: [UInt64: UInt16] = [:]
  private var isTaken: [Bool] = []
  private var nextFree = 0
  /// By numbers as threads gave them: who has that number; and what each thread gave.
  private var owners: [UInt16: UInt64] = [:]
  private var claims: [UInt64: UInt16] = [:]
  /// The threads asked for last, by the lowest bits of their number.
  private var recent: InlineArray<64, Recent> = InlineArray(repeating: Recent())

  private struct Recent {
    var thread: UInt64 = 0
    var vcpu: UInt16 = 0
    var isKnown = false
  }

  private static func place(_ thread: UInt64) -> Int { Int(truncatingIfNeeded: thread & 63) }

  /// The vCPU of a thread.
  mutating func vcpu(_ thread: UInt64?) -> UInt16 {
    guard let thread else { return 0 }
    let known = recent[Self.place(thread)]
    if known.isKnown, known.thread == thread { return known.vcpu }
    guard let number = numbers[thread] ?? free() else {
      beyondLimit += 1
      return .max
    }
    numbers[thread] = number
    recent[Self.place(thread)] = Recent(thread: thread, vcpu: number, isKnown: true)
    return number
  }

  /// A thread names its vCPU.
  ///
  /// - Returns: true when it had another number before.
  @inline(__always)
  mutating func learn(_ thread: UInt64, _ vcpu: UInt16) -> Bool {
    let known = recent[Self.place(thread)]
    if known.isKnown, known.thread == thread, known.vcpu == vcpu { return false }
    return set(thread, vcpu)
  }

  /// What became of a thread's claim to be a vCPU.
  enum Claim { case known, renumbered, taken }

  /// A thread names its vCPU, which may be that of another machine.
  ///
  /// - Returns: ``Claim/taken`` when another thread has the number: this one has another.
  @inline(__always)
  mutating func claim(_ thread: UInt64, _ vcpu: UInt16) -> Claim {
    let known = recent[Self.place(thread)]
    if known.isKnown, known.thread == thread, known.vcpu == vcpu { return .known }
    return firstClaim(thread, vcpu)
  }

  @inline(never)
  private mutating func firstClaim(_ thread: UInt64, _ vcpu: UInt16) -> Claim {
    if claims[thread] == vcpu { return .known }
    guard claims.count < Self.limit || claims[thread] != nil else { return .known }
    claims[thread] = vcpu
    if let owner = owners[vcpu], owner != thread {
      guard let number = free() else { return .known }
      owners[number] = owners[number] ?? thread
      _ = set(thread, number)
      return .taken
    }
    owners[vcpu] = thread
    return set(thread, vcpu) ? .renumbered : .known
  }

  private mutating func set(_ thread: UInt64, _ vcpu: UInt16) -> Bool {
    guard numbers.count < Self.limit || numbers[thread] != nil else { return false }
    recent[Self.place(thread)] = Recent(thread: thread, vcpu: vcpu, isKnown: true)
    take(Int(vcpu))
    let before = numbers.updateValue(vcpu, forKey: thread)
    return before != nil && before != vcpu
  }

  /// The lowest number that is free; nil where none is, or no further thread is remembered.
  private mutating func free() -> UInt16? {
    while nextFree < isTaken.count, isTaken[nextFree] { nextFree += 1 }
    guard nextFree < Self.limit, numbers.count < Self.limit else { return nil }
    take(nextFree)
    return UInt16(nextFree)
  }

  private mutating func take(_ number: Int) {
    while isTaken.count <= number { isTaken.append(false) }
    isTaken[number] = true
  }
}
