import Results

// What the CPU's side of the root complex, or the bus, answers.

extension ChainState {
  /// The state after an answer to a read.
  fileprivate func answered(_ answer: Platform.ReadAnswer) -> Branch {
    switch answer {
    case .allOnes: Branch("the CPU reads all ones, without an error", self)
    case .zeros: Branch("the CPU reads zeros, without an error", self)
    case .slaveError:
      Branch(
        "the root complex answers the CPU with a slave error", with(\.answer, .slaveError))
    }
  }
}

/// Of a device of the SoC the error is the answer.
struct AnswerBus: ContainmentRule {
  let stage = ContainmentStage.answer
  let name = "bus"
  let source = "AMBA AXI and ACE Protocol Specification, A3.4.4"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.fault == .slaveError else { return nil }
    return [
      Branch("the interconnect carries the error to the CPU", state.with(\.answer, .slaveError))
    ]
  }
}

/// Poisoned data.
struct AnswerPoison: ContainmentRule {
  let stage = ContainmentStage.answer
  let reads: Set = ["poisoned_read", "ras"]
  let name = "poisoned-read"
  let source =
    "platform.poisoned_read; Arm RAS Extension, 2.2 (an error may be deferred to the consumer)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.fault == .poisoned, failed.access != .write else { return nil }
    switch platform.poisonedRead {
    case .data: return [Branch("the CPU gets the bad data, without an error", state)]
    case .poison where !platform.ras:
      return [Branch("the mark is lost: a CPU without the RAS extension gets bad data", state)]
    case .poison:
      return [Branch("the CPU gets the data marked as poisoned", state.with(\.answer, .poison))]
    case .slaveError: return [state.answered(.slaveError)]
    }
  }
}

/// A completion timeout.
struct AnswerTimeout: ContainmentRule {
  let stage = ContainmentStage.answer
  let reads: Set = ["timed_out_read"]
  let name = "timed-out-read"
  let source =
    "platform.timed_out_read; AMD PG194: SLVERR from the bridge, zeros from the DMA variant; AMD PG344:"
    + " OKAY with all ones"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.fault == .completionTimeout else { return nil }
    return [state.answered(platform.timedOutRead)]
  }
}

/// A read that the link's end caught: one that waits is answered by the port, one that was sent is
/// waited for.
struct AnswerLinkDown: ContainmentRule {
  let stage = ContainmentStage.answer
  let reads: Set = ["failed_read", "timed_out_read"]
  let name = "link-down-read"
  let source =
    "platform.failed_read, platform.timed_out_read; PCI Express Base Specification 5.0, 2.9.1: a port"
    + " whose link is down ends requests as unsupported; what was sent gets no completion (2.8)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.fault == .linkDown, failed.access != .write,
      platform.failedRead != platform.timedOutRead
    else { return nil }
    return [("not yet sent", platform.failedRead), ("sent before", platform.timedOutRead)].map {
      let answer = state.answered($1)
      return Branch("\($0): " + answer.text, answer.state)
    }
  }
}

/// Any other failed read.
struct AnswerRead: ContainmentRule {
  let stage = ContainmentStage.answer
  let reads: Set = ["failed_read"]
  let name = "failed-read"
  let source =
    "platform.failed_read; linux-arm-kernel 2023-10-13 and 2023-12-05 (\"the bridge does not generate"
    + " errors\", replies to the KVM Normal-NC series): PCIe is safe because of that"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    failed.access == .write ? nil : [state.answered(platform.failedRead)]
  }
}

/// A posted write that was lost.
struct AnswerWrite: ContainmentRule {
  let stage = ContainmentStage.answer
  let reads: Set = ["failed_write"]
  let name = "failed-write"
  let source =
    "platform.failed_write; PCI Express Base Specification 5.0, 2.3.1: a posted request has no completion"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard platform.failedWrite == .slaveError else {
      return [Branch("the store was acknowledged: the CPU hears nothing, the data is lost", state)]
    }
    return [
      Branch(
        "the root complex answers the write with a slave error", state.with(\.answer, .slaveError))
    ]
  }
}
