import ConfigSpace
import TraceCore

/// What the config accesses of a block touch and do, for patterns that have some.
struct ConfigTrail {
  /// One record.
  struct Touch {
    /// As ``PatternClass/function``.
    var function: UInt64
    /// First byte in the function's config space.
    var register: UInt64
    var effect = AccessPattern.ConfigEffect.none
  }

  private let space: ConfigSpace
  /// One for each config record of the block, in order.
  private(set) var touches: [Touch] = []

  init(images: [PCIFunction: [UInt8]]) {
    space = ConfigSpace(images: images, times: .untimed)
  }

  /// Takes the next block.
  mutating func follow(_ block: Block, _ classes: [PatternClass], _ targets: ConfigTargets) {
    touches.removeAll(keepingCapacity: true)
    var record = block.firstRecord
    var value = 0
    for run in block.runTokens.indices {
      let token = Int(block.runTokens[run])
      let entry = block.classes[token]
      let count = Int(block.runCounts[run])
      let bytes =
        entry.columns.contains(.configValue) ? (entry.size == 0 ? 8 : Int(entry.size)) : 0
      if classes[token].path == .ecam || classes[token].path == .config {
        for offset in 0..<count {
          let start = value + offset * bytes
          let known = start + bytes <= block.configValues.count ? start..<start + bytes : 0..<0
          let step = classes[token].path == .ecam ? UInt64(offset * Int(entry.size)) : 0
          touches.append(
            touch(
              entry, targets.location(of: entry, block.runAddresses[run] &+ step),
              block.configValues[known], record + UInt64(offset)))
        }
      }
      record += UInt64(count)
      value += count * bytes
    }
  }

  /// Shows one access to the shadow, a DW at a time.
  private func touch(
    _ entry: RecordClass, _ location: ConfigLocation?, _ value: ArraySlice<UInt8>,
    _ record: UInt64
  ) -> Touch {
    guard let location else {
      // Somewhere in config space, but not known where: a place of its own.
      return Touch(function: 1 << 33 | record, register: 0)
    }
    var touch = Touch(
      function: UInt64(location.function.rawValue), register: UInt64(location.register))
    let isWrite = entry.operation == .store || entry.operation == .configWrite
    var done = 0
    repeat {
      let register = location.register &+ UInt16(done)
      let size = min(4 - Int(register & 3), max(1, Int(entry.size) - done))
      let part = value.dropFirst(done).prefix(size)
      let events = space.access(
        ConfigAccess(
          function: location.function, register: register, size: UInt8(size),
          value: part.count == size
            ? part.reversed().reduce(0) { $0 << 8 | UInt32($1) } : nil,
          isWrite: isWrite, timeNs: 0, record: record))
      if isWrite, touch.effect == .none { touch.effect = Self.effect(of: events) }
      done += size
    } while done < entry.size
    return touch
  }

  private static func effect(of events: [ConfigEvent]) -> AccessPattern.ConfigEffect {
    for event in events {
      if event.kind.issuesReset, !event.kind.isAtBridge { return .reset }
      if event.kind == .memoryDisable { return .memoryDisable }
      if event.kind == .memoryEnable { return .memoryEnable }
    }
    return .none
  }
}

/// Where config records go.
struct ConfigTargets {
  let context: TraceContext

  /// The function and register of a config record; nil where they are not known.
  func location(of entry: RecordClass, _ address: UInt64) -> ConfigLocation? {
    guard entry.operation.isAccess else {
      guard let function = entry.function, address < 4096 else { return nil }
      return ConfigLocation(function: function, register: UInt16(address))
    }
    return entry.region.flatMap { context.regions[$0].configLocation(of: address) }
  }
}
