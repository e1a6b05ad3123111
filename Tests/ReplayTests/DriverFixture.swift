import ArmMemory
import Profiles
import Replay
import Results
import TestSupport
import TraceCore

/// A trace of blocks that tests make by hand.
struct DriverTrace {
  let context = TraceContext(name: "driver", format: "generated")
  private(set) var blocks: [Block] = []
  private var builder = BlockBuilder(Block())
  private var records: UInt64 = 0

  /// A BAR at `base`, of 64 MiB.
  static let base: UInt64 = 0x10_0000_0000
  let region: RegionID

  init() {
    region = context.regions.add(
      Region(name: "bar", base: Self.base, size: 0x400_0000, origin: .map))
  }

  mutating func append(
    _ entry: RecordClass, address: UInt64 = 0, time: UInt64? = nil, value: UInt64? = nil,
    line: UInt64? = nil
  ) {
    builder.append(entry, address: address, time: time, value: value, line: line)
    records += 1
  }

  /// A store of 8 bytes into the BAR.
  mutating func store(_ offset: UInt64 = 0, time: UInt64? = nil, vcpu: UInt16 = 0) {
    append(
      RecordClass(.store, size: 8, vcpu: vcpu, region: region), address: Self.base + offset,
      time: time)
  }

  /// The next record begins a block.
  mutating func cut() {
    guard builder.block.count > 0 else { return }
    blocks.append(builder.block)
    builder.reset(firstRecord: records, into: Block())
  }

  mutating func source() -> ArrayBlockSource {
    cut()
    return ArrayBlockSource(context: context, blocks: blocks)
  }
}

extension ScenarioConfiguration {
  /// Policy and accessors over the settings of the naive model.
  static func plain(
    _ policy: KVMPolicy = .none, accessors: AccessorAssumption? = .recorded,
    _ settings: NaiveSettings = NaiveSettings()
  ) -> ScenarioConfiguration {
    ScenarioConfiguration(
      name: policy.rawValue, policy: policy, fwb: false, accessors: accessors, clocks: .both,
      settings: settings.modelSettings)
  }
}

/// Runs a source under one scenario.
func run(
  _ source: ArrayBlockSource, _ configuration: ScenarioConfiguration = .plain()
) throws(TraceError) -> RunResult {
  try ReplayDriver(source, [configuration]).run()
}

extension ArrayBlockSource {
  /// The same records in other blocks, with a source line and a code address each.
  ///
  /// - Parameters:
  ///   - seed: Seed of the places where blocks end; nil puts all records into one block.
  ///   - percent: Share of records after which a block ends.
  /// - Returns: A source to be read once; this one has been read then.
  /// - Throws: ``TraceError`` of this source.
  func recut(seed: UInt64?, percent: Int = 15) throws(TraceError) -> ArrayBlockSource {
    var random = SplitMix64(seed: seed ?? 0)
    var blocks: [Block] = []
    let builder = BlockBuilder(Block())
    let block = Block()
    var record: UInt64 = 0
    while try next(into: block) {
      var reader = BlockReader(block)
      while let next = reader.next() {
        next.append(to: builder, line: record + 11, codeAddress: 0x4000 + record % 7)
        record += 1
        if seed != nil, random.chance(percent) {
          blocks.append(builder.block)
          builder.reset(firstRecord: record, into: Block())
        }
      }
    }
    if builder.block.count > 0 { blocks.append(builder.block) }
    return ArrayBlockSource(context: context, blocks: blocks)
  }
}

/// Takes a block apart, record by record.
private struct BlockReader {
  private let block: Block
  private var run = 0
  private var inRun = 0
  private var record = 0
  private var values = 0
  private var configValues = 0

  init(_ block: Block) { self.block = block }

  mutating func next() -> SingleRecord? {
    guard run < block.runs else { return nil }
    let entry = block.classes[Int(block.runTokens[run])]
    var single = SingleRecord(
      entry: entry, address: block.runAddresses[run], time: block.times[record])
    if entry.operation.isAccess { single.address += UInt64(inRun) * UInt64(entry.size) }
    let bytes = entry.size == 0 ? 8 : Int(entry.size)
    if entry.columns.contains(.value) {
      single.value = Array(block.values[values..<values + bytes])
      values += bytes
    }
    if entry.columns.contains(.configValue) {
      single.value = Array(block.configValues[configValues..<configValues + bytes])
      configValues += bytes
    }
    record += 1
    inRun += 1
    if inRun == Int(block.runCounts[run]) {
      inRun = 0
      run += 1
    }
    return single
  }
}

private struct SingleRecord {
  var entry: RecordClass
  var address: UInt64
  var time: UInt64
  var value: [UInt8]?

  func append(to builder: BlockBuilder, line: UInt64, codeAddress: UInt64) {
    var plain = entry
    plain.columns.formIntersection(.configValue)
    let stamp = entry.columns.contains(.time) ? time : nil
    if let value, entry.size > 0 {
      builder.append(
        plain, address: address, time: stamp, wideValue: value, codeAddress: codeAddress,
        line: line)
    } else {
      builder.append(plain, address: address, time: stamp, codeAddress: codeAddress, line: line)
    }
  }
}
