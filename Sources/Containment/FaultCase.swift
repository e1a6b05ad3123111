public import ArmMemory

/// How a device fails an access.
public enum FaultKind: String, Sendable, CaseIterable {
  case unsupportedRequest = "ur"
  case completerAbort = "ca"
  case completionTimeout = "timeout"
  case poisoned
  /// The link is down, surprisingly.
  case linkDown = "link-down"
  /// An error response of a bus slave.
  case slaveError = "slave-error"
}

/// What the CPU wanted.
public enum AccessKind: String, Sendable, CaseIterable {
  case read
  /// A read that no instruction asked for in the end.
  case speculativeRead = "speculative-read"
  case write
}

/// One failed access.
public struct FaultCase: Sendable, Equatable {
  public var fault: FaultKind
  public var access: AccessKind
  /// Effective, of both stages.
  public var type: MemoryType

  public init(_ fault: FaultKind, _ access: AccessKind, _ type: MemoryType) {
    self.fault = fault
    self.access = access
    self.type = type
  }

  /// Why there is no such failed access on a platform; nil where there is.
  public func impossible(on platform: Platform) -> String? {
    if access == .speculativeRead, type.isDevice {
      return "Device memory is not read speculatively"
    }
    if (fault == .slaveError) != (platform.attachment == .soc) {
      return fault == .slaveError
        ? "a PCIe device has no bus response" : "a device of the SoC sends no completions"
    }
    if fault == .completionTimeout, access == .write {
      return "a posted write has no completion that could be late"
    }
    return nil
  }
}
