import TraceCore
import TraceIO

/// Generated traffic that looks like a driver's: the same records for the same count.
enum Workload {
  enum Mix {
    /// Streaming copies of 1 to 16 lines by 8-byte stores, each closed by a barrier and a doorbell;
    /// 10 % of them misaligned; 10 % register bursts closed by a read; four vCPUs taking turns.
    case bursts
    /// Register traffic: every store stands behind a barrier, one in four records is a read.
    case registers
  }

  /// SplitMix64: small, seeded, the same everywhere.
  struct Generator {
    var state: UInt64 = 0x6d6d_696f
    mutating func next(below bound: UInt64) -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var value = state
      value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
      value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
      return (value ^ value >> 31) % bound
    }
  }

  static let frameBuffer: UInt64 = 0x80_0000_0000
  static let registers: UInt64 = 0x81_0000_0000

  private static func context() -> TraceContext {
    let context = TraceContext(name: "bench", format: "generated")
    let function = PCIFunction(bus: 1, device: 0, function: 0)
    context.regions.add(
      Region(
        name: "bar 2", base: frameBuffer, size: 1 << 28, function: function, bar: 2,
        prefetchable: true, origin: .capture))
    context.regions.add(
      Region(
        name: "bar 0", base: registers, size: 1 << 16, function: function, bar: 0,
        stage1: 0x04, origin: .capture))
    return context
  }

  /// Writes a native trace of a mix.
  static func writeNative(_ mix: Mix, records: Int, path: String) throws {
    let output = try OutputFile(path: path)
    let writer = try NativeTraceWriter(to: output, context: context())
    let block = Block()
    let builder = BlockBuilder(block)
    var written = 0
    var generator = Generator()
    var time: UInt64 = 0
    while written < records {
      builder.reset(firstRecord: UInt64(written))
      builder.withAppender { appender in
        while !appender.isFull, written + appender.count < records {
          step(mix, records - written - appender.count, &appender, &generator, &time)
        }
      }
      written += block.count
      try writer.write(block)
    }
    try writer.finish()
    try output.commit()
  }

  private static func step(
    _ mix: Mix, _ room: Int, _ appender: inout BlockAppender, _ generator: inout Generator,
    _ time: inout UInt64
  ) {
    let vcpu = UInt16(generator.next(below: 4))
    switch mix {
    case .bursts: burst(vcpu, room, &appender, &generator, &time)
    case .registers: registerAccess(vcpu, room, &appender, &generator, &time)
    }
  }

  private static let copy = RegionID(rawValue: 0)
  private static let doorbell = RegionID(rawValue: 1)

  private static func burst(
    _ vcpu: UInt16, _ room: Int, _ appender: inout BlockAppender, _ generator: inout Generator,
    _ time: inout UInt64
  ) {
    // The end of the trace, where nothing longer fits.
    guard room >= 8 else { return store(vcpu, doorbell, 4, registers + 0x40, &appender, &time) }
    if generator.next(below: 10) == 0 {
      for _ in 0..<4 { store(vcpu, doorbell, 4, registers + 0x40, &appender, &time) }
      load(vcpu, registers + 0x80, &appender, &time)
      return
    }
    let lines = 1 + generator.next(below: 16)
    var address = frameBuffer + generator.next(below: 1 << 21) * 64
    if generator.next(below: 10) == 0 { address += 8 * (1 + generator.next(below: 7)) }
    // There is room for sixteen records once the appender is full; a copy is cut there.
    for _ in 0..<min(Int(lines * 8), room - 2) {
      store(vcpu, copy, 8, address, &appender, &time)
      address += 8
      if appender.isFull { break }
    }
    barrier(vcpu, &appender, &time)
    store(vcpu, doorbell, 4, registers + 0x1000, &appender, &time)
  }

  private static func registerAccess(
    _ vcpu: UInt16, _ room: Int, _ appender: inout BlockAppender, _ generator: inout Generator,
    _ time: inout UInt64
  ) {
    let address = frameBuffer + generator.next(below: 1024) * 8
    if generator.next(below: 4) == 0 || room < 2 {
      appender.append(
        RecordClass(.load, size: 4, vcpu: vcpu, region: copy), address: address, time: time)
      time += 100
    } else {
      barrier(vcpu, &appender, &time)
      store(vcpu, copy, 4, address, &appender, &time)
    }
  }

  private static func store(
    _ vcpu: UInt16, _ region: RegionID, _ size: UInt8, _ address: UInt64,
    _ appender: inout BlockAppender, _ time: inout UInt64
  ) {
    appender.append(
      RecordClass(.store, size: size, vcpu: vcpu, region: region), address: address, time: time)
    time += 5
  }

  private static func load(
    _ vcpu: UInt16, _ address: UInt64, _ appender: inout BlockAppender, _ time: inout UInt64
  ) {
    appender.append(
      RecordClass(.load, size: 4, vcpu: vcpu, region: doorbell), address: address, time: time)
    time += 900
  }

  private static func barrier(_ vcpu: UInt16, _ appender: inout BlockAppender, _ time: inout UInt64)
  {
    appender.append(
      RecordClass(.barrier, vcpu: vcpu, barrier: Barrier(.dmbST, .outerShareable)), time: time)
    time += 2
  }
}
