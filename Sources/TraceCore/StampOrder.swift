extension [UInt64] {
  /// No stamp from an index on is below the one before it.
  ///
  /// Nearly every block's are so, and to see that takes far less than to look for the least of them
  /// or to mend them one by one: the loop is one that compilers make vector instructions of.
  @inlinable
  public func isOrdered(from start: Int = 0) -> Bool {
    precondition(start >= 0, "an index")
    return unsafe withUnsafeBufferPointer { stamps in
      guard stamps.count - start > 1 else { return true }
      // Of stamps below 2^63 the top bit of a difference is a borrow: a comparison without one.
      var tops = unsafe stamps[start]
      for index in start..<stamps.count &- 1 {
        let (stamp, next) = unsafe (stamps[index], stamps[index &+ 1])
        tops |= next | (next &- stamp)
      }
      if tops >> 63 == 0 { return true }
      return (start..<stamps.count &- 1).allSatisfy { unsafe stamps[$0] <= stamps[$0 + 1] }
    }
  }

  /// Takes the same from every stamp from an index on.
  @inlinable
  public mutating func subtract(_ origin: UInt64, from start: Int = 0) {
    precondition(start >= 0, "an index")
    unsafe withUnsafeMutableBufferPointer { stamps in
      for index in start..<Swift.max(start, stamps.count) { unsafe stamps[index] &-= origin }
    }
  }
}
