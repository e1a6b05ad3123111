/// A power of two of trivial elements on the heap, by ever-growing numbers: a number's element is
/// the one of the last number that shares its place.
///
/// No number is out of range, so an access costs no check.
@safe
public struct Ring<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  @usableFromInline let mask: UInt64

  /// - Parameters:
  ///   - value: Every element's first value.
  ///   - count: Elements at least, 1 or more; rounded up to a power of two.
  @inlinable
  public init(repeating value: Element, count: Int) {
    precondition(count >= 1)
    let room = count == 1 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    unsafe base = UnsafeMutablePointer<Element>.allocate(capacity: room)
    unsafe base.initialize(repeating: value, count: room)
    mask = UInt64(room - 1)
  }

  deinit { unsafe base.deallocate() }

  /// The element of a number.
  @inlinable
  public subscript(number: UInt64) -> Element {
    @inline(__always) get { unsafe base[Int(truncatingIfNeeded: number & mask)] }
    @inline(__always) _modify { yield unsafe &base[Int(truncatingIfNeeded: number & mask)] }
  }

  /// The elements for a loop that keeps all it needs in registers: the ring itself, which may be
  /// reached in other ways, would be read anew at every turn.
  ///
  /// It may be used until the ring is assigned to, or gone.
  @unsafe
  public struct View: BitwiseCopyable {
    @usableFromInline let base: UnsafeMutablePointer<Element>
    @usableFromInline let mask: UInt64

    @inlinable
    init(_ base: UnsafeMutablePointer<Element>, mask: UInt64) {
      unsafe self.base = unsafe base
      unsafe self.mask = mask
    }

    /// The element of a number.
    @inlinable
    public subscript(number: UInt64) -> Element {
      @inline(__always) get { unsafe base[Int(truncatingIfNeeded: number & mask)] }
      @inline(__always) nonmutating set {
        unsafe base[Int(truncatingIfNeeded: number & mask)] = newValue
      }
    }

    /// Elements that there is room for.
    @inlinable
    public var room: UInt64 { unsafe mask &+ 1 }

    /// The elements from a number on, in memory.
    @inlinable
    @inline(__always)
    public func elements(from number: UInt64) -> UnsafeMutablePointer<Element> {
      unsafe base + Int(truncatingIfNeeded: number & mask)
    }

    /// How many elements from a number on lie one after the other in memory, at least 1.
    @inlinable
    @inline(__always)
    public func adjoining(from number: UInt64) -> Int {
      unsafe Int(truncatingIfNeeded: mask &- (number & mask)) &+ 1
    }

    /// Makes elements from those that lie as many numbers ahead of each.
    ///
    /// - Parameters:
    ///   - numbers: Those to be made, in order.
    ///   - period: 1 or more, and no more than the ring has room for.
    ///   - make: An element, of the one `period` numbers ahead.
    @inlinable
    @inline(__always)
    public func fill(
      _ numbers: Range<UInt64>, from period: UInt64, _ make: (Element) -> Element
    ) {
      var number = numbers.lowerBound
      while number < numbers.upperBound {
        let source = number &- period
        // Up to where one of both comes to the end of the memory.
        let count = unsafe min(
          Int(truncatingIfNeeded: numbers.upperBound &- number), adjoining(from: number),
          adjoining(from: source))
        let from = unsafe elements(from: source)
        let into = unsafe elements(from: number)
        for index in 0..<count { unsafe into[index] = unsafe make(from[index]) }
        number &+= UInt64(truncatingIfNeeded: count)
      }
    }
  }

  @inlinable
  @unsafe
  public var view: View { unsafe View(base, mask: mask) }

  /// Another ring with the same elements.
  public func copy() -> Ring { Ring(copying: self) }

  /// Takes the elements of another ring, without room of its own where it has as much.
  public mutating func assign(_ other: borrowing Ring) {
    if mask == other.mask {
      unsafe base.update(from: other.base, count: Int(mask) + 1)
    } else {
      self = other.copy()
    }
  }

  private init(copying other: borrowing Ring) {
    let room = Int(other.mask) + 1
    unsafe base = UnsafeMutablePointer<Element>.allocate(capacity: room)
    unsafe base.initialize(from: other.base, count: room)
    mask = other.mask
  }
}
