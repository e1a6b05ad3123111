/// A ``BlockBuilder``'s columns, lent for appending.
public struct BlockAppender: ~Copyable {
  private var content = BlockContent()
  private var stage = BlockStage()
  private var classes = ClassTable()
  /// The run that further records may join; 0 records where there is none.
  private var open = OpenRun()
  private var lastTime: UInt64 = 0

  /// No more than sixteen further records may be appended; hand the block on.
  public private(set) var isFull = false
  /// Records of the block so far.
  public var count: Int { content.count }

  private struct OpenRun {
    var token: UInt8 = 0
    var count: UInt16 = 0
    var address: UInt64 = 0
    /// Where an access that joins it must start.
    var end: UInt64 = 0
  }

  /// Holds nothing until a block lends its content.
  init() {}

  /// Starts a new dictionary; the time of the record before is kept.
  mutating func removeClasses() {
    classes.removeAll()
    open = OpenRun()
    isFull = false
  }

  /// Takes a block's columns.
  mutating func begin(_ content: inout BlockContent) {
    swap(&self.content, &content)
    if open.count > 0 { self.content.removeLastRun() }
    update()
  }

  /// Gives them back.
  mutating func end(_ content: inout BlockContent) {
    if open.count > 0 { closeRun() }
    stage.flush(into: &self.content)
    swap(&self.content, &content)
  }

  @inline(__always)
  private mutating func update() {
    isFull = content.count >= Self.fullCount || classes.isFull
  }

  /// Records behind which sixteen further ones may be too many.
  private static var fullCount: Int { Block.capacity - 16 }

  @inline(__always)
  private mutating func closeRun() {
    stage.tokens.append(open.token, to: &content.runTokens)
    stage.counts.append(open.count, to: &content.runCounts)
    stage.addresses.append(open.address, to: &content.runAddresses)
  }

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
    append(
      PackedClass(
        recordClass, time: time != nil, value: value != nil, codeAddress: codeAddress != nil,
        line: line != nil),
      address: address, time: time ?? 0, value: value ?? 0, codeAddress: codeAddress ?? 0,
      line: line ?? 0)
  }

  /// Appends a record whose class is packed already; what it has no column for is not looked at.
  ///
  /// - Precondition: fewer than sixteen records since ``isFull`` became true.
  public mutating func append(
    _ packed: PackedClass, address: UInt64, time: UInt64, value: UInt64, codeAddress: UInt64,
    line: UInt64
  ) {
    // Most have the class of the one before, and join its run: a way that needs next to nothing.
    if packed.columns == .time, packed.key == classes.lastKey,
      joins(classes.lastToken, packed.isAccess, address), stage.times.keep(time)
    {
      lastTime = time
      open.count &+= 1
      open.end = address &+ UInt64(packed.size)
      content.count &+= 1
      if content.count == Self.fullCount { isFull = true }
      return
    }
    appendAny(
      packed, address: address, time: time, value: value, codeAddress: codeAddress, line: line)
  }

  @inline(never)
  private mutating func appendAny(
    _ packed: PackedClass, address: UInt64, time: UInt64, value: UInt64, codeAddress: UInt64,
    line: UInt64
  ) {
    let columns = packed.columns
    if columns.contains(.time) { lastTime = time }
    add(packed.key, size: packed.size, isAccess: packed.isAccess, address: address)
    if !columns.subtracting(.time).isEmpty { fill(packed, value, codeAddress, line) }
    update()
  }

  /// Fills the columns that not every record has.
  @inline(__always)
  private mutating func fill(
    _ packed: PackedClass, _ value: UInt64, _ codeAddress: UInt64, _ line: UInt64
  ) {
    let (columns, size) = (packed.columns, packed.size == 0 ? 8 : Int(packed.size))
    if columns.contains(.value) {
      stage.values.append(value, size: size, to: &content.values)
    } else if columns.contains(.configValue) {
      stage.configValues.append(value, size: size, to: &content.configValues)
    }
    if columns.contains(.codeAddress) {
      stage.codeAddresses.append(codeAddress, to: &content.codeAddresses)
    }
    if columns.contains(.line) { stage.lines.append(line, to: &content.lines) }
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
    lastTime = time ?? lastTime
    add(entry.packed, size: entry.size, isAccess: entry.operation.isAccess, address: address)
    if toConfig {
      stage.configValues.append(wideValue, to: &content.configValues)
    } else {
      stage.values.append(wideValue, to: &content.values)
    }
    if let codeAddress { stage.codeAddresses.append(codeAddress, to: &content.codeAddresses) }
    if let line { stage.lines.append(line, to: &content.lines) }
    update()
  }

  /// Whether a record may join the open run; none goes on at 0 behind the last address.
  @inline(__always)
  private func joins(_ token: UInt8, _ isAccess: Bool, _ address: UInt64) -> Bool {
    token == open.token && open.count &- 1 < .max &- 1
      && (isAccess ? address == open.end && address != 0 : address == open.address)
  }

  /// Adds a record to the open run, or opens another one.
  @inline(__always)
  private mutating func add(
    _ key: (UInt64, UInt64), size: UInt8, isAccess: Bool, address: UInt64
  ) {
    let token = classes.token(key, &content.classes)
    if joins(token, isAccess, address) {
      open.count &+= 1
    } else {
      if open.count > 0 { closeRun() }
      open.token = token
      open.count = 1
      open.address = address
    }
    open.end = address &+ UInt64(size)
    stage.times.append(lastTime, to: &content.times)
    content.count &+= 1
  }
}

/// Numbers the classes of a block.
private struct ClassTable {
  /// Slots of the table.
  private static let slotCount = 1024

  /// Open-addressing table from class to token; `UInt16.max` is empty.
  private var slots = [UInt16](repeating: .max, count: slotCount)
  private var keys: [(UInt64, UInt64)] = []
  /// The last one that was asked for.
  private(set) var lastKey: (UInt64, UInt64) = (0, 0)
  private(set) var lastToken: UInt8 = 0

  /// Sixteen further classes may be too many.
  private(set) var isFull = false

  mutating func removeAll() {
    for index in slots.indices { slots[index] = .max }
    keys.removeAll(keepingCapacity: true)
    // No class is packed so: it would have no operation.
    lastKey = (.max, .max)
    isFull = false
  }

  /// The token of a class; a new one is appended to `classes`.
  @inline(__always)
  mutating func token(_ key: (UInt64, UInt64), _ classes: inout [RecordClass]) -> UInt8 {
    if key == lastKey { return lastToken }
    lastToken = find(key, &classes)
    lastKey = key
    return lastToken
  }

  @inline(never)
  private mutating func find(_ key: (UInt64, UInt64), _ classes: inout [RecordClass]) -> UInt8 {
    var slot = Int(truncatingIfNeeded: hash(key) >> 54)
    while slots[slot] != .max {
      let token = slots[slot]
      if keys[Int(token)] == key { return UInt8(token) }
      slot = (slot + 1) & (Self.slotCount - 1)
    }
    precondition(keys.count < Block.classLimit, "block dictionary overflow: isFull was ignored")
    guard let entry = RecordClass(asPacked: key) else { preconditionFailure("no class") }
    slots[slot] = UInt16(keys.count)
    keys.append(key)
    classes.append(entry)
    isFull = keys.count >= Block.classLimit - 16
    return UInt8(keys.count - 1)
  }

  private func hash(_ key: (UInt64, UInt64)) -> UInt64 {
    // Multiplicative hashing; only the top bits are used.
    (key.0 &* 0x9e37_79b9_7f4a_7c15) ^ (key.1 &* 0xc2b2_ae3d_27d4_eb4f) &+ key.0 >> 29
  }
}

extension BlockContent {
  /// It may go on.
  fileprivate mutating func removeLastRun() {
    runTokens.removeLast()
    runCounts.removeLast()
    runAddresses.removeLast()
  }
}
