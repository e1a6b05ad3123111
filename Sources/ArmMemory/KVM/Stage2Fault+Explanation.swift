import TraceCore

extension Stage2Fault {
  /// The fault and its outcome in words, one line each.
  ///
  /// - Parameter stage1: MAIR attribute byte of the guest's mapping; with it the effective type
  ///   follows.
  /// - Returns: What KVM looks at, what it does, who notices, and why.
  public func explanation(stage1: UInt8? = nil) -> [String] {
    let decision = decide()
    var lines = inputLines
    lines.append("memslot   " + memslotLine)
    lines += decision.outcome.lines(fwb: fwb)
    lines.append("seen      " + decision.outcome.witness.sentence)
    lines.append("why       " + decision.rule.reason)
    lines.append("source    " + decision.rule.source)
    if let stage1 { lines += decision.outcome.combinationLines(stage1: stage1, fwb: fwb) }
    return lines
  }

  private var inputLines: [String] {
    let flag =
      allowsAnyUncached ? "with VM_ALLOW_ANY_UNCACHED" : "without VM_ALLOW_ANY_UNCACHED"
    let page = isMapMemory ? "a page of the direct map" : "a page outside the direct map"
    return [
      "kernel    Linux " + kernel.releases,
      "mapping   " + vma.sentence + ", " + pageProtection.sentence + ", " + flag + ", " + page,
      "access    \(access.rawValue), \(memslot.sentence)",
      "CPU       FWB=\(fwb ? 1 : 0), CTR_EL0.DIC=\(cacheDIC ? 1 : 0)",
    ]
  }

  private var memslotLine: String {
    let check = checkMemslot()
    guard let error = check.outcome.error else { return "accepted" }
    return "refused with -\(error.name): \(check.rule.reason); below, what a fault would meet"
  }
}

extension Stage2Outcome {
  func lines(fwb: Bool) -> [String] {
    switch self {
    case .mapped(let protection, let leaf):
      return ["prot      " + protection.name] + leaf.lines(fwb: fwb)
    case .accepted: return []
    case .emulated: return ["stage 2   no mapping; the access is emulated"]
    case .waits: return ["stage 2   no mapping yet"]
    case .refused(let refusal): return ["stage 2   no mapping: -" + refusal.error.name]
    }
  }

  func combinationLines(stage1: UInt8, fwb: Bool) -> [String] {
    guard case .mapped(_, let leaf) = self else {
      return ["", "stage 1   0x" + hex(UInt64(stage1), width: 2) + "  has nothing to combine with"]
    }
    return [""]
      + StageCombination.explanation(stage1: stage1, stage2: leaf.memAttr, fwb: fwb)
  }
}

extension Stage2Leaf {
  /// The fields and the descriptor's bits, one line each.
  func lines(fwb: Bool) -> [String] {
    let type = Stage2Attribute(memAttr: memAttr, fwb: fwb)?.name ?? "reserved"
    return [
      "stage 2   0x" + hex(UInt64(memAttr)) + "   " + type,
      "leaf      XN=\(executeNever ? 1 : 0) S2AP=0x\(hex(UInt64(accessPermissions))) SH=ISH AF=1, "
        + "attribute bits 0x\(hex(descriptorBits))",
    ]
  }
}

/// The attribute setter in words.
public enum SetterExplanation {
  /// What `stage2_set_prot_attr` makes of flags, one line each.
  ///
  /// - Parameters:
  ///   - protection: The flags.
  ///   - fwb: HCR_EL2.FWB.
  ///   - stage1: MAIR attribute byte of the guest's mapping; with it the effective type follows.
  /// - Returns: The leaf or the error, and why.
  public static func lines(
    _ protection: KVMProtection, fwb: Bool, stage1: UInt8? = nil
  ) -> [String] {
    var lines = ["prot      " + protection.name + (fwb ? " (FWB=1)" : " (FWB=0)")]
    var outcome: Stage2Outcome
    do throws(Stage2ProtectionError) {
      let leaf = try stage2SetProtAttr(protection, fwb: fwb)
      outcome = .mapped(protection, leaf)
      lines += leaf.lines(fwb: fwb)
    } catch {
      outcome = .refused(.setter(error))
      lines.append("stage 2   no mapping: -" + LinuxError.einval.name)
      lines.append("why       " + error.reason)
    }
    lines.append("source    " + Stage2Rule.setter.source)
    if let stage1 { lines += outcome.combinationLines(stage1: stage1, fwb: fwb) }
    return lines
  }
}

extension Stage2Fault.VMA {
  var sentence: String {
    switch self {
    case .plain: "a VMA without VM_PFNMAP and VM_MIXEDMAP"
    case .pfnMap: "a VM_PFNMAP VMA"
    case .mixedMap: "a VM_MIXEDMAP VMA"
    }
  }
}

extension Stage2Fault.PageProtection {
  var sentence: String {
    switch self {
    case .normalNC: "pgprot Normal-NC"
    case .deviceNGnRnE: "pgprot Device-nGnRnE"
    case .deviceNGnRE: "pgprot Device-nGnRE"
    case .cacheable: "pgprot cacheable"
    }
  }
}

extension Stage2Fault.Memslot {
  var sentence: String {
    switch self {
    case .writable: "writable memslot"
    case .readOnly: "read-only memslot"
    case .logged: "memslot with dirty logging"
    }
  }
}
