public import Results
import TraceCore

/// What to do about one region, and why.
///
/// Judged by the first rule that applies, in the order of `VerdictJudge.verdict`. The thresholds are
/// ``Trend/thresholdTenths`` (a change below 1.1 times is none) and ``blockedPercent``.
public struct Verdict: Sendable, Equatable {
  /// The rule that decided.
  public enum Kind: String, Sendable, CaseIterable {
    /// Nothing but configuration accesses.
    case configOnly = "config-only"
    /// Accesses fault on Device and are legal under the second mapping.
    case needsNormalNC = "needs-normal-nc"
    /// Accesses fault under the second mapping.
    case faults
    /// No stores: write-combining changes stores only.
    case readsOnly = "reads-only"
    /// The first mapping gathers and the second does not; where the other way round the advice would
    /// not be to map it write-combining, it is that one's kind.
    case losesGathering = "loses-gathering"
    /// Stage 2 must stay Device for this region.
    case cannot
    /// Stage 1 is Device, for all or nearly all stores: the guest's driver did not ask for
    /// write-combining.
    case driverMapsDevice = "driver-maps-device"
    /// Device under this policy, for no reason of the region's own.
    case staysDevice = "stays-device"
    /// The same effective type, the same TLPs.
    case unchanged
    /// Fewer than ``Verdict/fewestStores``, or below ``Verdict/negligiblePerMille`` of the trace's
    /// store bytes: no base for an advice.
    case negligible
    /// Fewer TLPs or more goodput, but most bytes were overwritten before they left the CPU, or bytes
    /// of a register with side effects were.
    case overwrites
    /// Fewer TLPs or more goodput, but the BAR is not prefetchable and the driver did not ask for it: its registers
    /// may not bear merged writes.
    case notPrefetchable = "not-prefetchable"
    /// Fewer TLPs, and no less goodput.
    case mapWriteCombining = "map-wc"
    /// More goodput, but no fewer TLPs: nothing gathers.
    case ungathered
    /// One of TLPs and goodput got better, the other worse.
    case mixed
    /// One of them got worse, none better.
    case worse
    /// No change, and most lines left because of what the driver does between its stores.
    case blocked
    /// No change, or none that counts beside the region's loads.
    case noGain = "no-gain"
  }

  /// The Linux call that follows from the verdict.
  public enum Call: String, Sendable {
    case ioremapWC = "ioremap_wc()"
    case pgprotWriteCombine = "pgprot_writecombine()"
    /// None: the driver has made it.
    case stage2 = "Normal-NC at stage 2"
    case ioremap = "ioremap()"
    case none = ""
  }

  /// From this share of all flushes on, an obstacle counts as what blocks gathering.
  public static let blockedPercent: UInt64 = 50

  /// From this share of a region's stores on it counts as mapped Device.
  public static let mostlyPercent: UInt64 = 90

  /// A region with a smaller share of the trace's store bytes than this, in thousandths, is not
  /// worth a change, whatever it gains.
  public static let negligiblePerMille: UInt64 = 1

  /// Stores that a region has at least, to tell something of gathering: as many as fill eight lines
  /// of 64 bytes by 8.
  ///
  /// Where a burst begins and ends makes a line more or less. Of fewer than eight lines that is more
  /// than the change that counts, ``Trend/thresholdTenths``, and what a few stores at start-up gain
  /// is not worth a change.
  public static let fewestStores: UInt64 = 64

  /// Fewer TLPs are a gain only where they are so much of a region's TLPs, reads included, in
  /// percent: what waits for loads is not made better by what few stores leave as.
  public static let materialPercent: UInt64 = 1

  /// From this share of its store bytes on, overwritten ones count as what the gain is made of.
  public static let overwrittenPercent: UInt64 = 50

  /// A region's stores are too few for an advice.
  ///
  /// - Parameters:
  ///   - stores: The region's.
  ///   - bytes: Theirs.
  ///   - all: Bytes of all stores of the trace.
  /// - Returns: Whether they are.
  static func isNegligible(stores: UInt64, bytes: UInt64, of all: UInt64) -> Bool {
    stores < fewestStores
      || UInt128(bytes) * 1000 < UInt128(all) * UInt128(negligiblePerMille)
  }

  public var kind: Kind
  /// At most four words, for narrow places: `map WC`, or `would gain` where it is guessed what the
  /// region is.
  public var word: String
  /// One line: `map WC: 7.9x fewer TLPs, 2.6x faster`.
  public var text: String
  public var call: Call
  /// What to do, as a sentence without a full stop.
  public var action: String
  /// The reason: the largest flush cause with its share, a memory type, or a count.
  public var why: String
  /// Whether the BAR is prefetchable, on which the advice hangs, is not known.
  public var isConditional = false
}

extension Verdict {
  /// Judges one region of a comparison.
  ///
  /// - Parameters:
  ///   - before: The region under the first scenario.
  ///   - after: The region under the second scenario.
  ///   - scenario: The second scenario.
  ///   - findings: Findings that concern the region under the second scenario.
  ///   - earlier: The first scenario; the second one's policy and totals where it is not given.
  ///   - earlierFindings: Findings that concern the region under the first scenario.
  ///   - hasOwnSpeed: The change of the region's speed is that of its own accesses.
  public init(
    before: RegionResult, after: RegionResult, scenario: ScenarioResult, findings: [Finding] = [],
    earlier: ScenarioResult? = nil, earlierFindings: [Finding] = [], hasOwnSpeed: Bool = true
  ) {
    let judge = VerdictJudge(
      before: before, after: after, scenario: scenario, findings: findings,
      earlier: earlier ?? scenario, earlierFindings: earlierFindings, hasOwnSpeed: hasOwnSpeed)
    self = judge.verdict
  }
}

extension RegionResult {
  /// The type gathers; where accesses differ in type, that of some stores.
  var gathers: Bool {
    if effective == "device-gre" || effective.hasPrefix("normal") { return true }
    return !effective.hasPrefix("device") && metrics.gatheringStores > 0
  }
}
