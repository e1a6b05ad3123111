import TraceCore

/// Address windows with precedence: the map's, then mapped BARs, then BARs that were unmapped.
///
/// An address in a window that was unmapped still belongs to it: the guest meant that BAR.
struct WindowMap {
  /// Lower goes first where windows overlap.
  enum Rank: UInt8 { case map, mapped, unmapped }

  private struct Window {
    var first: UInt64
    var last: UInt64
    var id: RegionID
    var rank: Rank
    /// Later goes first among equals.
    var order: Int
  }

  /// A stretch of addresses with one answer.
  private struct Answer {
    var first: UInt64 = 1
    var last: UInt64 = 0
    var id: RegionID?
  }

  /// BAR windows that are kept at most.
  static let limit = 4096
  private static let cacheSize = 64

  private var windows: [Window] = []
  private var cache = [Answer](repeating: Answer(), count: cacheSize)
  private var order = 0

  /// Windows that are kept.
  var count: Int { windows.count }

  /// Adds a window, or moves one to another rank.
  ///
  /// - Parameters:
  ///   - id: Its region.
  ///   - base: First address.
  ///   - size: Bytes, 1 or more; a window beyond the end of the address space is cut there.
  ///   - rank: Precedence.
  mutating func set(_ id: RegionID, base: UInt64, size: UInt64, rank: Rank) {
    precondition(size > 0, "a window has at least one byte")
    let (end, over) = base.addingReportingOverflow(size - 1)
    order += 1
    let window = Window(
      first: base, last: over ? .max : end, id: id, rank: rank, order: order)
    if let index = windows.firstIndex(where: { $0.id == id }) {
      windows[index] = window
    } else {
      windows.append(window)
    }
    for index in cache.indices { cache[index] = Answer() }
  }

  /// The region of the window that holds an address.
  @inline(__always)
  mutating func region(at address: UInt64) -> RegionID? {
    let slot = Int(truncatingIfNeeded: address >> 12 ^ address >> 21) & (Self.cacheSize - 1)
    let answer = cache[slot]
    if address >= answer.first, address <= answer.last { return answer.id }
    let found = search(address)
    cache[slot] = found
    return found.id
  }

  @inline(never)
  private func search(_ address: UInt64) -> Answer {
    var best: Window?
    for window in windows where address >= window.first && address <= window.last {
      if let known = best, !goesFirst(window, known) { continue }
      best = window
    }
    var answer = Answer(first: best?.first ?? 0, last: best?.last ?? .max, id: best?.id)
    // The answer holds up to the next window that would take precedence.
    for window in windows {
      if let best, !goesFirst(window, best) { continue }
      if window.last < address { answer.first = max(answer.first, window.last + 1) }
      if window.first > address { answer.last = min(answer.last, window.first - 1) }
    }
    return answer
  }

  private func goesFirst(_ left: Window, _ right: Window) -> Bool {
    left.rank.rawValue != right.rank.rawValue
      ? left.rank.rawValue < right.rank.rawValue : left.order > right.order
  }
}
