import Synchronization
import Testing
import TraceCore

@testable import TraceIO

/// Items come out in order, whatever the number of threads.
@Suite struct OrderedWorkTests {
  private final class Box {
    var number = 0
    var square = 0
  }

  /// Squares of 0 up to a count, from `threads` cores; a fault takes the place of one.
  private func squares(_ count: Int, threads: Int, fault: Int? = nil) -> [Int] {
    var filled = 0
    let work = OrderedWork<Box>(threads: threads, make: Box.init) { box throws(TraceError) in
      if filled == fault { throw TraceError(.io, "gone") }
      guard filled < count else { return false }
      box.number = filled
      filled += 1
      return true
    } work: {
      $0.square = $0.number * $0.number
    }
    var result: [Int] = []
    do throws(TraceError) {
      while let box = try work.next() { result.append(box.square) }
      // Once at the end, always.
      if try work.next() != nil { result.append(-1) }
    } catch {
      result.append(-2)
    }
    return result
  }

  @Test(arguments: 1...8)
  func `items come out in the order in which they were filled`(threads: Int) {
    for count in [0, 1, 2, threads, threads + 1, threads + 2, 100] {
      #expect(squares(count, threads: threads) == (0..<count).map { $0 * $0 })
    }
  }

  /// A decoder that has failed must not be asked again.
  @Test(arguments: 1...8, [true, false])
  func `nothing is filled behind the end or a fault`(threads: Int, isFault: Bool) throws {
    let calls = Mutex(0)
    let work = OrderedWork<Box>(threads: threads, make: Box.init) { _ throws(TraceError) in
      let call = calls.withLock { calls in
        calls += 1
        return calls
      }
      guard call > 3 else { return true }
      if isFault { throw TraceError(.io, "gone") }
      return false
    } work: { _ in
    }
    var items = 0
    while (try? work.next()) != nil { items += 1 }
    #expect(items == 3)
    #expect(calls.withLock { $0 } == 4)
  }

  @Test(arguments: 1...8)
  func `a fault comes behind the items before it`(threads: Int) {
    for fault in [0, 1, 5, 20] {
      #expect(
        squares(100, threads: threads, fault: fault) == (0..<fault).map { $0 * $0 } + [-2])
    }
  }
}
