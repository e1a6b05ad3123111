import ArmMemory
import Results

// How the CPU takes the answer: the one stage that looks at the memory type.

private let choice =
  "Arm RAS Extension, 2.2: IMPLEMENTATION DEFINED for each non-speculative access whether an External"
  + " abort is synchronous or an SError; Arm ARM DDI 0487 shared pseudocode, HandleExternalAbort"

/// Good answers make no exception, whatever the type.
struct NoException: ContainmentRule {
  let stage = ContainmentStage.exception
  let name = "none"
  let source = "Arm ARM DDI 0487 shared pseudocode, PhysMemRead and PhysMemWrite (no fault status)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    state.answer == .okay ? [Branch("no exception, under any memory type", state)] : nil
  }
}

/// An error of a read that no instruction waits for can only be an SError.
struct SpeculativeError: ContainmentRule {
  let stage = ContainmentStage.exception
  let reads: Set = ["speculative_abort"]
  let name = "speculative"
  let source =
    "platform.speculative_abort; Arm RAS Extension, 2.2: errors of speculative accesses are reported as"
    + " SError, if at all"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.access == .speculativeRead else { return nil }
    guard platform.speculativeAbort == .serror else {
      return [Branch("the error is dropped with the speculative read", state)]
    }
    return [Branch("SError, although no instruction read", state.with(\.exception, .serror))]
  }
}

/// A load.
struct LoadError: ContainmentRule {
  let stage = ContainmentStage.exception
  let reads: Set = ["device_load_abort", "normal_load_abort"]
  let name = "load"
  let source =
    "platform.device_load_abort, platform.normal_load_abort; " + choice
    + "; linux-arm-kernel 2023-10-13:"
    + " a Device load cannot be cancelled once issued, so that it cannot abort synchronously unless the"
    + " core issues one at a time; a Normal-NC load can"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.access == .read else { return nil }
    let what = failed.type.isDevice ? "Device" : "Normal"
    switch failed.type.isDevice ? platform.deviceLoadAbort : platform.normalLoadAbort {
    case .sync:
      return [
        Branch(
          "synchronous External abort of the \(what) load",
          state.with(\.exception, .synchronous))
      ]
    case .serror:
      return [Branch("SError for the \(what) load", state.with(\.exception, .serror))]
    }
  }
}

/// A line that is written back, at any time.
struct EvictionError: ContainmentRule {
  let stage = ContainmentStage.exception
  let name = "eviction"
  let source =
    "Arm ARM DDI 0487, B2.11: a cacheable store leaves when its line is evicted; " + choice

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.type.isCacheable else { return nil }
    // Nothing ties the eviction to the guest that stored.
    return [
      Branch(
        "SError when the line is written, whoever runs then",
        state.with(\.exception, .serror).with(\.errorClass, .uc))
    ]
  }
}

/// A store that waits for its endpoint.
struct StrictStoreError: ContainmentRule {
  let stage = ContainmentStage.exception
  let reads: Set = ["attachment", "strict_store_abort"]
  let name = "strict-store"
  let source =
    "platform.strict_store_abort; Arm ARM DDI 0487, B2.10.2.3 (nGnRnE: the acknowledgement is the"
    + " endpoint's); " + choice

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    // What PCIe acknowledges is the root complex's doing under any type.
    guard failed.type == .deviceNGnRnE, platform.attachment == .soc,
      platform.strictStoreAbort == .sync
    else { return nil }
    return [
      Branch(
        "synchronous External abort of the store, which waited",
        state.with(\.exception, .synchronous))
    ]
  }
}

/// Any other store: acknowledged early, so that no instruction is to blame.
struct StoreError: ContainmentRule {
  let stage = ContainmentStage.exception
  let reads: Set = ["store_abort"]
  let name = "store"
  let source =
    "platform.store_abort; Arm RAS Extension, 2.2: IMPLEMENTATION DEFINED for a write whether the error is"
    + " deferred, an External abort or an error recovery interrupt"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    switch platform.storeAbort {
    case .none: [Branch("the error response is dropped: the store was acknowledged", state)]
    case .interrupt: [Branch("an error recovery interrupt", state.with(\.exception, .interrupt))]
    case .serror: [Branch("SError for the store", state.with(\.exception, .serror))]
    }
  }
}
