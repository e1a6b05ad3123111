import TraceCore

/// Which acquires and releases at memory that is not recorded say something new.
///
/// A vCPU takes and leaves many locks between two recorded accesses. Of those the first acquire, the
/// first release and the first acquire behind a release order all that the others do: a release what
/// is before it, an acquire what a release before it is behind.
struct ElsewhereFolding {
  /// Since the last recorded access.
  private struct Gap {
    var acquired = false
    var released = false
    var isOrdered = false
  }
  private var gaps: [UInt16: Gap] = [:]

  /// A recorded access, barriers aside.
  mutating func access(of vcpu: UInt16) {
    guard !gaps.isEmpty else { return }
    gaps[vcpu] = nil
  }

  /// Takes one; says whether it is to be a record.
  mutating func takes(_ barrier: Barrier, of vcpu: UInt16) -> Bool {
    var gap = gaps[vcpu] ?? Gap()
    defer { gaps[vcpu] = gap }
    guard !gap.isOrdered else { return false }
    switch barrier.kind {
    case .acquire:
      guard gap.released || !gap.acquired else { return false }
      gap.acquired = true
      gap.isOrdered = gap.released
    case .release:
      guard !gap.released else { return false }
      gap.released = true
    default: gap.isOrdered = true
    }
    return true
  }
}
