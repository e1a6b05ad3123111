import TestSupport
import Testing
import TraceCore

/// One record as it was appended, or as a block tells it.
private struct Record: Equatable {
  var entry: RecordClass
  var address: UInt64
  var time: UInt64
  var value: [UInt8]?
  var codeAddress: UInt64?
  var line: UInt64?
}

/// Undoes the runs, straight from the words of `Block`.
private func records(of block: Block) -> [Record] {
  var found: [Record] = []
  var values = block.values[...]
  var configValues = block.configValues[...]
  var codeAddresses = block.codeAddresses[...]
  var lines = block.lines[...]
  for run in 0..<block.runs {
    let entry = block.classes[Int(block.runTokens[run])]
    let bytes = entry.size == 0 ? 8 : Int(entry.size)
    for index in 0..<UInt64(block.runCounts[run]) {
      var record = Record(
        entry: entry, address: block.runAddresses[run], time: block.times[found.count])
      if entry.operation.isAccess { record.address += index * UInt64(entry.size) }
      if entry.columns.contains(.value) {
        record.value = Array(values.prefix(bytes))
        values = values.dropFirst(bytes)
      }
      if entry.columns.contains(.configValue) {
        record.value = Array(configValues.prefix(bytes))
        configValues = configValues.dropFirst(bytes)
      }
      if entry.columns.contains(.codeAddress) { record.codeAddress = codeAddresses.popFirst() }
      if entry.columns.contains(.line) { record.line = lines.popFirst() }
      found.append(record)
    }
  }
  #expect(values.isEmpty && configValues.isEmpty && codeAddresses.isEmpty && lines.isEmpty)
  #expect(found.count == block.count && block.times.count == block.count)
  return found
}

@Suite struct `Block builder: runs` {
  private let store = RecordClass(.store, size: 8)

  /// Appends stores and tells (first address, records) of each run: the same with and without times,
  /// one by one or many at once.
  private func runs(_ steps: [(RecordClass, UInt64)]) -> [[UInt64]] {
    let single = BlockBuilder(Block())
    for (entry, address) in steps { single.append(entry, address: address) }
    let many = BlockBuilder(Block())
    many.withAppender { appender in
      for (entry, address) in steps { appender.append(entry, address: address, time: 5) }
    }
    func runs(_ block: Block) -> [[UInt64]] {
      (0..<block.runs).map { [block.runAddresses[$0], UInt64(block.runCounts[$0])] }
    }
    #expect(runs(single.block) == runs(many.block))
    #expect(many.block.times == steps.map { _ in 5 })
    return runs(single.block)
  }

  @Test func `accesses that follow each other are one run, a gap or a step back begins another`() {
    #expect(runs([(store, 0), (store, 8), (store, 16)]) == [[0, 3]])
    #expect(runs([(store, 0), (store, 9)]) == [[0, 1], [9, 1]])
    #expect(runs([(store, 0), (store, 0)]) == [[0, 1], [0, 1]])
    #expect(runs([(store, 8), (store, 0), (store, 8)]) == [[8, 1], [0, 2]])
  }

  @Test func `a run ends where the class changes in anything`() {
    var other: [RecordClass] = []
    for change: (inout RecordClass) -> Void in [
      { $0.operation = .load }, { $0.vcpu = 1 }, { $0.flags = .release }, { $0.attribute = 0 },
      { $0.region = RegionID(rawValue: 0) }, { $0.function = PCIFunction(rawValue: 0) },
    ] {
      var entry = store
      change(&entry)
      other.append(entry)
    }
    for entry in other { #expect(runs([(store, 0), (entry, 8)]) == [[0, 1], [8, 1]]) }
    var four = store
    four.size = 4
    #expect(runs([(store, 0), (four, 8), (four, 12)]) == [[0, 1], [8, 2]])
  }

  @Test func `the columns are part of the class`() {
    let builder = BlockBuilder(Block())
    builder.append(store, address: 0, time: 1)
    builder.append(store, address: 8)
    builder.append(store, address: 16, value: 1)
    builder.append(store, address: 24, codeAddress: 1)
    builder.append(store, address: 32, line: 1)
    #expect(builder.block.runCounts == [1, 1, 1, 1, 1])
    #expect(
      builder.block.classes.map(\.columns) == [.time, [], .value, .codeAddress, .line])
  }

  @Test func `records without an address of their own join where they name the same`() {
    let barrier = RecordClass(.barrier, barrier: Barrier(.dmbST))
    #expect(runs([(barrier, 0), (barrier, 0)]) == [[0, 2]])
    let read = RecordClass(.configRead, size: 4, function: PCIFunction(rawValue: 8))
    #expect(runs([(read, 4), (read, 4), (read, 8)]) == [[4, 2], [8, 1]])
  }

  @Test func `an access that ends the address space is followed by none`() {
    // The end address wraps to 0; a store there is contiguous in the run's arithmetic alone.
    #expect(runs([(store, .max - 7), (store, 0)]).map { $0[1] }.reduce(0, +) == 2)
  }

  @Test(arguments: [nil, 5])
  func `a run has at most 65 535 records`(time: UInt64?) {
    let builder = BlockBuilder(Block())
    let barrier = RecordClass(.barrier, barrier: Barrier(.isb))
    builder.withAppender { for _ in 0..<70_000 { $0.append(barrier, time: time) } }
    #expect(builder.block.runCounts == [65_535, 4_465])
    #expect(builder.block.count == 70_000)
  }
}

@Suite struct `Block builder: limits` {
  @Test(arguments: [nil, 5])
  func `a block is full sixteen records before its capacity`(time: UInt64?) {
    let builder = BlockBuilder(Block())
    let entry = RecordClass(.store, size: 8)
    for first in [UInt64(0), 65_520] {
      builder.withAppender { appender in
        for index in first..<first + 65_519 {
          appender.append(entry, address: 8 * index, time: time)
        }
      }
      #expect(!builder.isFull)
      builder.append(entry, address: 8 * (first + 65_519), time: time)
      #expect(builder.isFull)
      #expect(builder.block.count == Block.capacity - 16)
      #expect(builder.block.runCounts == [65_520])
      builder.reset(firstRecord: first + 65_520)
    }
  }

  @Test func `a block is full sixteen classes before its limit, and sixteen more fit`() {
    let builder = BlockBuilder(Block())
    for vcpu in 0..<UInt16(238) { builder.append(RecordClass(.store, size: 8, vcpu: vcpu)) }
    #expect(!builder.isFull)
    builder.append(RecordClass(.store, size: 8, vcpu: 238))
    #expect(builder.isFull)
    for vcpu in 239..<UInt16(255) { builder.append(RecordClass(.store, size: 8, vcpu: vcpu)) }
    #expect(builder.block.classes.map(\.vcpu) == Array(0..<255))
    #expect(builder.block.runTokens == Array(0..<255))
  }

  @Test func `one class more than a token can tell is a programmer's mistake`() async {
    await #expect(processExitsWith: .failure) {
      let builder = BlockBuilder(Block())
      for vcpu in 0..<UInt16(256) { builder.append(RecordClass(.store, size: 8, vcpu: vcpu)) }
    }
  }

  @Test func `a lent appender says that it is full when the builder does`() {
    let builder = BlockBuilder(Block())
    for vcpu in 0..<UInt16(300) where !builder.isFull {
      let isFull = builder.withAppender { appender in
        appender.append(RecordClass(.store, size: 8, vcpu: vcpu))
        return appender.isFull
      }
      #expect(isFull == builder.isFull)
    }
    #expect(builder.block.classes.count == 239)
  }
}

@Suite struct `Block builder: columns` {
  @Test func `a value has the access's size, little-endian, and its own column`() {
    let builder = BlockBuilder(Block())
    builder.append(RecordClass(.store, size: 2), address: 0, value: 0x1122_3344)
    builder.append(RecordClass(.store, size: 16), address: 2, value: 0x0102)
    let config = RecordClass(.configWrite, size: 4, columns: .configValue)
    builder.append(config, address: 4, value: 0xaabb_ccdd)
    // Records without a size, such as a number of lost events, have eight bytes.
    builder.append(RecordClass(.lost), value: 7)
    builder.append(
      RecordClass(.store, size: 3), address: 0, time: nil, wideValue: [9, 8, 7], codeAddress: nil,
      line: nil)
    #expect(
      builder.block.values
        == [0x44, 0x33, 2, 1] + [UInt8](repeating: 0, count: 14) + [7, 0, 0, 0, 0, 0, 0, 0]
        + [9, 8, 7])
    #expect(builder.block.configValues == [0xdd, 0xcc, 0xbb, 0xaa])
  }

  @Test func `a class that asks for the config column without a value has none`() {
    let builder = BlockBuilder(Block())
    builder.append(RecordClass(.configRead, size: 4, columns: .configValue), address: 0)
    #expect(builder.block.classes[0].columns == [])
    #expect(builder.block.configValues.isEmpty)
  }

  @Test func `a record without a stamp repeats the one before, over a reset too`() {
    let builder = BlockBuilder(Block())
    let mark = RecordClass(.mark)
    builder.append(mark)
    builder.append(mark, time: 5)
    builder.append(mark)
    #expect(builder.block.times == [0, 5, 5])
    builder.reset(firstRecord: 3, into: Block())
    builder.append(mark)
    #expect(builder.block.times == [5])
    #expect(builder.block.firstRecord == 3)
  }

  @Test func `a reset starts a new dictionary`() {
    let builder = BlockBuilder(Block())
    builder.append(RecordClass(.store, size: 8), address: 0)
    builder.append(RecordClass(.store, size: 4), address: 8)
    builder.reset(firstRecord: 2)
    builder.append(RecordClass(.store, size: 4), address: 12)
    #expect(builder.block.classes == [RecordClass(.store, size: 4)])
    #expect(builder.block.runAddresses == [12])
    #expect(builder.block.count == 1)
  }

  private struct Stop: Error {}

  @Test func `records appended before an error stay`() {
    let builder = BlockBuilder(Block())
    #expect(throws: Stop.self) {
      try builder.withAppender { appender throws(Stop) in
        appender.append(RecordClass(.mark), time: 1)
        throw Stop()
      }
    }
    builder.append(RecordClass(.mark), time: 2)
    #expect(builder.block.times == [1, 2])
  }

  @Test(arguments: 0..<20)
  func `runs hold what was appended`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let builder = BlockBuilder(Block())
    var expected: [Record] = []
    var address: UInt64 = 0x1000
    while !builder.isFull, expected.count < 2_000 {
      // Alone, or as many at once as are more than the appender holds back.
      let count = random.pick([1, 2, 700])
      builder.withAppender { appender in
        for _ in 0..<count where !appender.isFull {
          let record = self.record(&random, &address, lastTime: expected.last?.time ?? 0)
          append(record, inWord: random.chance(50), &appender)
          expected.append(record)
        }
      }
    }
    #expect(records(of: builder.block) == expected)
  }

  private func append(_ record: Record, inWord: Bool, _ appender: inout BlockAppender) {
    let time = record.entry.columns.contains(.time) ? record.time : nil
    var entry = record.entry
    entry.columns.formIntersection(.configValue)
    guard let value = record.value, entry.size > 0, !inWord else {
      let word = record.value.map { $0.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
      return appender.append(
        entry, address: record.address, time: time, value: word,
        codeAddress: record.codeAddress, line: record.line)
    }
    appender.append(
      entry, address: record.address, time: time, wideValue: value,
      codeAddress: record.codeAddress, line: record.line)
  }

  private func record(
    _ random: inout SplitMix64, _ address: inout UInt64, lastTime: UInt64
  ) -> Record {
    var entry = RecordClass(random.pick([.store, .load, .barrier, .configWrite, .mark]))
    entry.vcpu = UInt16(random.below(3))
    var record = Record(entry: entry, address: 0, time: lastTime)
    if entry.operation == .barrier { record.entry.barrier = Barrier(.dsbSY) }
    if entry.operation.isAccess || entry.operation.isConfig {
      record.entry.size = UInt8(random.pick([1, 2, 4]))
      if random.chance(30) { address = UInt64(random.below(4096)) }
      record.address = address
      if entry.operation.isAccess { address += UInt64(record.entry.size) }
      if random.chance(50) {
        record.value = (0..<record.entry.size).map { _ in UInt8(random.below(256)) }
        record.entry.columns.insert(entry.operation.isConfig ? .configValue : .value)
      }
    }
    if random.chance(50) {
      record.time = lastTime + UInt64(random.below(5))
      record.entry.columns.insert(.time)
    }
    if random.chance(30) {
      record.codeAddress = random.next()
      record.entry.columns.insert(.codeAddress)
    }
    if random.chance(30) {
      record.line = random.next()
      record.entry.columns.insert(.line)
    }
    return record
  }
}
