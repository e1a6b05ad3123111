internal import TraceCore

/// A column of numbers as steps from each to the next: times and source lines.
///
/// Head: mode u8, seven zero bytes, first number u64, unit u64, count of wide escapes u32, count
/// of short escapes u32. Then the wide escapes (i64 steps), the short escapes (u16 units) and one
/// step a number but the first, in units.
enum DeltaColumn {
  static let headSize = 32

  /// How steps are stored.
  enum Mode: UInt8, CaseIterable {
    /// Every step is the unit (an i64); nothing is stored.
    case constant
    /// u8; 254 takes the next short escape, 255 the next wide one.
    case bytes
    /// u16; 65535 takes the next wide escape.
    case words
    /// u32; 2^32 - 1 takes the next wide escape.
    case longs
    /// i64, as it is.
    case wide

    var stepSize: Int {
      switch self {
      case .constant: 0
      case .bytes: 1
      case .words: 2
      case .longs: 4
      case .wide: 8
      }
    }

    /// Largest step in units that needs no wide escape.
    var largest: UInt64 {
      switch self {
      case .constant: 0
      case .bytes, .words: 65_534
      case .longs: 0xffff_fffe
      case .wide: .max
      }
    }
  }
}

// MARK: Encoding

extension DeltaColumn {
  /// Encodes at least one number.
  ///
  /// - Parameters:
  ///   - numbers: The column.
  ///   - steps: Scratch, kept from block to block: room for a block's is half a megabyte.
  /// - Returns: The column, not compressed yet.
  static func encode(_ numbers: [UInt64], _ steps: inout [UInt64]) -> [UInt8] {
    let step = numbers.count > 1 ? numbers[1] &- numbers[0] : 0
    if isEven(numbers.span, step: step) {
      return head(.constant, numbers[0], unit: step, wide: 0, short: 0)
    }
    let unit = commonUnit(numbers.span)
    // In units; steps backwards are `.max`.
    steps.resize(to: numbers.count - 1)
    let mode = bestMode(numbers.span, unit, &steps)
    var wide: [UInt8] = []
    var short: [UInt8] = []
    if mode == .wide {
      for index in steps.indices { steps[index] = numbers[index + 1] &- numbers[index] }
    } else {
      for (index, units) in steps.enumerated() {
        if units > mode.largest {
          wide.append(little: numbers[index + 1] &- numbers[index])
          steps[index] = .max
        } else if mode == .bytes, units >= 254 {
          short.append(little: UInt16(units))
          steps[index] = 254
        }
      }
    }
    var column = head(
      mode, numbers[0], unit: unit.value, wide: wide.count / 8, short: short.count / 2)
    column.reserveCapacity(column.count + wide.count + short.count + steps.count * mode.stepSize)
    column += wide
    column += short
    switch mode {
    case .constant: break
    case .bytes: column.append(little: steps.span, as: UInt8.self)
    case .words: column.append(little: steps.span, as: UInt16.self)
    case .longs: column.append(little: steps.span, as: UInt32.self)
    case .wide: column.append(little: steps.span, as: UInt64.self)
    }
    return column
  }

  /// Every step is this one.
  private static func isEven(_ numbers: Span<UInt64>, step: UInt64) -> Bool {
    for index in 1..<max(numbers.count, 1) where numbers[index] &- numbers[index - 1] != step {
      return false
    }
    return true
  }

  private static func head(
    _ mode: Mode, _ first: UInt64, unit: UInt64, wide: Int, short: Int
  ) -> [UInt8] {
    var head: [UInt8] = [mode.rawValue, 0, 0, 0, 0, 0, 0, 0]
    head.append(little: first)
    head.append(little: unit)
    head.append(little: UInt32(wide))
    head.append(little: UInt32(short))
    return head
  }

  /// Greatest common divisor of all forward steps; at least 1.
  private static func commonUnit(_ numbers: Span<UInt64>) -> ExactDivisor {
    var unit = ExactDivisor(0)
    for index in 1..<max(numbers.count, 1) {
      let step = numbers[index] &- numbers[index - 1]
      guard Int64(bitPattern: step) > 0, !unit.divides(step) else { continue }
      var (left, right) = (unit.value, step)
      while right != 0 { (left, right) = (right, left % right) }
      unit = ExactDivisor(left)
      if left == 1 { break }
    }
    return unit.value == 0 ? ExactDivisor(1) : unit
  }

  /// The mode of the fewest bytes; a byte escape also costs a reader a missed branch.
  ///
  /// - Parameters:
  ///   - numbers: At least one.
  ///   - unit: Divides every forward step.
  ///   - steps: Gets the steps in units, `.max` for those backwards.
  /// - Returns: The mode.
  private static func bestMode(
    _ numbers: Span<UInt64>, _ unit: ExactDivisor, _ steps: inout [UInt64]
  ) -> Mode {
    var counts = (bytes: 0, words: 0, longs: 0)
    var output = steps.mutableSpan
    for index in output.indices {
      let step = numbers[index + 1] &- numbers[index]
      let units = Int64(bitPattern: step) < 0 ? .max : unit.quotient(step)
      output[index] = units
      counts.bytes += units < 254 ? 1 : 0
      counts.words += units <= Mode.words.largest ? 1 : 0
      counts.longs += units <= Mode.longs.largest ? 1 : 0
    }
    let total = steps.count
    let costs: [(Mode, Int)] = [
      (.bytes, total + 10 * (counts.words - counts.bytes) + 16 * (total - counts.words)),
      (.words, 2 * total + 16 * (total - counts.words)),
      (.longs, 4 * total + 16 * (total - counts.longs)), (.wide, 8 * total),
    ]
    return costs.min { $0.1 < $1.1 }?.0 ?? .wide
  }
}

/// Divides without a division what it divides without a rest.
///
/// An odd number has an inverse modulo 2^64; a product with it that is no quotient is larger than
/// any (Granlund and Montgomery, Division by Invariant Integers using Multiplication, 1994,
/// section 9).
struct ExactDivisor {
  let value: UInt64
  private let shift: UInt64
  private let inverse: UInt64
  private let largest: UInt64

  /// - Parameter value: 0 divides nothing.
  init(_ value: UInt64) {
    self.value = value
    shift = value == 0 ? 0 : UInt64(value.trailingZeroBitCount)
    let odd = value >> shift
    // Newton's iteration doubles the lowest bits that are right: 3, 6, 12, 24, 48, 96.
    var inverse = odd
    for _ in 0..<5 { inverse = inverse &* (2 &- odd &* inverse) }
    self.inverse = inverse
    largest = value == 0 ? 0 : .max / value
  }

  /// The quotient of a number that is divided without a rest.
  @inline(__always)
  func quotient(_ number: UInt64) -> UInt64 { (number &>> shift) &* inverse }

  /// Whether it divides a number above 0 without a rest.
  @inline(__always)
  func divides(_ number: UInt64) -> Bool {
    let product = number &* inverse
    return (product &>> shift | product &<< (64 &- shift)) <= largest && value != 0
  }
}

// MARK: Decoding

extension DeltaColumn {
  /// A checked head and where its lists lie.
  private struct Layout {
    var mode: Mode
    var first: UInt64
    var unit: UInt64
    var wideCount: Int
    var shortCount: Int
    var shortPlace: Int { headSize + 8 * wideCount }
    var plane: Int { shortPlace + 2 * shortCount }

    init(_ bytes: RawSpan, count: Int) throws(TraceError) {
      guard count > 0, bytes.byteCount >= headSize,
        let mode = Mode(rawValue: bytes.little(UInt8.self, at: 0))
      else { throw TraceError(.badRecord, "a column of steps has a wrong head") }
      self.mode = mode
      first = bytes.little(UInt64.self, at: 8)
      unit = bytes.little(UInt64.self, at: 16)
      wideCount = Int(bytes.little(UInt32.self, at: 24))
      shortCount = Int(bytes.little(UInt32.self, at: 28))
      guard bytes.byteCount == plane + (count - 1) * mode.stepSize else {
        throw TraceError(.badRecord, "a column of steps has the wrong size")
      }
    }

    /// No step goes back, and so many numbers do not run over.
    func neverDecreases(_ count: Int) -> Bool {
      let units: UInt64
      switch mode {
      case .constant: units = 1
      case .bytes, .words: units = 65_535
      case .longs: units = 1 << 32
      case .wide: return false
      }
      guard wideCount == 0 else { return false }
      return UInt128(first) + UInt128(unit) * UInt128(units) * UInt128(count) <= UInt128(UInt64.max)
    }
  }

  /// Decodes `count` numbers, which replace the content of `numbers`.
  ///
  /// - Parameters:
  ///   - bytes: The whole column, decompressed.
  ///   - count: Numbers, at least 1.
  ///   - numbers: Resized to `count`.
  /// - Returns: Whether none is below the one before it, as far as the head tells.
  /// - Throws: ``TraceError`` `.badRecord` when lengths contradict each other.
  @discardableResult
  static func decode(
    _ bytes: RawSpan, count: Int, into numbers: inout [UInt64]
  ) throws(TraceError) -> Bool {
    let layout = try Layout(bytes, count: count)
    numbers.resize(to: count)
    var output = numbers.mutableSpan
    output[0] = layout.first
    let used: (wide: Int, short: Int)
    switch layout.mode {
    case .constant:
      fill(&output, first: layout.first, step: layout.unit)
      used = (0, 0)
    case .bytes: used = decodeBytes(bytes, layout, into: &output)
    case .words: used = decode(UInt16.self, bytes, layout, into: &output)
    case .longs: used = decode(UInt32.self, bytes, layout, into: &output)
    case .wide:
      decodeWide(bytes, layout, into: &output)
      used = (0, 0)
    }
    guard used == (layout.wideCount, layout.shortCount) else {
      throw TraceError(.badRecord, "a column of steps has the wrong number of escapes")
    }
    return layout.neverDecreases(count)
  }

  private static func fill(_ output: inout MutableSpan<UInt64>, first: UInt64, step: UInt64) {
    var number = first
    for index in output.indices {
      output[index] = number
      number &+= step
    }
  }

  private static func decodeWide(
    _ bytes: RawSpan, _ layout: Layout, into output: inout MutableSpan<UInt64>
  ) {
    var number = layout.first
    for index in 1..<max(output.count, 1) {
      number &+= bytes.little(UInt64.self, at: layout.plane + 8 * (index - 1))
      output[index] = number
    }
  }

  /// The next wide escape; 0 where there is none left, which the count shows afterwards.
  @inline(__always)
  private static func wideEscape(_ bytes: RawSpan, _ layout: Layout, _ used: inout Int) -> UInt64 {
    defer { used += 1 }
    return used < layout.wideCount ? bytes.little(UInt64.self, at: headSize + 8 * used) : 0
  }

  @inline(__always)
  private static func decode<Step: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ type: Step.Type, _ bytes: RawSpan, _ layout: Layout, into output: inout MutableSpan<UInt64>
  ) -> (wide: Int, short: Int) {
    var number = layout.first
    var wide = 0
    let size = MemoryLayout<Step>.size
    for index in 1..<max(output.count, 1) {
      let step = bytes.little(Step.self, at: layout.plane + size * (index - 1))
      if step == .max {
        number &+= wideEscape(bytes, layout, &wide)
      } else {
        number &+= UInt64(step) &* layout.unit
      }
      output[index] = number
    }
    return (wide, 0)
  }

  /// Eight steps at a time as long as none of them is an escape.
  private static func decodeBytes(
    _ bytes: RawSpan, _ layout: Layout, into output: inout MutableSpan<UInt64>
  ) -> (wide: Int, short: Int) {
    var number = layout.first
    var used = (wide: 0, short: 0)
    let unit = layout.unit
    let steps = bytes.extracting(droppingFirst: layout.plane)
    var index = 1
    while index < output.count {
      while index &+ 8 <= output.count {
        let word = steps.little(UInt64.self, at: index &- 1)
        guard !hasEscape(word) else { break }
        var rest = word
        for lane in 0..<8 {
          number &+= (rest & 255) &* unit
          rest &>>= 8
          // Checked above for all eight.
          unsafe output[unchecked: index &+ lane] = number
        }
        index &+= 8
      }
      let next = min(index &+ 8, output.count)
      for lane in index..<next {
        let step = steps.little(UInt8.self, at: lane &- 1)
        number &+= self.step(step, bytes, layout, &used)
        output[lane] = number
      }
      index = next
    }
    return used
  }

  /// One of the eight bytes is 254 or 255.
  @inline(__always)
  private static func hasEscape(_ word: UInt64) -> Bool {
    // A byte of `holes` is zero where bits 7:1 are all ones; then the usual test for a zero byte.
    let holes = ~word & 0xfefe_fefe_fefe_fefe
    return (holes &- 0x0101_0101_0101_0101) & ~holes & 0x8080_8080_8080_8080 != 0
  }

  @inline(__always)
  private static func step(
    _ step: UInt8, _ bytes: RawSpan, _ layout: Layout, _ used: inout (wide: Int, short: Int)
  ) -> UInt64 {
    if step < 254 { return UInt64(step) &* layout.unit }
    if step == 255 { return wideEscape(bytes, layout, &used.wide) }
    defer { used.short += 1 }
    guard used.short < layout.shortCount else { return 0 }
    return UInt64(bytes.little(UInt16.self, at: layout.shortPlace + 2 * used.short)) &* layout.unit
  }
}

extension Array where Element: FixedWidthInteger {
  /// Sets the count without touching elements that stay.
  mutating func resize(to newCount: Int) {
    if count > newCount {
      removeLast(count - newCount)
    } else {
      append(contentsOf: repeatElement(0, count: newCount - count))
    }
  }
}
