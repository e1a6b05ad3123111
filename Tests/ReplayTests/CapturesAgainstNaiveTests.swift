import ArmMemory
import Replay
import Results
import TestSupport
import Testing
import TraceCore
import TraceIO

/// The engine against the naive model on the committed captures: traffic that no generator made.
@Suite struct CapturesAgainstNaiveTests {
  /// Records of each capture that the naive model, which is slow, is shown.
  private static let records = 25_000

  /// Settings that differ in everything that counts depend on.
  private static let settings: [NaiveSettings] = [
    NaiveSettings().with { $0.policy = "kvm-device" },
    NaiveSettings().with { $0.policy = "kvm-normal-nc" },
    NaiveSettings().with {
      $0.policy = "kvm-normal-nc"
      $0.stage1 = ["all": "normal-nc"]
      $0.accessors = "linux-writel"
      $0.split = "minimal"
      $0.generation = 6
    },
    NaiveSettings().with {
      $0.policy = "none"
      $0.stage1 = ["all": "normal-nc"]
      $0.accessors = "bursts"
      $0.split = "aligned"
      $0.buffers = 2
      $0.evict = "fifo"
      $0.deviceDrainsNC = true
      $0.drainAfterNs = 50_000
      $0.fwb = true
    },
    NaiveSettings().with {
      $0.policy = "none"
      $0.stage1 = ["all": "device-gre"]
      $0.accessors = "relaxed"
      $0.split = "qword"
      $0.loadBreaksGather = true
      $0.trapDrains = true
      $0.lineBytes = 128
      $0.singleStream = true
      $0.ecrc = true
    },
  ]

  @Test(arguments: ["fb-wc", "nvme-flr", "vfio-reclaim"])
  func `the engine counts what the naive model counts on a capture`(name: String) throws {
    let capture = try Capture(named: name, records: Self.records)
    for settings in Self.settings {
      let naive = NaiveModel.run(capture.events, regions: capture.regions, settings: settings)
      let engine = try capture.replay(settings)
      #expect(difference(naive, engine) == nil, "\(settings)")
      #expect(engine.totals.stores + engine.totals.faultsAlignment > 1000)
    }
  }
}

/// The first records of a committed trace, for both implementations.
private struct Capture {
  let path: String
  let limit: Int
  var events: [NaiveEvent] = []
  var regions: [NaiveRegion] = []

  init(named name: String, records: Int) throws {
    let here = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    path = "/" + here + "/Traces/\(name).mmt"
    limit = records
    let reader = try NativeTraceReader(openInput(path: path))
    let block = Block()
    var left = records
    while left > 0, try reader.next(into: block) {
      let run = Self.prefix(block, left)
      append(run, reader.context)
      left -= run.count
    }
    for region in reader.context.regions.regions where region.kind != .config {
      regions.append(
        NaiveRegion(
          region.name, base: region.base, size: region.size, kind: region.kind.rawValue,
          stage1: region.stage1, vfio: region.vfioEligible && region.kind == .bar))
    }
  }

  /// The block cut to at most `count` records.
  private static func prefix(_ block: Block, _ count: Int) -> Block {
    guard block.count > count else { return block }
    var left = count
    for run in block.runTokens.indices {
      let here = min(left, Int(block.runCounts[run]))
      block.runCounts[run] = UInt16(here)
      left -= here
      guard left == 0 else { continue }
      block.runTokens.removeLast(block.runTokens.count - run - 1)
      block.runCounts.removeLast(block.runCounts.count - run - 1)
      block.runAddresses.removeLast(block.runAddresses.count - run - 1)
      break
    }
    block.count = count
    block.times.removeLast(block.times.count - count)
    return block
  }

  private mutating func append(_ block: Block, _ context: TraceContext) {
    var record = 0
    for run in block.runTokens.indices {
      let entry = block.classes[Int(block.runTokens[run])]
      for step in 0..<Int(block.runCounts[run]) {
        var event = NaiveEvent(entry.operation.name)
        event.time = block.times[record]
        event.vcpu = Int(entry.vcpu)
        event.size = Int(entry.size)
        event.release = entry.flags.contains(.release)
        event.acquire = entry.flags.contains(.acquire)
        event.single64 = entry.flags.contains(.single64)
        event.barrier = entry.barrier?.kind.name ?? ""
        event.attribute = entry.attribute
        event.function = entry.function?.description ?? ""
        let address = block.runAddresses[run]
        event.register = address
        event.address =
          entry.operation.isAccess ? address + UInt64(step * Int(entry.size)) : address
        events.append(event)
        record += 1
      }
    }
  }

  func replay(_ settings: NaiveSettings) throws -> ScenarioResult {
    let reader = try NativeTraceReader(openInput(path: path))
    let source = FirstRecords(reader, limit)
    var all: UInt8?
    for (region, name) in settings.stage1 where region == "all" {
      all = MemoryType(name: name)?.attributeByte
    }
    let configuration = ScenarioConfiguration(
      name: "engine", policy: KVMPolicy(rawValue: settings.policy) ?? .none, fwb: settings.fwb,
      stage1ForAll: all, accessors: AccessorAssumption(rawValue: settings.accessors),
      clocks: .both, settings: settings.modelSettings)
    return try ReplayDriver(source, [configuration]).run().scenarios[0]
  }

  /// A source that ends early, and so does not know its totals.
  private final class FirstRecords: BlockSource {
    private let source: any BlockSource
    private var left: Int
    let context: TraceContext

    init(_ source: any BlockSource, _ count: Int) {
      self.source = source
      left = count
      context = source.context
      context.totals = nil
    }

    var progress: (consumed: UInt64, total: UInt64?) { source.progress }

    func next(into block: Block) throws(TraceError) -> Bool {
      guard left > 0, try source.next(into: block) else { return false }
      left -= Capture.prefix(block, left).count
      return true
    }
  }
}
