/// How the machine around the CPUs is built, where the architecture leaves it open.
///
/// The defaults are the safe readings: what permits more outcomes.
public struct ExplorerOptions: Sendable, Equatable {
  /// What lies between the interconnect and the endpoint.
  public enum Fabric: String, Sendable, CaseIterable {
    /// Arrival at the peripheral is what Arm's rules order.
    case direct
    /// Transactions go on through PCIe, whose ordering table decides the rest.
    case pcie
  }

  /// Where an access counts as observed by all CPUs, and a DSB stops waiting for it.
  ///
  /// Which one a system has is not published; with `interconnect`, a config write that takes
  /// another way may reach the function before a completed Normal-NC write.
  public enum SerialisationPoint: String, Sendable, CaseIterable { case interconnect, rootComplex }

  /// Where Arm's arrival rules stop when the peripheral is behind PCIe.
  public enum ArrivalPoint: String, Sendable, CaseIterable { case rootComplex, endpoint }

  public var fabric: Fabric
  public var serialisationPoint: SerialisationPoint
  public var arrivalPoint: ArrivalPoint
  /// A block in which accesses may be gathered, in bytes; a power of two, 8 to 4096.
  public var lineBytes: Int
  /// Widest access to a Device type, in bytes; a power of two, 1 to 64.
  public var deviceBusBytes: Int
  /// The host turns config writes into posted ones (Intel VMD; some CPU-to-bridge hops).
  public var configWritesArePosted: Bool
  /// ECAM lies in the interconnect region of the BARs, so that Arm's arrival rules order the two.
  ///
  /// False: another peripheral (CMN HN-I address regions; Arm ARM DDI 0487, B2.10.2.2).
  public var configSharesRegion: Bool
  /// A dependency from a Normal-NC load orders arrivals too, as it does in practice.
  public var dependenciesOrderNormalLoads: Bool
  /// DMB and DSB order MMIO whatever domain they name, as the current model has it.
  ///
  /// False: MMIO is Outer Shareable, so that an Inner Shareable barrier does not order it.
  public var ignoresBarrierDomains: Bool
  /// FEAT_LSE2: unaligned acquire, release and exclusives inside 16 bytes do not fault.
  public var lse2: Bool
  /// Transitions that may be tried before giving up.
  public var budget: Int

  /// The safe readings.
  public init() {
    fabric = .direct
    serialisationPoint = .interconnect
    arrivalPoint = .rootComplex
    lineBytes = 64
    deviceBusBytes = 8
    configWritesArePosted = false
    configSharesRegion = false
    dependenciesOrderNormalLoads = false
    ignoresBarrierDomains = false
    lse2 = true
    budget = 5_000_000
  }
}
