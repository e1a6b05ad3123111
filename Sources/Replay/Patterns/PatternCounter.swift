import Results
import TraceCore

/// Counts one pattern in a trace, block by block; remembers a few accesses of each vCPU.
///
/// Occurrences do not overlap: of two that would, the earlier one counts.
struct PatternCounter {
  /// A region and a vCPU, by their numbers in the tables.
  struct Key: Hashable {
    var region: Int
    var vcpu: Int
  }

  /// Occurrences that begin in one region on one vCPU.
  struct Row {
    var count: UInt64 = 0
    var firstRecord: UInt64
    var firstLine: UInt64?
  }

  let pattern: AccessPattern
  private let accessors: AccessorAssumption
  private let usesConfig: Bool
  private(set) var rows: [Key: Row] = [:]
  private var windows: [PatternWindow] = []

  init(_ pattern: AccessPattern, _ accessors: AccessorAssumption) {
    self.pattern = pattern
    self.accessors = accessors
    usesConfig = pattern.hasConfig
  }

  /// Accesses bring the barriers of Linux's accessors.
  private var assumesBarriers: Bool { accessors == .linuxWritel || accessors == .bursts }

  mutating func grow(vcpus: Int) {
    while windows.count < vcpus { windows.append(PatternWindow()) }
  }

  /// Takes every record of a block.
  ///
  /// - Parameters:
  ///   - block: The block.
  ///   - classes: Its classes.
  ///   - touches: Its config records, where the pattern has some.
  /// - Throws: ``TraceError`` where its source lines are damaged.
  mutating func consume(
    _ block: Block, _ classes: [PatternClass], _ touches: [ConfigTrail.Touch]
  ) throws(TraceError) {
    let scene = try BlockScene(block, needsCode: false, origins: [:])
    var record = block.firstRecord
    var config = 0
    for run in block.runTokens.indices {
      let entry = classes[Int(block.runTokens[run])]
      let count = Int(block.runCounts[run])
      switch entry.path {
      case .mmio: try mmio(entry, block.runAddresses[run], count, record, scene)
      case .ecam, .config:
        for offset in 0..<count {
          let touch = usesConfig ? touches[config + offset] : nil
          try configAccess(entry, touch, record + UInt64(offset), scene)
        }
        config += count
      case .barrier: windows[entry.vcpu].order(entry.barriers)
      case .hole: try forget(scene)
      case .other: break
      }
      record += UInt64(count)
    }
    try keepLines(block, scene)
  }

  /// Ends the trace.
  ///
  /// - Throws: Nothing in practice; lines of earlier blocks are kept.
  mutating func finish() throws(TraceError) {
    try forget(try BlockScene(nil, needsCode: false, origins: [:]))
  }

  private mutating func mmio(
    _ entry: PatternClass, _ address: UInt64, _ count: Int, _ record: UInt64, _ scene: BlockScene
  ) throws(TraceError) {
    let isWhole = entry.makesRuns && accessors != .linuxWritel
    let stores = isWhole ? count : 1
    for index in 0..<(isWhole ? 1 : count) {
      let start = address + UInt64(index * entry.size)
      let access = SeenAccess(
        entry: entry, function: entry.function, start: start,
        end: start + UInt64(stores * entry.size), stores: stores, record: record + UInt64(index))
      try take(access, mayContinue: isWhole, brings: assumesBarriers, scene)
    }
  }

  private mutating func configAccess(
    _ entry: PatternClass, _ touch: ConfigTrail.Touch?, _ record: UInt64, _ scene: BlockScene
  ) throws(TraceError) {
    let brings = assumesBarriers && entry.path == .ecam
    guard let touch else {
      if accessors == .bursts { windows[entry.vcpu].close() }
      if brings { windows[entry.vcpu].order(entry.isStore ? .beforeWrite : .afterRead) }
      return
    }
    let access = SeenAccess(
      entry: entry, function: touch.function, effect: touch.effect, start: touch.register,
      end: touch.register + UInt64(max(1, entry.size)), record: record)
    try take(access, mayContinue: false, brings: brings, scene)
  }

  /// Takes an access that follows the vCPU's last one, or continues it.
  private mutating func take(
    _ access: SeenAccess, mayContinue: Bool, brings: Bool, _ scene: BlockScene
  ) throws(TraceError) {
    let vcpu = access.entry.vcpu
    if mayContinue, windows[vcpu].extend(by: access) { return }
    try complete(vcpu, scene)
    if brings, access.entry.isStore { windows[vcpu].order(.beforeWrite) }
    windows[vcpu].append(access)
    if brings, !access.entry.isStore { windows[vcpu].order(.afterRead) }
  }

  private mutating func complete(_ vcpu: Int, _ scene: BlockScene) throws(TraceError) {
    guard let first = windows[vcpu].complete(pattern) else { return }
    let key = Key(region: first.entry.region, vcpu: vcpu)
    if rows[key] == nil {
      var line = first.line
      if line == nil { line = try scene.line(ofRecord: first.record) }
      rows[key] = Row(firstRecord: first.record, firstLine: line)
    }
    rows[key]?.count += 1
  }

  private mutating func forget(_ scene: BlockScene) throws(TraceError) {
    for vcpu in windows.indices {
      try complete(vcpu, scene)
      windows[vcpu].forget()
    }
  }

  /// Remembers the lines of accesses that may turn out to be the first of their row.
  private mutating func keepLines(_ block: Block, _ scene: BlockScene) throws(TraceError) {
    guard block.classes.contains(where: { $0.columns.contains(.line) }) else { return }
    let (first, known) = (pattern.steps[0], rows)
    for vcpu in windows.indices {
      try windows[vcpu].update { (access: inout SeenAccess) throws(TraceError) in
        guard access.line == nil, access.isLike(first),
          known[Key(region: access.entry.region, vcpu: vcpu)] == nil
        else { return }
        access.line = try scene.line(ofRecord: access.record)
      }
    }
  }
}
