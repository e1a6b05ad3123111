import TraceCore

/// One ring of times per vCPU: when each of a fixed number of held things becomes free.
///
/// Things are freed in the order in which they were taken, so the front is the earliest.
struct TimeRings: ~Copyable {
  private let perRow: Int
  private var times: FixedBuffer<UInt64>
  private var fronts: FixedBuffer<Int>

  /// - Parameter perRow: Things a vCPU can hold; at least 1.
  init(perRow: Int) {
    precondition(perRow >= 1)
    self.perRow = perRow
    times = FixedBuffer(repeating: 0, count: 0)
    fronts = FixedBuffer(repeating: 0, count: 0)
  }

  mutating func grow(rows: Int) {
    times.grow(to: rows * perRow, repeating: 0)
    fronts.grow(to: rows, repeating: 0)
  }

  /// When the next thing is free.
  @inline(__always)
  func front(_ row: Int) -> UInt64 { times[row * perRow + fronts[row]] }

  /// Takes the next thing and says until when it is held.
  @inline(__always)
  mutating func replaceFront(_ row: Int, _ time: UInt64) {
    let front = fronts[row]
    times[row * perRow + front] = time
    fronts[row] = front + 1 == perRow ? 0 : front + 1
  }
}

/// Buffers that are taken now and given a time of release later, in the order of release.
struct BufferRings: ~Copyable {
  private let perRow: Int
  private var times: FixedBuffer<UInt64>
  private var fronts: FixedBuffer<Int>
  private var counts: FixedBuffer<Int>

  /// - Parameter perRow: Buffers of a vCPU; at least 1. All are free at time 0.
  init(perRow: Int) {
    precondition(perRow >= 1)
    self.perRow = perRow
    times = FixedBuffer(repeating: 0, count: 0)
    fronts = FixedBuffer(repeating: 0, count: 0)
    counts = FixedBuffer(repeating: 0, count: 0)
  }

  mutating func grow(rows: Int) {
    times.grow(to: rows * perRow, repeating: 0)
    fronts.grow(to: rows, repeating: 0)
    counts.grow(to: rows, repeating: perRow)
  }

  /// Takes the buffer that is free first.
  ///
  /// - Returns: When it is free.
  /// - Precondition: one was given back, or never taken.
  @inline(__always)
  mutating func pop(_ row: Int) -> UInt64 {
    precondition(counts[row] > 0, "more lines than buffers")
    let front = fronts[row]
    counts[row] -= 1
    fronts[row] = front + 1 == perRow ? 0 : front + 1
    return times[row * perRow + front]
  }

  /// Gives a buffer back from a time on; times never decrease.
  @inline(__always)
  mutating func push(_ row: Int, _ time: UInt64) {
    var slot = fronts[row] + counts[row]
    if slot >= perRow { slot -= perRow }
    times[row * perRow + slot] = time
    counts[row] += 1
  }
}

/// Posted credits that are out, oldest first.
struct CreditQueue: ~Copyable {
  private let headers: Int
  private let data: Int
  private let capacity: Int
  private var returns: FixedBuffer<UInt64>
  private var units: FixedBuffer<Int>
  private var front = 0
  private var count = 0
  private var dataOut = 0

  /// - Parameters:
  ///   - headers: Header credits; 0 = infinite.
  ///   - data: Data credits of 16 bytes; 0 = infinite.
  init(headers: Int, data: Int) {
    self.headers = headers
    self.data = data
    capacity = headers > 0 ? headers : data
    returns = FixedBuffer(repeating: 0, count: max(capacity, 1))
    units = FixedBuffer(repeating: 0, count: max(capacity, 1))
  }

  /// The earliest start at or after `time` with a header credit and `dataUnits` data credits.
  @inline(__always)
  mutating func waitForCredits(at time: UInt64, dataUnits: Int) -> UInt64 {
    guard capacity > 0 else { return time }
    var start = time
    while count == capacity || (data > 0 && count > 0 && dataOut + dataUnits > data) {
      start = max(start, returns[front])
      dataOut -= units[front]
      front = front + 1 == capacity ? 0 : front + 1
      count -= 1
    }
    return start
  }

  /// Spends one header credit and `dataUnits` data credits until they return.
  @inline(__always)
  mutating func spend(dataUnits: Int, returnedAt time: UInt64) {
    guard capacity > 0 else { return }
    var slot = front + count
    if slot >= capacity { slot -= capacity }
    returns[slot] = time
    units[slot] = dataUnits
    dataOut += dataUnits
    count += 1
  }
}
