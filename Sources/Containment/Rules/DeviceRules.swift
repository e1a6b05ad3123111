import Results

// What the device does, and which error message it makes.

/// A read answered with status UR or CA.
struct DeviceStatus: ContainmentRule {
  let stage = ContainmentStage.device
  let name = "status"
  let source =
    "PCI Express Base Specification 5.0, 2.3.1 and 6.2.3.2.4.1 (a completer that answers a"
    + " non-posted request with UR or CA has an advisory non-fatal error)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.access != .write,
      failed.fault == .unsupportedRequest || failed.fault == .completerAbort
    else { return nil }
    let status = failed.fault == .unsupportedRequest ? "UR" : "CA"
    return [
      Branch(
        "completion with status \(status); an advisory error, ERR_COR",
        state.with(\.message, .correctable))
    ]
  }
}

/// A posted write refused: nobody waits for an answer.
struct DevicePosted: ContainmentRule {
  let stage = ContainmentStage.device
  let name = "posted"
  let source =
    "PCI Express Base Specification 5.0, 2.3.1 and 6.2.3.2.4 (a posted request that fails is an"
    + " uncorrectable error, by default non-fatal)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.access == .write,
      [.unsupportedRequest, .completerAbort, .poisoned].contains(failed.fault)
    else { return nil }
    return [
      Branch(
        "the posted write is dropped without an answer; ERR_NONFATAL",
        state.with(\.message, .nonfatal))
    ]
  }
}

/// No completion comes.
struct DeviceSilent: ContainmentRule {
  let stage = ContainmentStage.device
  let reads: Set = ["completion_timeout_us"]
  let name = "silent"
  let source =
    "PCI Express Base Specification 5.0, 2.8 and 7.5.3.16 (completion timeout, by default non-fatal,"
    + " logged by the requester)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.fault == .completionTimeout else { return nil }
    return [
      Branch(
        "no completion; the root port gives up after \(platform.completionTimeoutUs) us and logs a"
          + " non-fatal error", state.with(\.message, .nonfatal))
    ]
  }
}

/// A completion that says its data is bad.
struct DevicePoison: ContainmentRule {
  let stage = ContainmentStage.device
  let name = "poison"
  let source = "PCI Express Base Specification 5.0, 2.7.2 and 6.2.3.2.4.3 (poisoned TLP received)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.fault == .poisoned, failed.access != .write else { return nil }
    return [
      Branch(
        "completion with EP set; the root port logs a non-fatal error",
        state.with(\.message, .nonfatal))
    ]
  }
}

/// The link went down under the access.
struct DeviceGone: ContainmentRule {
  let stage = ContainmentStage.device
  let name = "gone"
  let source =
    "PCI Express Base Specification 5.0, 2.9.1 (DL_Down: requests are discarded, non-posted ones"
    + " answered with UR by the port) and 7.8.4.2 (Surprise Down, by default fatal)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.fault == .linkDown else { return nil }
    return [
      Branch(
        "the link is down: the port answers for the device; Surprise Down, fatal",
        state.reaching(.deviceLost).with(\.message, .fatal))
    ]
  }
}

/// A bus slave that says no.
struct DeviceBusError: ContainmentRule {
  let stage = ContainmentStage.device
  let name = "bus-error"
  let source = "AMBA AXI and ACE Protocol Specification, A3.4.4 (SLVERR, DECERR)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    [Branch("the device answers with an error response", state)]
  }
}
