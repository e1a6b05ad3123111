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

  /// Puts what is kept of its writes into a ring; of many windows only the last ones, which fill
  /// the room.
  ///
  /// - Parameters:
  ///   - ring: Has room for a window at least.
  ///   - number: Number of the first write.
  ///   - room: Writes that are looked at later.
  ///   - first: What is kept of a write, of its start and how many of the series are ahead of it.
  ///   - next: What is kept of the write a window behind one.
  @inline(__always)
  func fill<Element>(
    _ ring: Ring<Element>.View, from number: UInt64, room: UInt64,
    first: (_ start: UInt64, _ ahead: UInt64) -> Element, next: (Element) -> Element
  ) {
    let period = UInt64(truncatingIfNeeded: period)
    let windows = UInt64(truncatingIfNeeded: windows)
    guard windows > 0 else { return }
    let kept = windows &* period <= room ? windows : min(windows, room / period &+ 1)
    let skipped = (windows &- kept) &* period
    let shift = shift(Int(truncatingIfNeeded: windows &- kept))
    for place in 0..<self.period {
      let ahead = skipped &+ UInt64(truncatingIfNeeded: place)
      unsafe ring[number &+ ahead] = first(self[place] &+ shift, ahead)
    }
    let done = number &+ skipped &+ period
    unsafe ring.fill(done..<number &+ windows &* period, from: period, next)
  }
}
