/// How a machine treats accesses that a device fails: root complex, CPU, firmware.
///
/// Each field is one row of the table of platform keys, where sources and ranges are.
public struct Platform: Sendable, Equatable {
  /// What the device hangs on.
  public enum Attachment: String, Sendable, CaseIterable {
    case pcie
    /// A bus slave of the SoC: answers the CPU itself.
    case soc
  }

  /// What the CPU gets for a read without good data.
  public enum ReadAnswer: String, Sendable, CaseIterable {
    case allOnes = "all-ones"
    case zeros
    case slaveError = "slave-error"
  }

  /// What the CPU gets for a completion whose data is poisoned.
  public enum PoisonAnswer: String, Sendable, CaseIterable {
    /// The data goes on, marked.
    case poison
    /// The data goes on, the mark is lost.
    case data
    case slaveError = "slave-error"
  }

  /// What the CPU gets for a write that cannot be delivered.
  public enum WriteAnswer: String, Sendable, CaseIterable {
    case drop
    case slaveError = "slave-error"
  }

  /// Who handles PCIe error messages.
  public enum ErrorReporting: String, Sendable, CaseIterable { case none, native, firmware }

  /// Which error messages trigger Downstream Port Containment.
  public enum PortContainment: String, Sendable, CaseIterable { case none, fatal, nonfatal }

  /// From which severity on firmware reports an error as fatal.
  public enum FirmwareLimit: String, Sendable, CaseIterable { case never, fatal, nonfatal }

  /// Who takes external aborts and SErrors (SCR_EL3.EA).
  public enum AbortRouting: String, Sendable, CaseIterable { case kernel, firmware }

  /// How an External abort of a load is taken.
  public enum LoadAbort: String, Sendable, CaseIterable { case sync, serror }

  /// What becomes of a bus error on a read that no instruction asked for.
  public enum SpeculativeAbort: String, Sendable, CaseIterable { case none, serror }

  /// How a bus error of a store is reported.
  public enum StoreAbort: String, Sendable, CaseIterable { case none, interrupt, serror }

  /// What a CPU is in when an SError is taken.
  public enum Context: String, Sendable, CaseIterable {
    /// The guest runs, or is just being left.
    case guest
    case host
  }

  public var attachment = Attachment.pcie
  public var failedRead = ReadAnswer.allOnes
  public var timedOutRead = ReadAnswer.allOnes
  public var poisonedRead = PoisonAnswer.data
  public var failedWrite = WriteAnswer.drop
  public var completionTimeoutUs = 50_000
  public var errorReporting = ErrorReporting.none
  public var portContainment = PortContainment.none
  public var firmwarePanics = FirmwareLimit.never
  public var externalAborts = AbortRouting.kernel
  public var deviceLoadAbort = LoadAbort.serror
  public var normalLoadAbort = LoadAbort.sync
  public var speculativeAbort = SpeculativeAbort.none
  public var storeAbort = StoreAbort.serror
  /// Of Device-nGnRnE, whose acknowledgement is the endpoint's.
  public var strictStoreAbort = LoadAbort.serror
  /// The CPU has the RAS extension.
  public var ras = false
  /// The class of an uncorrected error where it is not reported as a worse one.
  public var errorClass = ErrorClass.uc
  public var serrorTaken = Context.host

  public init() {}

  /// Some failed access makes a bus error, so that the CPU hears of it.
  public var answersWithErrors: Bool {
    attachment == .soc || failedRead == .slaveError || timedOutRead == .slaveError
      || poisonedRead == .slaveError || failedWrite == .slaveError
      || (poisonedRead == .poison && ras)
  }
}

/// Classes of uncorrected errors of the RAS extension; a later case is worse.
public enum ErrorClass: String, Sendable, CaseIterable, Comparable {
  /// Restartable.
  case ueo
  /// Recoverable.
  case uer
  /// Unrecoverable.
  case ueu
  /// Uncontainable.
  case uc

  public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  public var name: String {
    switch self {
    case .ueo: "restartable (UEO)"
    case .uer: "recoverable (UER)"
    case .ueu: "unrecoverable (UEU)"
    case .uc: "uncontainable (UC)"
    }
  }
}
