/// Turns single records into a block's runs.
///
/// Append records until ``isFull``, then hand the block on. An importer that appends many at once
/// does so through ``withAppender(_:)``.
public final class BlockBuilder {
  public private(set) var block: Block
  private var encoder = RunEncoder()

  /// - Parameter block: Filled by this builder; cleared first.
  public init(_ block: Block) {
    self.block = block
    reset(firstRecord: 0)
  }

  /// Clears the block, or takes up another one, and starts it at a record index.
  ///
  /// The time of the record before is kept, so that records without a stamp still repeat it.
  ///
  /// - Parameters:
  ///   - firstRecord: Index in the trace of the block's first record.
  ///   - block: Filled from now on; nil keeps the block.
  public func reset(firstRecord: UInt64, into block: Block? = nil) {
    if let block { self.block = block }
    self.block.removeAll()
    self.block.firstRecord = firstRecord
    encoder.removeClasses()
  }

  /// No more than sixteen further records may be appended; hand the block on.
  public var isFull: Bool { block.content.isFull || encoder.isFull }

  /// Lends the columns for appending many records: for that time they are not in the block.
  ///
  /// Columns and dictionary are then plain values, so that a record costs none of the checks that
  /// stand in front of every access to a class's variables.
  public func withAppender<R, E: Error>(
    _ body: (inout BlockAppender) throws(E) -> R
  ) throws(E) -> R {
    var appender = BlockAppender()
    exchange(&appender)
    defer { exchange(&appender) }
    return try body(&appender)
  }

  private func exchange(_ appender: inout BlockAppender) {
    swap(&appender.content, &block.content)
    swap(&appender.encoder, &encoder)
    appender.update()
  }

  /// Appends one record; see ``BlockAppender/append(_:address:time:value:codeAddress:line:)``.
  public func append(
    _ recordClass: RecordClass, address: UInt64 = 0, time: UInt64? = nil, value: UInt64? = nil,
    codeAddress: UInt64? = nil, line: UInt64? = nil
  ) {
    withAppender {
      $0.append(
        recordClass, address: address, time: time, value: value, codeAddress: codeAddress,
        line: line)
    }
  }

  /// Appends an access with a value of any size; see
  /// ``BlockAppender/append(_:address:time:wideValue:codeAddress:line:)``.
  public func append(
    _ recordClass: RecordClass, address: UInt64, time: UInt64?, wideValue: [UInt8],
    codeAddress: UInt64?, line: UInt64?
  ) {
    withAppender {
      $0.append(
        recordClass, address: address, time: time, wideValue: wideValue,
        codeAddress: codeAddress, line: line)
    }
  }
}

/// A ``BlockBuilder``'s columns, lent for appending.
public struct BlockAppender {
  fileprivate var content = BlockContent()
  fileprivate var encoder: RunEncoder

  /// No more than sixteen further records may be appended; hand the block on.
  public private(set) var isFull = false

  /// Holds nothing until it is lent.
  fileprivate init() { encoder = RunEncoder(slots: []) }

  /// To be called after every change.
  @inline(__always)
  fileprivate mutating func update() { isFull = content.isFull || encoder.isFull }

  /// Appends one record.
  ///
  /// The columns of `recordClass` are set here from what is given; a value goes to the column
  /// that `recordClass.columns` names (`.configValue`) or else to the large one.
  ///
  /// - Parameters:
  ///   - recordClass: Class without its columns, except `.configValue`.
  ///   - address: First byte, or the config register.
  ///   - time: Time stamp in ns, nil where not recorded.
  ///   - value: Value of up to 8 bytes; truncated to the access's size.
  ///   - codeAddress: Address of the instruction.
  ///   - line: Source line, from 1.
  /// - Precondition: fewer than sixteen records since ``isFull`` became true.
  @inlinable
  @inline(__always)
  public mutating func append(
    _ recordClass: RecordClass, address: UInt64 = 0, time: UInt64? = nil, value: UInt64? = nil,
    codeAddress: UInt64? = nil, line: UInt64? = nil
  ) {
    let toConfig = recordClass.columns.contains(.configValue)
    var columns: RecordClass.Columns = []
    if time != nil { columns.insert(.time) }
    if value != nil { columns.insert(toConfig ? .configValue : .value) }
    if codeAddress != nil { columns.insert(.codeAddress) }
    if line != nil { columns.insert(.line) }
    append(
      recordClass.packed(with: columns), columns, size: recordClass.size,
      isAccess: recordClass.operation.isAccess, address: address, time: time ?? 0,
      value: value ?? 0, codeAddress: codeAddress ?? 0, line: line ?? 0)
  }

  /// Appends a record whose class is packed already; what no column names is not looked at.
  @usableFromInline
  mutating func append(
    _ key: (UInt64, UInt64), _ columns: RecordClass.Columns, size: UInt8, isAccess: Bool,
    address: UInt64, time: UInt64, value: UInt64, codeAddress: UInt64, line: UInt64
  ) {
    encoder.add(
      key, size: size, isAccess: isAccess, address: address,
      time: columns.contains(.time) ? time : nil, to: &content)
    if columns.contains(.value) {
      content.values.append(value, size: size == 0 ? 8 : Int(size))
    } else if columns.contains(.configValue) {
      content.configValues.append(value, size: size == 0 ? 8 : Int(size))
    }
    if columns.contains(.codeAddress) { content.codeAddresses.append(codeAddress) }
    if columns.contains(.line) { content.lines.append(line) }
    update()
  }

  /// Appends an access with a value of any size.
  ///
  /// - Parameters:
  ///   - recordClass: Class without its columns, except `.configValue`.
  ///   - address: First byte.
  ///   - time: Time stamp in ns, nil where not recorded.
  ///   - wideValue: Little-endian, exactly `recordClass.size` bytes.
  ///   - codeAddress: Address of the instruction.
  ///   - line: Source line, from 1.
  public mutating func append(
    _ recordClass: RecordClass, address: UInt64, time: UInt64?, wideValue: [UInt8],
    codeAddress: UInt64?, line: UInt64?
  ) {
    precondition(wideValue.count == Int(recordClass.size), "value and size differ")
    var entry = recordClass
    let toConfig = entry.columns.contains(.configValue)
    entry.columns = [toConfig ? .configValue : .value]
    if time != nil { entry.columns.insert(.time) }
    if codeAddress != nil { entry.columns.insert(.codeAddress) }
    if line != nil { entry.columns.insert(.line) }
    encoder.add(
      entry.packed, size: entry.size, isAccess: entry.operation.isAccess, address: address,
      time: time, to: &content)
    if toConfig {
      content.configValues += wideValue
    } else {
      content.values += wideValue
    }
    if let codeAddress { content.codeAddresses.append(codeAddress) }
    if let line { content.lines.append(line) }
    update()
  }
}

extension BlockContent {
  /// Sixteen further records may be too many.
  fileprivate var isFull: Bool { count >= Block.capacity - 16 }
}

extension [UInt8] {
  /// Appends a value's lowest bytes, lowest first; behind the eighth they are 0.
  @inline(__always)
  fileprivate mutating func append(_ value: UInt64, size: Int) {
    let little = value.littleEndian
    switch size {
    case 4: append(word: UInt32(truncatingIfNeeded: little))
    case 8: append(word: little)
    case 1: append(UInt8(truncatingIfNeeded: little))
    default:
      unsafe Swift.withUnsafeBytes(of: little) { bytes in
        unsafe append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<Swift.min(size, 8)]))
      }
      if size > 8 { append(contentsOf: repeatElement(0, count: size - 8)) }
    }
  }

  @inline(__always)
  private mutating func append<Word: BitwiseCopyable>(word: Word) {
    unsafe Swift.withUnsafeBytes(of: word) { bytes in unsafe append(contentsOf: bytes) }
  }
}

/// Finds each record's class and joins records to runs.
struct RunEncoder {
  /// Slots of the table.
  private static let slotCount = 1024

  /// Open-addressing table from class to token; `UInt16.max` is empty.
  private var slots: [UInt16]
  private(set) var keys: [(UInt64, UInt64)] = []
  /// Class, token and end address of the record before.
  private var lastKey: (UInt64, UInt64) = (0, 0)
  private var lastToken: UInt8 = 0
  private var lastEnd: UInt64 = 0
  private var lastTime: UInt64 = 0

  /// Sixteen further classes may be too many.
  var isFull: Bool { keys.count >= Block.classLimit - 16 }

  init() { slots = [UInt16](repeating: .max, count: Self.slotCount) }

  /// Stands in for an encoder that is lent.
  fileprivate init(slots: [UInt16]) { self.slots = slots }

  /// Starts a new dictionary; the time of the record before is kept.
  mutating func removeClasses() {
    for index in slots.indices { slots[index] = .max }
    keys.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  mutating func add(
    _ key: (UInt64, UInt64), size: UInt8, isAccess: Bool, address: UInt64, time: UInt64?,
    to content: inout BlockContent
  ) {
    let token = key == lastKey && !keys.isEmpty ? lastToken : find(key, &content)
    let last = content.runTokens.count - 1
    if last >= 0, token == lastToken, !isAccess || address == lastEnd,
      isAccess || address == content.runAddresses[last], content.runCounts[last] < .max
    {
      content.runCounts[last] += 1
    } else {
      content.runTokens.append(token)
      content.runCounts.append(1)
      content.runAddresses.append(address)
    }
    lastKey = key
    lastToken = token
    lastEnd = address &+ UInt64(size)
    lastTime = time ?? lastTime
    content.times.append(lastTime)
    content.count += 1
  }

  /// The token of a class that may be new.
  @inline(never)
  private mutating func find(_ key: (UInt64, UInt64), _ content: inout BlockContent) -> UInt8 {
    var slot = Int(truncatingIfNeeded: hash(key) >> 54)
    while slots[slot] != .max {
      let token = slots[slot]
      if keys[Int(token)] == key { return UInt8(token) }
      slot = (slot + 1) & 1023
    }
    precondition(keys.count < Block.classLimit, "block dictionary overflow: isFull was ignored")
    guard let entry = RecordClass(asPacked: key) else { preconditionFailure("no class") }
    slots[slot] = UInt16(keys.count)
    keys.append(key)
    content.classes.append(entry)
    return UInt8(keys.count - 1)
  }

  private func hash(_ key: (UInt64, UInt64)) -> UInt64 {
    // Multiplicative hashing; only the top bits are used.
    (key.0 &* 0x9e37_79b9_7f4a_7c15) ^ (key.1 &* 0xc2b2_ae3d_27d4_eb4f) &+ key.0 >> 29
  }
}
