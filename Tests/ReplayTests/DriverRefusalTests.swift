import ArmMemory
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// What no importer writes, but a native trace made by someone else may hold: an error or a result,
/// never a trap.
@Suite struct `Driver: refusals` {
  private func error(_ trace: inout DriverTrace, _ policy: KVMPolicy = .none) -> TraceError? {
    do {
      _ = try run(trace.source(), .plain(policy))
      return nil
    } catch {
      return error
    }
  }

  private func access(
    _ operation: TraceCore.Operation, _ address: UInt64, _ size: UInt8, flags: AccessFlags = []
  ) -> TraceError? {
    var trace = DriverTrace()
    trace.store()
    trace.append(RecordClass(operation, size: size, flags: flags), address: address)
    return error(&trace)
  }

  @Test func `an access that reaches into the last 4 KiB of memory is refused`() {
    for operation in [TraceCore.Operation.store, .load] {
      for size in [1, 3, 8, 64] as [UInt8] {
        // The last byte of all below.
        let last = UInt64.max - 4096 - UInt64(size) + 1
        #expect(access(operation, last, size) == nil)
        for address in [last + 1, .max - 4095, .max - 8, .max] {
          let error = access(operation, address, size)
          #expect(error?.code == .range)
          #expect(error?.record == 1)
        }
      }
    }
  }

  @Test func `the record named is the first that reaches there, wherever a block ends`() {
    for cut in [false, true] {
      var trace = DriverTrace()
      let entry = RecordClass(.store, size: 8)
      for index in 0..<6 {
        if cut { trace.cut() }
        // Stores 0 to 3 end at 2^64 - 4096.
        trace.append(entry, address: .max - 4095 - 32 + UInt64(8 * index))
      }
      #expect(error(&trace)?.record == 4)
    }
  }

  @Test func `sizes that no access has are refused`() {
    #expect(access(.store, 0x1000, 0)?.code == .badRecord)
    #expect(access(.load, 0x1000, 65)?.code == .badRecord)
    #expect(access(.store, 0x1000, 8, flags: .single64)?.code == .badRecord)
    for size in 1...UInt8(64) { #expect(access(.store, 0x1000, size) == nil) }
  }

  @Test func `4096 vCPUs are told apart, one more is refused`() {
    for count in [4096, 4097] {
      var trace = DriverTrace()
      for index in 0..<count {
        if index % 200 == 0 { trace.cut() }
        // Numbers of vCPUs have gaps; only how many there are matters.
        trace.store(UInt64(64 * index), vcpu: UInt16(15 * index))
      }
      let found = error(&trace)
      #expect(found?.code == (count > 4096 ? .range : nil))
      #expect(found?.message.contains("4096 vCPUs") ?? true)
    }
  }

  @Test func `whatever replays a trace names its file in a refusal`() throws {
    let plain = ScenarioConfiguration.plain()
    let takers: [(any BlockSource) throws -> Void] = [
      { _ = try ReplayDriver($0, [plain]).run() },
      { _ = try RecordInquiry(of: .max, [plain]).run($0) },
      { source in
        var census = FaultCensus(source, before: plain, after: plain, scope: .every)
        try census.run()
      },
      { source in
        var listing = PacketListing(plain)
        try listing.run(source, accessors: .recorded) { _ in }
      },
      {
        _ = try PatternSearch($0, plain, [AccessPattern(name: "P", PatternCountTests.doorbell)])
          .run()
      },
    ]
    for (index, take) in takers.enumerated() {
      var trace = DriverTrace()
      trace.context.path = "many.mmt"
      for vcpu in 0..<4097 {
        // A block's table has no room for so many.
        if vcpu % 200 == 0 { trace.cut() }
        trace.store(0, vcpu: UInt16(vcpu))
      }
      let error = #expect(throws: TraceError.self) { try take(trace.source()) }
      #expect(error?.code == .range, "\(index)")
      #expect(error?.file == "many.mmt", "\(index)")
    }
  }

  @Test func `a stage-1 type for a region that is not there is refused`() {
    var trace = DriverTrace()
    trace.store()
    var configuration = ScenarioConfiguration.plain()
    configuration.stage1ByRegion = ["bra": 0x44]
    let source = trace.source()
    #expect(throws: TraceError.self) { try run(source, configuration) }
  }

  @Test func `config accesses to registers that no function has`() throws {
    for (register, size) in [(UInt64.max, 4), (.max - 1, 2), (4096, 4), (4095, 2), (1 << 63, 8)] {
      for operation in [TraceCore.Operation.configRead, .configWrite] {
        var trace = DriverTrace()
        trace.append(
          RecordClass(
            operation, size: UInt8(size), function: PCIFunction(rawValue: 8),
            columns: .configValue), address: register, value: .max)
        let result = try run(trace.source())
        let totals = result.scenarios[0].totals
        #expect(totals.cfgReads + totals.cfgWrites > 0)
      }
    }
  }

  @Test func `an access that its class places in an ECAM window it does not lie in`() throws {
    var trace = DriverTrace()
    let ecam = trace.context.regions.add(
      Region(name: "ecam", base: 0x40_0000_0000, size: 0x1000_0000, kind: .ecam, origin: .map))
    for address in [0, 0x3f_ffff_fffc, 0x50_0000_0000] as [UInt64] {
      trace.append(
        RecordClass(.store, size: 4, region: ecam, columns: .configValue), address: address,
        value: 2)
    }
    #expect(try run(trace.source()).scenarios[0].totals.cfgWrites == 3)
  }

  @Test func `of a wide config store's value eight bytes are known, the rest is not zero`() throws {
    // 32 bytes from register 0 on: the first eight repeat what is there, then comes BAR 0. Zeros
    // there would move it, and MMIO right behind a move is RST003.
    var trace = DriverTrace()
    let ecam = trace.context.regions.add(
      Region(name: "ecam", base: 0x40_0000_0000, size: 0x1000_0000, kind: .ecam, origin: .map))
    let device = PCIFunction(bus: 1, device: 0, function: 0)
    trace.context.regions[trace.region].function = device
    var image = HazardBench.endpoint()
    image[0x13] = 0xe0
    trace.context.configImages[device] = image
    trace.append(
      RecordClass(.store, size: 32, region: ecam, columns: .configValue),
      address: 0x40_0010_0000, value: 0x0010_0002_1234_10de)
    trace.store()
    let result = try run(trace.source())
    #expect(result.scenarios[0].totals.cfgWrites == 8)
    #expect(result.findings.filter { $0.code == "RST003" }.isEmpty)
    #expect(result.trace.counters.map(\.name) == ["config_unknown_value"])
  }

  @Test func `side effects that reach over the end of memory`() throws {
    var trace = DriverTrace()
    let top = trace.context.regions.add(
      Region(
        name: "top", base: .max - 8191, size: 4096, sideEffects: [0...UInt64.max, 8...15],
        origin: .map))
    for _ in 0..<2 {
      trace.append(RecordClass(.store, size: 8, region: top), address: .max - 8191 + 8)
    }
    let found = try run(trace.source()).findings
    #expect(found.first { $0.code == "ORD004" }?.severity == .error)
  }

  @Test func `a damaged column that a finding needs is an error`() {
    for column in [RecordClass.Columns.codeAddress, .line] {
      let block = Block()
      block.classes = [RecordClass(.store, size: 8, columns: column)]
      block.runTokens = [0]
      block.runCounts = [1]
      block.runAddresses = [0x1000]
      block.times = [0]
      block.count = 1
      block.columnLoader = { (_, _) throws(TraceError) in
        throw TraceError(.checksum, "a damaged column")
      }
      let source = LazySource(block)
      #expect(throws: TraceError(.checksum, "a damaged column")) {
        try ReplayDriver(source, [.plain()]).run()
      }
    }
  }
}

/// One block whose lazy columns cannot be read.
private final class LazySource: BlockSource {
  let context = TraceContext(name: "lazy", format: "native")
  private var held: Block?
  var progress: (consumed: UInt64, total: UInt64?) { (0, nil) }

  init(_ block: Block) { held = block }

  func next(into block: Block) throws(TraceError) -> Bool {
    block.removeAll()
    guard let held else { return false }
    self.held = nil
    block.classes = held.classes
    block.runTokens = held.runTokens
    block.runCounts = held.runCounts
    block.runAddresses = held.runAddresses
    block.times = held.times
    block.count = held.count
    block.columnLoader = held.columnLoader
    return true
  }
}
