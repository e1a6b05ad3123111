/// Turns single records into a block's runs.
///
/// An importer appends records until ``isFull``, then hands the block on.
public final class BlockBuilder {
  public private(set) var block: Block
  /// Open-addressing table from class to token; `UInt16.max` is empty.
  private var slots = [UInt16](repeating: .max, count: 1024)
  private var keys: [(UInt64, UInt64)] = []
  /// Token and end address of the record before.
  private var lastToken: UInt8 = 0
  private var lastEnd: UInt64 = 0
  private var lastTime: UInt64 = 0

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
    for index in slots.indices { slots[index] = .max }
    keys.removeAll(keepingCapacity: true)
  }

  /// No more than sixteen further records may be appended; hand the block on.
  public var isFull: Bool {
    block.count >= Block.capacity - 16 || keys.count >= Block.classLimit - 16
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
  @inline(__always)
  public func append(
    _ recordClass: RecordClass, address: UInt64 = 0, time: UInt64? = nil, value: UInt64? = nil,
    codeAddress: UInt64? = nil, line: UInt64? = nil
  ) {
    var entry = recordClass
    let toConfig = entry.columns.contains(.configValue)
    entry.columns = []
    if time != nil { entry.columns.insert(.time) }
    if value != nil { entry.columns.insert(toConfig ? .configValue : .value) }
    if codeAddress != nil { entry.columns.insert(.codeAddress) }
    if line != nil { entry.columns.insert(.line) }
    addRecord(entry, address: address, time: time)
    if let value {
      var rest = value
      let bytes = Int(entry.size == 0 ? 8 : entry.size)
      for _ in 0..<bytes {
        let byte = UInt8(truncatingIfNeeded: rest)
        if toConfig { block.configValues.append(byte) } else { block.values.append(byte) }
        rest >>= 8
      }
    }
    if let codeAddress { block.codeAddresses.append(codeAddress) }
    if let line { block.lines.append(line) }
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
  public func append(
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
    addRecord(entry, address: address, time: time)
    if toConfig {
      block.configValues += wideValue
    } else {
      block.values += wideValue
    }
    if let codeAddress { block.codeAddresses.append(codeAddress) }
    if let line { block.lines.append(line) }
  }

  private func addRecord(_ entry: RecordClass, address: UInt64, time: UInt64?) {
    let token = self.token(of: entry)
    let isAccess = entry.operation.isAccess
    let last = block.runTokens.count - 1
    if last >= 0, token == lastToken, !isAccess || address == lastEnd,
      isAccess || address == block.runAddresses[last], block.runCounts[last] < .max
    {
      block.runCounts[last] += 1
    } else {
      block.runTokens.append(token)
      block.runCounts.append(1)
      block.runAddresses.append(address)
    }
    lastToken = token
    lastEnd = address &+ UInt64(entry.size)
    lastTime = time ?? lastTime
    block.times.append(lastTime)
    block.count += 1
  }

  private func token(of entry: RecordClass) -> UInt8 {
    let key = entry.packed
    if !keys.isEmpty, keys[Int(lastToken) % keys.count] == key, Int(lastToken) < keys.count {
      return lastToken
    }
    var slot = Int(truncatingIfNeeded: hash(key) >> 54)
    while slots[slot] != .max {
      let token = slots[slot]
      if keys[Int(token)] == key { return UInt8(token) }
      slot = (slot + 1) & 1023
    }
    precondition(keys.count < Block.classLimit, "block dictionary overflow: isFull was ignored")
    slots[slot] = UInt16(keys.count)
    keys.append(key)
    block.classes.append(entry)
    return UInt8(keys.count - 1)
  }

  private func hash(_ key: (UInt64, UInt64)) -> UInt64 {
    // Multiplicative hashing; only the top bits are used.
    (key.0 &* 0x9e37_79b9_7f4a_7c15) ^ (key.1 &* 0xc2b2_ae3d_27d4_eb4f) &+ key.0 >> 29
  }
}
