import TraceCore

/// The class of plain accesses, and which rows surely have it.
struct PlainClass {
  /// At first that of a row without cells, which no access is.
  let shape: PlainRow.Shape
  let region: RegionID
  let packed: PackedClass
  /// Number of the region's name.
  private(set) var name = 0
  private var textWord: UInt64 = 0
  /// Bytes of the name; -1 where no row is known.
  private var textCount = -1
  // Accesses that start so far behind an address are in the region.
  private var first: UInt64 = 0
  private var reach: UInt64 = 0

  init() {
    self.init(
      PlainRow().shape, RegionID(rawValue: 0),
      PackedClass(RecordClass(.store), time: false, value: false, codeAddress: false, line: false))
  }

  init(_ shape: PlainRow.Shape, _ region: RegionID, _ packed: PackedClass) {
    self.shape = shape
    self.region = region
    self.packed = packed
  }

  /// Takes what rows have it.
  ///
  /// - Parameters:
  ///   - window: Where accesses of a name change nothing.
  ///   - name: The name's number.
  ///   - textWord: Its first bytes.
  ///   - textCount: How many bytes it has.
  mutating func extend(
    to window: ClosedRange<UInt64>, name: Int, _ textWord: UInt64, _ textCount: Int
  ) {
    let rest = UInt64(shape.size) &- 1
    let span = window.upperBound - window.lowerBound
    guard span >= rest else { return }
    (self.name, self.textWord, self.textCount) = (name, textWord, textCount)
    (first, reach) = (window.lowerBound, span - rest)
  }

  /// A row has this class, if the whole of its region's name is the same.
  @inline(__always)
  func isClass(
    of shape: PlainRow.Shape, _ address: UInt64, _ textWord: UInt64, _ textCount: Int
  ) -> Bool {
    shape == self.shape && textWord == self.textWord && textCount == self.textCount
      && address &- first <= reach
  }
}
