public import TraceCore

extension NaiveProgram {
  /// The program as a block source.
  ///
  /// Accesses carry the region in which they start. Config accesses carry their function and no
  /// region.
  ///
  /// - Parameters:
  ///   - cutSeed: Seed of the places where blocks end; nil puts all records into one block.
  ///   - withTotals: The context has the trace's totals, as after a native trace's footer.
  /// - Returns: A source to be read once.
  public func source(cutSeed: UInt64?, withTotals: Bool = false) -> ArrayBlockSource {
    let context = TraceContext(name: "program-\(seed)", format: "generated")
    for region in regions { context.regions.add(region.traceRegion) }
    if withTotals { context.totals = totals() }
    return ArrayBlockSource(context: context, blocks: blocks(context, cutSeed: cutSeed))
  }

  private func blocks(_ context: TraceContext, cutSeed: UInt64?) -> [Block] {
    var random = SplitMix64(seed: cutSeed ?? 0)
    var blocks: [Block] = []
    let builder = BlockBuilder(Block())
    for (record, event) in events.enumerated() {
      append(event, to: builder, context)
      if builder.isFull || cutSeed != nil && random.chance(8) {
        blocks.append(builder.block)
        builder.reset(firstRecord: UInt64(record + 1), into: Block())
      }
    }
    if builder.block.count > 0 { blocks.append(builder.block) }
    return blocks
  }

  private func append(
    _ event: NaiveEvent, to builder: BlockBuilder, _ context: TraceContext
  ) {
    let recordClass = recordClass(event, context)
    let address = event.op.hasPrefix("config") ? event.register : event.address
    if let value = event.value {
      builder.append(
        recordClass, address: address, time: event.time, wideValue: value, codeAddress: nil,
        line: nil)
    } else {
      builder.append(recordClass, address: address, time: event.time)
    }
  }

  private func recordClass(_ event: NaiveEvent, _ context: TraceContext) -> RecordClass {
    guard let operation = Operation(name: event.op) else {
      preconditionFailure("unknown operation: \(event.op)")
    }
    let region = regionIndex(of: event)
    let isECAM = region.map { regions[$0].kind == "ecam" } ?? false
    return RecordClass(
      operation, size: UInt8(event.size), vcpu: UInt16(event.vcpu), flags: event.accessFlags,
      barrier: operation == .barrier ? Barrier(name: event.barrier) : nil,
      attribute: event.attribute, region: region.map { RegionID(rawValue: UInt16($0)) },
      function: PCIFunction(event.function),
      text: event.text.isEmpty ? nil : context.intern(event.text),
      columns: isECAM || operation.isConfig ? .configValue : [])
  }

  private func totals() -> TraceTotals {
    func count(_ op: String) -> UInt64 { UInt64(events.filter { $0.op == op }.count) }
    func bytes(_ op: String) -> UInt64 {
      events.reduce(0) { $1.op == op ? $0 + UInt64($1.size) : $0 }
    }
    var totals = TraceTotals()
    totals.records = UInt64(events.count)
    totals.stores = count("store")
    totals.loads = count("load")
    totals.barriers = count("barrier")
    totals.configReads = count("config_read")
    totals.configWrites = count("config_write")
    totals.resets = count("reset")
    totals.lostRecords = count("lost")
    totals.marks = count("mark")
    totals.storeBytes = bytes("store")
    totals.loadBytes = bytes("load")
    totals.timed = UInt64(events.filter { $0.time != nil }.count)
    totals.withValue = UInt64(events.filter { $0.value != nil }.count)
    totals.withAttribute = UInt64(events.filter { $0.attribute != nil }.count)
    totals.firstTime = events.lazy.compactMap(\.time).min()
    totals.lastTime = events.lazy.compactMap(\.time).max()
    totals.vcpus = Set(events.map { UInt16($0.vcpu) }).sorted()
    return totals
  }
}

extension NaiveEvent {
  fileprivate var accessFlags: AccessFlags {
    var flags: AccessFlags = []
    if release { flags.insert(.release) }
    if acquire { flags.insert(.acquire) }
    if single64 { flags.insert(.single64) }
    return flags
  }
}

extension NaiveRegion {
  /// The region as traces describe it.
  public var traceRegion: Region {
    guard let kind = Region.Kind(rawValue: kind) else {
      preconditionFailure("unknown kind of region: \(kind)")
    }
    return Region(
      name: name, base: base, size: size, kind: kind, stage1: stage1, vfioEligible: vfio,
      origin: .map)
  }
}
