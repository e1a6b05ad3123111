/// A TLP that a scenario puts on the link, and where it comes from.
public struct Packet: Sendable, Equatable {
  /// Which way it goes: towards the device, or from it.
  public enum Direction: String, Sendable { case down, up }

  /// What it is a part of, or the answer to.
  public enum Origin: String, Sendable {
    /// A gathered line.
    case line
    /// A bus access of a store to memory that does not gather.
    case piece
    /// A single-copy 64-byte store.
    case single = "st64b"
    case load
    case config
  }

  /// Where a request goes.
  public enum Target: Sendable, Equatable {
    /// By the byte address of its first DW.
    case address(UInt64)
    /// To a register's DW of a function, which is nil where the capture does not tell it.
    case config(function: String?, register: Int)
    /// To the requester of an earlier one.
    case completion(of: UInt64)
  }

  /// First and Last DW BE, bit 0 the lowest address.
  public struct Enables: Sendable, Equatable {
    public var first: UInt8
    public var last: UInt8

    public init(first: UInt8, last: UInt8) {
      self.first = first
      self.last = last
    }
  }

  /// When it is on the link, in ps from the trace's first record.
  public struct Transmission: Sendable, Equatable {
    public var startPs: UInt64
    public var endPs: UInt64
    /// Since when and until when the CPU holds the line or bus access that it is of.
    ///
    /// A line from its first store until its last TLP starts, a store to memory that does not gather
    /// from its issue until it is acknowledged, a load and a config access until all of it is answered.
    public var heldPs: Range<UInt64>

    public init(startPs: UInt64, endPs: UInt64, heldPs: Range<UInt64>) {
      self.startPs = startPs
      self.endPs = endPs
      self.heldPs = heldPs
    }
  }

  /// Place among all TLPs of the scenario, both directions, from 0.
  public var number: UInt64
  public var direction: Direction
  /// Number of the line, bus access of a store, load or config access that it is of, from 0: its
  /// other TLPs, which are next to it, and their answers have the same.
  public var access: UInt64
  /// The specification's name: `MWr64`, `CplD`, ...
  public var type: String
  public var target: Target
  /// The Length field.
  public var dwords: Int
  /// nil of completions, which have none.
  public var enables: Enables?
  /// Bytes carried or asked for, disabled ones left out.
  public var payloadBytes: Int
  /// Bytes that it is on the link.
  public var wireBytes: Int
  /// Name of the region; of a line that of the store that opened it.
  public var region: String
  public var vcpu: UInt16
  public var origin: Origin
  /// Why its line left; nil of what was in none.
  public var cause: FlushCause?
  /// The record at which its line left; nil of what was in none, and at the end of the trace.
  public var leftAt: UInt64?
  /// The records whose bytes it carries, or that ask for it: ascending, as runs.
  public var records: [ClosedRange<UInt64>]
  /// nil where the clock is not run.
  public var saturated: Transmission?
  public var paced: Transmission?

  public init(
    number: UInt64, direction: Direction, access: UInt64 = 0, type: String, target: Target,
    dwords: Int, enables: Enables?, payloadBytes: Int, wireBytes: Int, region: String,
    vcpu: UInt16, origin: Origin, cause: FlushCause?, leftAt: UInt64?,
    records: [ClosedRange<UInt64>]
  ) {
    self.number = number
    self.direction = direction
    self.access = access
    self.type = type
    self.target = target
    self.dwords = dwords
    self.enables = enables
    self.payloadBytes = payloadBytes
    self.wireBytes = wireBytes
    self.region = region
    self.vcpu = vcpu
    self.origin = origin
    self.cause = cause
    self.leftAt = leftAt
    self.records = records
  }
}
