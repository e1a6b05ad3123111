import ArmMemory
import PCIeModel
import Profiles
import TestSupport
import Testing
import TraceCore

@Suite struct `Generated programs as blocks` {
  @Test(arguments: [nil, 1, 2, 3] as [UInt64?])
  func `the records come back one by one, wherever blocks are cut`(cutSeed: UInt64?) throws {
    for seed in 0..<100 as Range<UInt64> {
      let program = generateProgram(seed: seed)
      let source = program.source(cutSeed: cutSeed)
      #expect(try records(of: source) == program.events.map { normalised($0, program) })
      #expect(source.context.regions.regions.map(\.name) == program.regions.map(\.name))
      #expect(try times(of: program.source(cutSeed: cutSeed)) == stamps(program))
    }
  }

  @Test func `cuts make several blocks, and totals go with the context`() throws {
    let program = generateProgram(seed: 3)
    let source = program.source(cutSeed: 1, withTotals: true)
    #expect(source.progress.total ?? 0 > 1)
    #expect(source.context.totals?.records == UInt64(program.events.count))
    #expect(program.source(cutSeed: nil).progress.total == 1)
  }

  @Test func `settings keep every value on the way to the engine's`() {
    let settings = NaiveSettings().with {
      $0.buffers = 7
      $0.evict = "fifo"
      $0.lineBytes = 32
      $0.drainAfterNs = 60
      $0.ncLoad = "line"
      $0.split = "qword"
      $0.ecrc = true
      $0.generation = 6
      $0.maxPayload = 128
    }.modelSettings
    #expect(settings.cpu.buffers == 7)
    #expect(settings.cpu.eviction == .fifo)
    #expect(settings.cpu.lineBytes == 32)
    #expect(settings.cpu.drainAfterNs == 60)
    #expect(settings.cpu.ncLoad == .line)
    #expect(settings.rootComplex.split == .qword)
    #expect(settings.rootComplex.ecrc)
    #expect(settings.link.flit)
    #expect(settings.link.maxPayload == 128)
  }

  /// An event as its record tells it: operation, address, size, time, flags and so on in words.
  private func normalised(_ event: NaiveEvent, _ program: NaiveProgram) -> String {
    let isConfig = event.op.hasPrefix("config")
    let flags = [event.release, event.acquire, event.single64].map { $0 ? "1" : "0" }.joined()
    return words(
      event.op, isConfig ? event.register : event.address, event.size, event.vcpu, flags,
      event.barrier, event.attribute, program.regionIndex(of: event), event.function, event.text,
      event.value)
  }

  /// Time stamps; records without one repeat the record before.
  private func stamps(_ program: NaiveProgram) -> [UInt64] {
    var last: UInt64 = 0
    return program.events.map { event in
      last = event.time ?? last
      return last
    }
  }

  private func times(of source: ArrayBlockSource) throws -> [UInt64] {
    var found: [UInt64] = []
    let block = Block()
    while try source.next(into: block) { found += block.times }
    return found
  }

  private func records(of source: ArrayBlockSource) throws -> [String] {
    var found: [String] = []
    let block = Block()
    var next: UInt64 = 0
    while try source.next(into: block) {
      #expect(block.firstRecord == next)
      #expect(block.times.count == block.count)
      found += records(of: block, source.context)
      next += UInt64(block.count)
    }
    return found
  }

  private func records(of block: Block, _ context: TraceContext) -> [String] {
    var found: [String] = []
    var values = block.values[...]
    var configValues = block.configValues[...]
    for run in 0..<block.runs {
      let entry = block.classes[Int(block.runTokens[run])]
      for index in 0..<UInt64(block.runCounts[run]) {
        var value: [UInt8]?
        if entry.columns.contains(.configValue) {
          value = Array(configValues.prefix(Int(entry.size)))
          configValues = configValues.dropFirst(Int(entry.size))
        } else if entry.columns.contains(.value) {
          value = Array(values.prefix(Int(entry.size)))
          values = values.dropFirst(Int(entry.size))
        }
        let step = entry.operation.isAccess ? index * UInt64(entry.size) : 0
        found.append(record(entry, block.runAddresses[run] + step, value, context))
      }
    }
    return found
  }

  private func record(
    _ entry: RecordClass, _ address: UInt64, _ value: [UInt8]?, _ context: TraceContext
  ) -> String {
    let flags = [AccessFlags.release, .acquire, .single64]
    return words(
      entry.operation.name, address, Int(entry.size), Int(entry.vcpu),
      flags.map { entry.flags.contains($0) ? "1" : "0" }.joined(), entry.barrier?.name ?? "",
      entry.attribute, entry.region?.index, entry.function?.description ?? "",
      entry.text.map { context.strings[Int($0)] } ?? "", value)
  }

  private func words(_ parts: Any?...) -> String {
    parts.map { part in part.map { "\($0)" } ?? "-" }.joined(separator: " ")
  }
}
