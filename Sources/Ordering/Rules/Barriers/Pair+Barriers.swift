import TraceCore

extension Pair {
  /// A barrier of this kind stands between, with a domain that holds both accesses.
  ///
  /// MMIO is Outer Shareable whatever its mapping says (Arm ARM DDI 0487, Table D8-103), so an Inner
  /// Shareable barrier need not order it; ``ExplorerOptions/ignoresBarrierDomains`` is the other
  /// reading, in which the operand no longer matters.
  func has(_ kind: Barrier.Kind) -> Bool {
    !isSameInstruction
      && between.contains { instruction in
        guard case .barrier(let barrier) = instruction, barrier.kind == kind else { return false }
        return scene.options.ignoresBarrierDomains || reaches(barrier.domain)
      }
  }

  private func reaches(_ domain: Barrier.Domain) -> Bool {
    switch domain {
    case .unspecified, .outerShareable: true
    case .innerShareable: !isInvolvingMMIO
    case .nonShareable: false
    }
  }
}
