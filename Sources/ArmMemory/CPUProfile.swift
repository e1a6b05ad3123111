/// What the replay must know of a CPU's store path.
///
/// Values come from a profile, never from code.
public struct CPUProfile: Sendable, Hashable {
  /// Which open line makes room for a new one.
  public enum Eviction: String, Sendable, CaseIterable { case lru, fifo }
  /// Bytes that a Normal-NC load asks for: the DWs it touches, or its whole lines.
  public enum LoadWidth: String, Sendable, CaseIterable { case access, line }

  /// Lines that can gather at once, per vCPU; 1 to 64.
  public var buffers: Int
  public var eviction: Eviction
  /// Bytes of a gathering line: 16, 32, 64 or 128.
  public var lineBytes: Int
  /// Opening a line flushes every other open line.
  public var singleStream: Bool
  /// Any load flushes all open lines.
  public var loadBreaksGather: Bool
  /// A Device-type access flushes all open lines (x86: UC drains WC).
  public var deviceDrainsNC: Bool
  /// Widest bus access to a Device type, in bytes; a power of two up to 64.
  public var deviceBusBytes: Int
  /// A line open for longer than this many ns leaves; nil = never.
  public var drainAfterNs: UInt64?
  /// Time between two pieces that a vCPU issues, in ps.
  public var storeIssuePs: UInt64
  /// nGnRE and nGRE writes without acknowledgement, per vCPU; at least 1.
  public var deviceWritesInFlight: Int
  /// From a write's acceptance by the root complex to its acknowledgement, in ps.
  public var deviceAckPs: UInt64
  /// Loads without data, per vCPU: Device types and Normal types; at least 1.
  public var deviceLoadsInFlight: Int
  public var normalLoadsInFlight: Int
  public var ncLoad: LoadWidth
  /// A config access that traps to the hypervisor flushes all open lines.
  public var trapDrains: Bool
  /// The stage-2 unmap before a VFIO reset drains the gathering lines of every vCPU.
  public var zapDrains = true
  /// FEAT_LSE2: an unaligned load-acquire or store-release inside 16 aligned bytes is legal.
  public var lse2: Bool

  public init(
    buffers: Int, eviction: Eviction, lineBytes: Int, singleStream: Bool, loadBreaksGather: Bool,
    deviceDrainsNC: Bool, deviceBusBytes: Int, drainAfterNs: UInt64?, storeIssuePs: UInt64,
    deviceWritesInFlight: Int, deviceAckPs: UInt64, deviceLoadsInFlight: Int,
    normalLoadsInFlight: Int, ncLoad: LoadWidth, trapDrains: Bool, lse2: Bool
  ) {
    self.buffers = buffers
    self.eviction = eviction
    self.lineBytes = lineBytes
    self.singleStream = singleStream
    self.loadBreaksGather = loadBreaksGather
    self.deviceDrainsNC = deviceDrainsNC
    self.deviceBusBytes = deviceBusBytes
    self.drainAfterNs = drainAfterNs
    self.storeIssuePs = storeIssuePs
    self.deviceWritesInFlight = deviceWritesInFlight
    self.deviceAckPs = deviceAckPs
    self.deviceLoadsInFlight = deviceLoadsInFlight
    self.normalLoadsInFlight = normalLoadsInFlight
    self.ncLoad = ncLoad
    self.trapDrains = trapDrains
    self.lse2 = lse2
  }
}
