/// vCPU numbers for the threads of events that do not name their vCPU.
///
/// A thread is the vCPU that a `memory_region_*` event of it names. One that no such event has
/// named gets the smallest number that is still free, in order of first appearance; events
/// without a thread count as vCPU 0.
struct ThreadNumbers {
  private var numbers: [UInt64: UInt16] = [:]
  private var isTaken: [Bool] = []
  private var nextFree = 0
  private var last: (thread: UInt64, vcpu: UInt16)?

  /// The vCPU of a thread.
  mutating func vcpu(_ thread: UInt64?) -> UInt16 {
    guard let thread else { return 0 }
    if let last, last.thread == thread { return last.vcpu }
    let number = numbers[thread] ?? free()
    numbers[thread] = number
    last = (thread, number)
    return number
  }

  /// A thread names its vCPU.
  ///
  /// - Returns: true when it had another number before.
  @inline(__always)
  mutating func learn(_ thread: UInt64, _ vcpu: UInt16) -> Bool {
    if let last, last == (thread, vcpu) { return false }
    return set(thread, vcpu)
  }

  private mutating func set(_ thread: UInt64, _ vcpu: UInt16) -> Bool {
    last = (thread, vcpu)
    take(Int(vcpu))
    let before = numbers.updateValue(vcpu, forKey: thread)
    return before != nil && before != vcpu
  }

  private mutating func free() -> UInt16 {
    while nextFree < isTaken.count, isTaken[nextFree] { nextFree += 1 }
    let number = min(nextFree, 65_535)
    take(number)
    return UInt16(number)
  }

  private mutating func take(_ number: Int) {
    while isTaken.count <= number { isTaken.append(false) }
    isTaken[number] = true
  }
}
