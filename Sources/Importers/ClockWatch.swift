/// Counts stamps that go backwards, CPU by CPU.
struct ClockWatch {
  private var last: [UInt64] = []

  /// - Returns: true when the stamp is earlier than the one before on its CPU.
  @inline(__always)
  mutating func goesBack(_ time: UInt64?, cpu: UInt16) -> Bool {
    guard let time else { return false }
    let index = Int(cpu)
    if index >= last.count { grow(index) }
    let isBack = time < last[index]
    last[index] = time
    return isBack
  }

  /// A stamp that is known to be no earlier than some before on its CPU: the latest is kept.
  mutating func note(_ time: UInt64, cpu: UInt16) {
    let index = Int(cpu)
    if index >= last.count { grow(index) }
    last[index] = max(last[index], time)
  }

  @inline(never)
  private mutating func grow(_ index: Int) {
    last += [UInt64](repeating: 0, count: index + 1 - last.count)
  }
}
