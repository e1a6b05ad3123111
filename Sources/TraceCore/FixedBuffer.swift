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

  /// No elements.
  @inlinable
  public init() {
    unsafe base = UnsafeMutablePointer<Element>.allocate(capacity: 1)
    count = 0
  }

  deinit { unsafe base.deallocate() }

  @inlinable
  public subscript(index: Int) -> Element {
    @inline(__always) get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of range")
      return unsafe base[index]
    }
    // In place: `buffer[index].field += 1` checks the index once and copies no element.
    @inline(__always) _modify {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of range")
      yield unsafe &base[index]
    }
  }

  /// Some elements for a loop that keeps all it needs in registers; see ``Ring/View``.
  ///
  /// It may be used until the buffer is assigned to, grown or gone, and for these elements only.
  @inlinable
  @inline(__always)
  @unsafe
  public func pointer(to index: Int, count: Int) -> UnsafeMutablePointer<Element> {
    precondition(index >= 0 && count >= 0 && index <= self.count - count, "index out of range")
    return unsafe base + index
  }

  /// Another buffer with the same elements.
  public func copy() -> FixedBuffer {
    FixedBuffer(copying: self)
  }

  /// Takes the elements of another buffer, without room of its own where it has as much.
  public mutating func assign(_ other: borrowing FixedBuffer) {
    if count == other.count {
      unsafe base.update(from: other.base, count: count)
    } else {
      self = other.copy()
    }
  }

  /// Appends the first elements to an array.
  public func append(first count: Int, to array: inout [Element]) {
    precondition(UInt(bitPattern: count) <= UInt(bitPattern: self.count), "out of range")
    unsafe array.append(contentsOf: UnsafeBufferPointer(start: base, count: count))
  }

  private init(copying other: borrowing FixedBuffer) {
    count = other.count
    unsafe base = UnsafeMutablePointer<Element>.allocate(capacity: max(count, 1))
    unsafe base.initialize(from: other.base, count: count)
  }

  /// Makes room for more elements; those held stay, new ones are `value`.
  public mutating func grow(to newCount: Int, repeating value: Element) {
    guard newCount > count else { return }
    var copy = FixedBuffer(repeating: value, count: newCount)
    for index in 0..<count { copy[index] = self[index] }
    swap(&self, &copy)
  }
}

extension FixedBuffer {
  /// Makes room in a table whose rows stand one behind the other; what is held keeps its row and
  /// column.
  ///
  /// - Parameters:
  ///   - rows: Rows wanted; no fewer are kept than there are.
  ///   - width: Columns so far; where 0, there are no elements.
  ///   - newWidth: Columns wanted, no fewer than so far.
  ///   - value: A new element.
  public mutating func grow(
    rows: Int, from width: Int, to newWidth: Int, repeating value: Element
  ) {
    precondition(newWidth >= width, "a table does not get narrower")
    let held = width == 0 ? 0 : count / width
    guard newWidth > width, held > 0 else {
      return grow(to: max(rows, held) * newWidth, repeating: value)
    }
    var copy = FixedBuffer(repeating: value, count: max(rows, held) * newWidth)
    for row in 0..<held {
      for column in 0..<width { copy[row * newWidth + column] = self[row * width + column] }
    }
    swap(&self, &copy)
  }
}

extension FixedBuffer<UInt8> {
  /// Stores a word's bytes from an index on, lowest first.
  @inlinable
  @inline(__always)
  public mutating func store(_ word: UInt64, at index: Int) {
    precondition(index >= 0 && index <= count - 8, "index out of range")
    unsafe UnsafeMutableRawPointer(base).storeBytes(
      of: word.littleEndian, toByteOffset: index, as: UInt64.self)
  }
}
