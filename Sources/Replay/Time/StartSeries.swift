import TraceCore

/// Starts of memory writes that repeat: a window of them again and again, each later than the one
/// before by the same time.
///
/// Where all that a clock remembers is what it was a window ago, but later, the same goes for every
/// window behind it: what follows has a closed form.
struct StartSeries: ~Copyable {
  /// Writes of a window.
  let period: Int
  /// Windows that follow the one whose starts are kept.
  var windows = 0
  /// Time from a window to the next one, in ps.
  var step: UInt64 = 0
  private var starts: FixedBuffer<UInt64>

  /// - Parameter period: Writes of a window, at least 1.
  init(period: Int) {
    self.period = period
    starts = FixedBuffer(repeating: 0, count: period)
  }

  /// The starts of the window ahead of the series, in ps.
  subscript(place: Int) -> UInt64 {
    @inline(__always) get { starts[place] }
    @inline(__always) set { starts[place] = newValue }
  }

  /// What a window of the series, from 0, adds to the kept starts, in ps.
  @inline(__always)
  func shift(_ window: Int) -> UInt64 { UInt64(truncatingIfNeeded: window &+ 1) &* step }
}
