public import ArmMemory
public import TraceCore

/// A short sequence of accesses of one vCPU, to be counted in a trace.
///
/// Where it occurs, the vCPU's next accesses are of the same direction, kind (plain, release,
/// acquire, single-copy 64 bytes), memory type and alignment (to their size, or not); those of one peripheral go to one function (to
/// one region where the function is not known), and share bytes exactly where the pattern's do.
/// Between neighbours stand barriers at least as strong as the pattern's; two accesses that the
/// pattern's barriers leave unordered are unordered in the trace.
///
/// A contiguous run of equal plain stores without a barrier is one access, in the pattern and in
/// the trace; the trace's must have at least as many stores. Sizes and values do not matter.
public struct AccessPattern: Sendable, Equatable {
  /// What a config write does.
  public enum ConfigEffect: Sendable, Equatable {
    case none
    /// Resets the function itself.
    case reset
    case memoryDisable, memoryEnable
  }

  /// What is accessed.
  public enum Target: Sendable, Equatable {
    case mmio(MemoryType)
    /// Config space, through an ECAM window or as a record of its own.
    case config(ConfigEffect)
  }

  /// One access, or several that are a run.
  public struct Step: Sendable, Equatable {
    public var isStore: Bool
    public var flags: AccessFlags
    public var target: Target
    /// Accesses of one number go to one peripheral.
    public var peripheral: Int
    /// The peripheral's function: peripherals of one number belong to one; nil for one that
    /// shares its function with no other.
    public var function: Int?
    /// First byte, in the peripheral's own space.
    public var start: UInt64
    /// Bytes of an access.
    public var size: Int
    /// Between the step before and this one; not looked at in the first.
    public var barriers: BarrierSet
    /// The address is a multiple of the size, or of what the instruction needs.
    public var isAligned: Bool
    /// Stores of a run.
    public internal(set) var stores = 1

    /// - Parameters:
    ///   - isStore: Direction.
    ///   - flags: Release, acquire, single-copy 64 bytes.
    ///   - target: MMIO of a type, or config space.
    ///   - peripheral: Number of the peripheral.
    ///   - function: Number of its function.
    ///   - start: First byte.
    ///   - size: Bytes, 1 or more.
    ///   - barriers: Barriers since the step before.
    ///   - isAligned: The address is as the size asks for.
    public init(
      isStore: Bool, flags: AccessFlags = [], target: Target, peripheral: Int = 0,
      function: Int? = nil, start: UInt64, size: Int, barriers: BarrierSet = [],
      isAligned: Bool = true
    ) {
      self.isStore = isStore
      self.flags = flags
      self.target = target
      self.peripheral = peripheral
      self.function = function
      self.start = start
      self.size = size
      self.barriers = barriers
      self.isAligned = isAligned
    }

    var isConfig: Bool { if case .config = target { true } else { false } }
    fileprivate var end: UInt64 { start &+ UInt64(size * stores) }

    fileprivate func isContinued(by next: Step) -> Bool {
      guard isStore, next.isStore, !isConfig, flags.isEmpty, next.flags.isEmpty else {
        return false
      }
      return target == next.target && peripheral == next.peripheral && size == next.size
        && end == next.start && next.barriers.isEmpty
    }
  }

  /// Where two accesses go.
  enum Relation: Sendable, Equatable {
    case samePeripheral(sharesBytes: Bool)
    /// Two peripherals of one function.
    case sameFunction
    case apart
  }

  struct Pair: Sendable, Equatable {
    var first: Int
    var second: Int
    var relation: Relation
    var isOrdered: Bool
  }

  public let name: String
  /// Runs are one step.
  public let steps: [Step]
  /// Barriers order MMIO whatever domain they name.
  public let ignoresDomains: Bool
  let pairs: [Pair]

  /// - Parameters:
  ///   - name: As the counts are to name it.
  ///   - accesses: One or more, in program order; neighbours that are a run are joined here.
  ///   - ignoresDomains: Barriers order MMIO whatever domain they name.
  /// - Precondition: there is an access.
  public init(name: String, _ accesses: [Step], ignoresDomains: Bool = false) {
    precondition(!accesses.isEmpty, "a pattern has an access")
    self.name = name
    self.ignoresDomains = ignoresDomains
    steps = accesses.reduce(into: []) { steps, next in
      if let last = steps.indices.last, steps[last].isContinued(by: next) {
        steps[last].stores += next.stores
      } else {
        steps.append(next)
      }
    }
    pairs = Self.pairs(of: steps, ignoresDomains)
  }

  /// It has a config access, so that the trace's are looked at.
  var hasConfig: Bool { steps.contains(where: \.isConfig) }

  private static func pairs(of steps: [Step], _ ignoresDomains: Bool) -> [Pair] {
    steps.indices.flatMap { first in
      var barriers: BarrierSet = []
      return (first + 1..<steps.count).map { second in
        barriers.formUnion(steps[second].barriers)
        return Pair(
          first: first, second: second, relation: relation(steps[first], steps[second]),
          isOrdered: barriers.orders(
            store: steps[first].isStore, store: steps[second].isStore,
            ignoresDomains: ignoresDomains))
      }
    }
  }

  private static func relation(_ first: Step, _ second: Step) -> Relation {
    if first.peripheral == second.peripheral {
      return .samePeripheral(sharesBytes: first.start < second.end && second.start < first.end)
    }
    return first.function != nil && first.function == second.function ? .sameFunction : .apart
  }

  /// `store normal-nc, barrier, store device-ngnre`.
  public var summary: String {
    var words: [String] = []
    for (index, step) in steps.enumerated() {
      if index > 0, !step.barriers.isEmpty { words.append("barrier") }
      words.append(step.summary)
    }
    return words.joined(separator: ", ")
  }
}

extension AccessPattern.Step {
  fileprivate var summary: String {
    let verb = isStore ? "store" : "load"
    var text =
      flags.contains(.release)
      ? "store-release" : flags.contains(.acquire) ? "load-acquire" : verb
    if flags.contains(.single64) { text = "single-copy 64-byte " + text }
    if !isAligned { text = "unaligned " + text }
    if stores > 1 { text = "run of \(stores) " + (isAligned ? "stores" : "unaligned stores") }
    switch target {
    case .mmio(let type): return text + " " + type.name
    case .config(.none): return "config " + (isStore ? "write" : "read")
    case .config(.reset): return "config write that resets"
    case .config(.memoryDisable): return "config write that clears Memory Space Enable"
    case .config(.memoryEnable): return "config write that sets Memory Space Enable"
    }
  }
}
