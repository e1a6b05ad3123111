internal import Dispatch
public import TraceCore

/// Items that are filled one after the other, worked on by several cores, and handed out in order.
///
/// What an item holds in the end depends on the items filled before it alone, so the outcome is the
/// same for any number of threads. The items are used again and again.
public final class OrderedWork<Item: AnyObject> {
  /// An item on its way.
  private final class Slot {
    let item: Item
    let isDone = DispatchSemaphore(value: 0)
    var isFilled = false
    var fault: TraceError?

    init(_ item: Item) { self.item = item }
  }

  /// Fills an item; false when nothing is left.
  public typealias Fill = (Item) throws(TraceError) -> Bool

  /// Of the filler alone: nothing is filled any more.
  private final class Filling {
    var isOver = false
  }

  private let fill: Fill
  private let filling = Filling()
  private let work: (Item) -> Void
  private let slots: [Slot]
  private let filler = DispatchQueue(label: "mmioscope.filler")
  /// None where the caller's thread does everything.
  private let workers: [DispatchQueue]
  private var taken = 0
  private var isStarted = false
  private var isAtEnd = false

  /// Prepares the work; nothing is started before the first item is asked for.
  ///
  /// - Parameters:
  ///   - threads: Cores to use, the caller's among them; with 1 everything is done there.
  ///   - make: Makes an item; one more than threads are made.
  ///   - fill: Fills an item, in order; not called again after it returned false or threw.
  ///   - work: Does the rest to a filled item, at the same time as to others.
  public init(
    threads: Int, make: () -> Item, fill: @escaping Fill, work: @escaping (Item) -> Void
  ) {
    precondition(threads > 0, "work needs a thread")
    self.fill = fill
    self.work = work
    slots = (0...(threads > 1 ? threads : 0)).map { _ in Slot(make()) }
    workers = (1..<max(threads, 1)).map { DispatchQueue(label: "mmioscope.worker.\($0)") }
  }

  /// The next item, finished.
  ///
  /// - Returns: The caller's until it asks for the next one; nil at the end.
  /// - Throws: ``TraceError`` of the filling, once the items before were handed out.
  public func next() throws(TraceError) -> Item? {
    guard !isAtEnd else { return nil }
    let slot = slots[taken % slots.count]
    if workers.isEmpty {
      Self.fill(slot, fill, filling)
      if slot.isFilled { work(slot.item) }
    } else {
      // The item handed out last is free again: it comes behind all that are on their way.
      let behind = isStarted ? taken + slots.count - 1..<taken + slots.count : 0..<slots.count
      isStarted = true
      for index in behind { start(index) }
      slot.isDone.wait()
    }
    taken += 1
    isAtEnd = !slot.isFilled
    if let fault = slot.fault { throw fault }
    return slot.isFilled ? slot.item : nil
  }

  private func start(_ index: Int) {
    // A slot belongs to the filler, then to a worker, then to the caller; the queues and the
    // semaphore hand it on.
    nonisolated(unsafe) let slot = slots[index % slots.count]
    nonisolated(unsafe) let (fill, filling, work) = (fill, filling, work)
    let worker = workers[index % workers.count]
    filler.async {
      unsafe Self.fill(slot, fill, filling)
      worker.async {
        if unsafe slot.isFilled { unsafe work(slot.item) }
        _ = unsafe slot.isDone.signal()
      }
    }
  }

  private static func fill(_ slot: Slot, _ fill: Fill, _ filling: Filling) {
    slot.isFilled = false
    // Behind the end or a fault there are slots that were to be filled already.
    guard !filling.isOver else { return }
    do throws(TraceError) {
      slot.isFilled = try fill(slot.item)
    } catch {
      slot.fault = error
    }
    filling.isOver = !slot.isFilled
  }
}
