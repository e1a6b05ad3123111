/// When a TLP started and a sum up to it, in one vector: many are made at a time.
struct StartAndSum: BitwiseCopyable {
  private var figures = SIMD2<UInt64>()

  init() {}

  @inline(__always)
  init(start: UInt64, sum: UInt64) { figures = SIMD2(start, sum) }

  /// In ps.
  var start: UInt64 {
    @inline(__always) get { figures.x }
  }

  var sum: UInt64 {
    @inline(__always) get { figures.y }
  }

  /// That of the TLP behind it, up to which there is more.
  @inline(__always)
  func next(start: UInt64, more: UInt64) -> StartAndSum {
    StartAndSum(start: start, sum: sum &+ more)
  }

  /// That of a TLP that started later, and up to which there is more.
  @inline(__always)
  func later(by time: UInt64, more: UInt64) -> StartAndSum {
    var later = self
    later.figures &+= SIMD2(time, more)
    return later
  }

  /// How the starts and sums of several follow each other.
  struct Steps {
    private var figures = SIMD2<UInt64>()

    /// Notes one behind another, which are to start no closer together than a time in ps, and whose
    /// sums are to differ by a number.
    @inline(__always)
    mutating func add(_ one: StartAndSum, behind other: StartAndSum, gap: UInt64, more: UInt64) {
      figures |= one.figures &- other.figures &- SIMD2(gap, more)
    }

    /// No starts were closer together; times are below 2^63.
    var areSpaced: Bool { figures.x >> 63 == 0 }
    /// No sums differed by another number.
    var areEven: Bool { figures.y == 0 }
  }
}
