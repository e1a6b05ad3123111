/// A fixed number of trivial elements on the heap, for the hot state of the models.
///
/// Unlike `Array` it is never shared, so a write costs no uniqueness check; indices are checked.
/// Use an array wherever speed does not matter.
@safe
public struct FixedBuffer<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  public let count: Int

  /// - Parameters:
  ///   - value: Every element's first value.
  ///   - count: Elements, 0 or more.
  @inlinable
  public init(repeating value: Element, count: Int) {
    precondition(count >= 0)
    unsafe base = UnsafeMutablePointer<Element>.allocate(capacity: max(count, 1))
    unsafe base.initialize(repeating: value, count: max(count, 1))
    self.count = count
  }

  @inlinable
  deinit { unsafe base.deallocate() }

  @inlinable
  public subscript(index: Int) -> Element {
    @inline(__always) get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of range")
      return unsafe base[index]
    }
    @inline(__always) set {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of range")
      unsafe base[index] = newValue
    }
  }

  /// A larger copy whose new elements are `value`.
  public consuming func grown(to newCount: Int, repeating value: Element) -> FixedBuffer {
    let copy = FixedBuffer(repeating: value, count: Swift.max(newCount, count))
    for index in 0..<count { unsafe copy.base[index] = unsafe base[index] }
    return copy
  }
}
