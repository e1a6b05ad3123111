/// Something that takes time, as the naive model hands it to ``NaiveClock``.
public struct NaiveStep: Equatable, Sendable {
  /// A memory write.
  public struct Posted: Equatable, Sendable {
    public var wireBytes: Int
    /// Units of 16 bytes.
    public var dataCredits: Int
  }

  /// A read or config access: what it sends towards the device, and what comes back.
  public struct NonPosted: Equatable, Sendable {
    public var requests = 0
    public var downBytes = 0
    public var upBytes = 0
    /// Units of 16 bytes of the requests: 1 of a config write.
    public var dataCredits = 0
    public var completions = 0
    /// Units of 16 bytes of the completions.
    public var completionCredits = 0
  }

  public enum Kind: Equatable, Sendable {
    /// A piece of a store to a gathering type; ST64B opens no line.
    case gather(opensLine: Bool)
    /// A piece of a store to another Device type; strict is nGnRnE.
    case devicePiece(isStrict: Bool)
    /// The memory writes of a flushed line, or of the piece just issued.
    case write([Posted], endsLine: Bool)
    /// A load with its bus reads.
    case load([NonPosted], isDevice: Bool)
    case config(NonPosted)
    /// A DSB.
    case synchronize
    /// An event begins: what follows from it comes no earlier.
    case event
  }

  public var kind: Kind
  public var vcpu: Int
  /// Name of the region that it counts for; empty for a DSB.
  public var region: String
  /// Clamped capture time in ns of the event that causes it; nil where the trace has ended.
  public var timeNs: UInt64?
}
