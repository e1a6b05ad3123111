import TraceCore
import TraceIO

/// The events of one CPU in order (Linux `include/linux/ring_buffer.h`).
struct DatStream {
  let cpu: UInt16
  private let layout: DatLayout
  private(set) var pages: DatPages
  /// Index in the pages' bytes of the next event, and behind the page's last.
  private var position = 0
  private var end = 0
  /// Time of the event before.
  private(set) var time: UInt64 = 0
  /// The event's data.
  private(set) var data = 0..<0
  /// There is no event, only what was lost behind the last one.
  private(set) var isLossOnly = false
  /// Events lost in front of the event: nil for none, 0 for an unknown number.
  private(set) var lost: UInt64?
  /// The last call ended in damage; what was lost ahead of it has been told to nobody yet.
  private var hasFailed = false

  /// The last page of a loss and its number, kept until the next event.
  private static let missedEvents: UInt64 = 1 << 31
  private static let missedStored: UInt64 = 1 << 30
  private static let commitMask: UInt64 = 1 << 27 - 1

  init(_ file: any RandomAccess, _ cpu: DatLayout.CPU, _ layout: DatLayout) throws(TraceError) {
    self.cpu = cpu.cpu
    self.layout = layout
    pages = try DatPages(file, cpu, pageSize: layout.pageSize, layout.compression)
  }

  /// What an error says where it cannot say a line.
  func error(_ expected: String, at index: Int) -> TraceError {
    TraceError(.badRecord, "expected \(expected)", byteOffset: pages.place(of: index))
  }

  /// Goes to the next event of data, or to a loss behind all of them; false at the end.
  ///
  /// - Throws: `TraceError` at damage; asked again, it goes on with the next page.
  mutating func next() throws(TraceError) -> Bool {
    if !hasFailed { lost = nil }
    hasFailed = false
    while true {
      do throws(TraceError) {
        if position >= end {
          guard try pages.next() else {
            isLossOnly = lost != nil && !isLossOnly
            return isLossOnly
          }
          try startPage()
          continue
        }
        if try step() { return true }
      } catch {
        position = end
        // With the rest of the page events are gone, nobody knows how many.
        lost = lost ?? 0
        hasFailed = true
        throw error
      }
    }
  }

  private mutating func startPage() throws(TraceError) {
    let page = pages.page
    position = 0
    end = 0
    let commit = word(at: page + layout.commit.offset, size: layout.commit.size)
    let used = Int(commit & Self.commitMask)
    let start = page + layout.dataOffset
    guard start + used <= page + layout.pageSize else {
      throw error("a page's length of at most \(layout.pageSize)", at: page)
    }
    time = word(at: page, size: 8)
    if commit & Self.missedEvents != 0 {
      let size = layout.commit.size
      let hasNumber =
        commit & Self.missedStored != 0 && start + used + size <= page + layout.pageSize
      lost = (lost ?? 0).addedSaturating(hasNumber ? word(at: start + used, size: size) : 0)
    }
    position = start
    end = start + used
  }

  /// One event of any type; true when it holds data.
  private mutating func step() throws(TraceError) -> Bool {
    let start = position
    guard end - start >= 4 else { throw error("an event's header", at: start) }
    let header = word(at: start, size: 4)
    let (type, delta) = (header & 31, header >> 5)
    switch type {
    case 0:
      guard end - start >= 8 else { throw error("an event's length", at: start) }
      let length = word(at: start + 4, size: 4)
      guard length >= 4, length <= 1 << 27 else { throw error("an event's length", at: start + 4) }
      let size = Int(length) - 4
      return try accept(start + 8, size, total: (size + 3) & ~3, delta)
    case 29:
      guard delta > 0, end - start >= 8 else {
        position = end
        return false
      }
      let length = Int(word(at: start + 4, size: 4))
      guard length >= 4, start + 4 + length <= end else {
        throw error("the length of a padding", at: start + 4)
      }
      position = start + 4 + length
      // An event that its writer took back; the next one counts from its time.
      time = time &+ delta
      return false
    case 30, 31:
      guard end - start >= 8 else { throw error("a time", at: start) }
      let stamp = word(at: start + 4, size: 4) << 27 &+ delta
      // Absolute stamps have 59 bits; the upper ones are the page's.
      time = type == 30 ? time &+ stamp : stamp | time & 0xf800_0000_0000_0000
      position = start + 8
      return false
    default:
      return try accept(start + 4, Int(type) * 4, total: Int(type) * 4, delta)
    }
  }

  private mutating func accept(
    _ start: Int, _ size: Int, total: Int, _ delta: UInt64
  ) throws(TraceError) -> Bool {
    guard start + size <= end else { throw error("an event that ends in its page", at: start) }
    data = start..<start + size
    time = time &+ delta
    position = min(start + total, end)
    return true
  }

  private func word(at index: Int, size: Int) -> UInt64 {
    let word = pages.bytes.span.word(at: index)
    return size >= 8 ? word : word & (1 << UInt64(8 * size) - 1)
  }
}
