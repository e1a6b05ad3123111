import Results

// What class the exception carries.

/// No exception, or nothing that reports a class.
struct NoClass: ContainmentRule {
  let stage = ContainmentStage.severity
  let reads: Set = ["ras"]
  let name = "none"
  let source = "Arm ARM DDI 0487, ESR_ELx.AET and .SET: RES0 without the RAS extension"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard state.exception == .none || state.exception == .interrupt || !platform.ras else {
      return nil
    }
    let isError = state.exception == .synchronous || state.exception == .serror
    return [
      Branch(
        isError ? "no class: the CPU has no RAS extension" : "nothing to class",
        state.with(\.errorClass, nil))
    ]
  }
}

/// The platform's class, or any worse one.
struct ReportedClass: ContainmentRule {
  let stage = ContainmentStage.severity
  let reads: Set = ["error_class"]
  let name = "class"
  let source =
    "platform.error_class; Arm RAS Extension, 2.2: any class may be reported as a worse class"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    let least = max(platform.errorClass, state.errorClass ?? .ueo)
    return ErrorClass.allCases.filter { $0 >= least }.map { errorClass in
      let freedom = errorClass == least ? "" : ", as the architecture permits"
      return Branch(
        "reported as \(errorClass.name)\(freedom)", state.with(\.errorClass, errorClass))
    }
  }
}
