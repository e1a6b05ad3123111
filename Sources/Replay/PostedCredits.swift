import TraceCore

/// When a posted write finds the credits it needs.
///
/// Credits return in the order in which they were spent. So a write waits for the return of the
/// header that used the same credit before it, and for that of the data unit that used the last
/// one of its own.
struct PostedCredits: ~Copyable {
  private let limitsHeaders: Bool
  private let limitsData: Bool
  /// Returns of header credits and of units of data; one row each.
  private var headers: TimeRows
  private var data: TimeRows
  private var nextHeader = 0
  private var nextUnit = 0

  /// - Parameters:
  ///   - headers: Header credits; 0 = infinite.
  ///   - data: Data credits of 16 bytes; 0 = infinite.
  init(headers: Int, data: Int) {
    limitsHeaders = headers > 0
    limitsData = data > 0
    self.headers = TimeRows(depth: max(headers, 1))
    self.data = TimeRows(depth: max(data, 1))
    self.headers.grow(rows: 1)
    self.data.grow(rows: 1)
  }

  /// The earliest start at or after `time` with a header credit and `dataUnits` data credits.
  ///
  /// A write that needs more data credits than there are waits for all of them.
  @inline(__always)
  func waitForCredits(at time: UInt64, dataUnits: Int) -> UInt64 {
    var start = time
    if limitsHeaders { start = max(start, headers[0, nextHeader]) }
    if limitsData {
      let last = nextUnit &+ min(dataUnits, data.depth) &- 1
      start = max(start, data[0, last < data.depth ? last : last &- data.depth])
    }
    return start
  }

  /// Spends one header credit and `dataUnits` data credits until they return.
  @inline(__always)
  mutating func spend(dataUnits: Int, returnedAt time: UInt64) {
    if limitsHeaders {
      headers[0, nextHeader] = time
      nextHeader = headers.after(nextHeader)
    }
    if limitsData {
      for _ in 0..<min(dataUnits, data.depth) {
        data[0, nextUnit] = time
        nextUnit = data.after(nextUnit)
      }
    }
  }
}
