import TraceCore

/// One thing that the counting engine did and that takes time: what the clocks are told.
///
/// Counts never depend on a clock, so the engine writes these down and any number of clocks, each
/// with latencies, credits and a link rate of its own, read them.
struct TimeStep: BitwiseCopyable {
  enum Kind: UInt8 {
    /// Stores into a gathering line.
    case store
    /// A memory write on the link.
    case write
    /// Equal stores that fill gathering lines one after the other, each of which leaves as one
    /// memory write.
    case lineRun
    /// Equal Device stores, each of which leaves as one memory write of one data credit.
    case deviceRun
    /// A Device store whose memory writes follow.
    case deviceStore
    /// A load whose read requests follow.
    case load
    /// Memory read requests and their completions.
    case read
    /// A config access.
    case config
    /// A DSB.
    case synchronize
    /// An event that takes no time and sends nothing, while lines of its vCPU are open: they leave
    /// later than it.
    case reach

    /// It is an access, or follows from one.
    @inline(__always)
    var isOfAccess: Bool { rawValue < Self.synchronize.rawValue }
  }

  struct Flags: OptionSet, BitwiseCopyable {
    let rawValue: UInt8

    /// Of a store: its line was opened for it.
    static let opens = Flags(rawValue: 1 << 0)
    /// Of Device accesses: nGnRnE.
    static let strict = Flags(rawValue: 1 << 1)
    /// Of a load or read: Device memory.
    static let device = Flags(rawValue: 1 << 2)
    /// Of a write: the last of a gathering line, which frees its buffer.
    static let endsLine = Flags(rawValue: 1 << 3)
    /// Of a write: the last of a Device store.
    static let endsDevice = Flags(rawValue: 1 << 4)
    /// Of a write: a single-copy store to Normal memory.
    static let endsSingle = Flags(rawValue: 1 << 5)
    /// Of a read: the last of its load.
    static let endsLoad = Flags(rawValue: 1 << 6)
    /// Of a write: it belongs to a Device store, and is ready when that was issued.
    static let ofDevice = Flags(rawValue: 1 << 7)
    /// Of a config access: a write, which carries data.
    static let configWrite = Flags(rawValue: 1 << 0)
  }

  var kind: Kind
  var flags: Flags = []
  var vcpu: UInt16 = 0
  var region: UInt32 = 0
  /// Place in its block of the record, of a run the first one, whose recorded time nothing precedes
  /// under the paced clock; ``noIndex`` for none.
  var index: UInt32 = noIndex
  /// Records of a run; of reads and config accesses wire bytes of the completions.
  var count: UInt32 = 1
  /// Wire bytes towards the device: of each write of a run, else of all requests.
  var bytes: UInt16 = 0
  /// Data credits: of a write, or of all completions of a read.
  var units: UInt16 = 0
  /// The buffer of stores and of a line's writes; the requests of reads.
  var slot: UInt8 = 0
  /// Of reads: completions; of a run of lines the stores of each.
  var completions: UInt8 = 0

  static let noIndex = UInt32.max

  init(_ kind: Kind) { self.kind = kind }
}

/// Steps on their way from the engine to the clocks.
struct StepLog: ~Copyable {
  /// From so many steps on they are handed over: what fits a first-level cache.
  static let chunk = 1024

  private(set) var count = 0
  private var steps = FixedBuffer(repeating: TimeStep(.store), count: 4 * chunk)

  subscript(index: Int) -> TimeStep {
    @inline(__always) get { steps[index] }
  }

  /// A run of a block may take any number of steps, so the log grows.
  @inline(__always)
  mutating func append(_ step: TimeStep) {
    if count == steps.count { grow() }
    steps[count] = step
    count &+= 1
  }

  @inline(never)
  private mutating func grow() { steps.grow(to: 2 * steps.count, repeating: TimeStep(.store)) }

  mutating func removeAll() { count = 0 }
}
