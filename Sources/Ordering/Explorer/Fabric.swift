import PCIeModel

/// PCIe between the root complex and the functions: who may overtake whom.
struct Fabric: Sendable {
  private let scene: Scene
  /// A device writes upstream, so that completions can be held up.
  private let hasUpstreamTraffic: Bool

  init(_ scene: Scene) {
    self.scene = scene
    hasUpstreamTraffic = scene.effects.contains { $0.isByDevice && scene.isBehindPCIe($0) }
  }

  /// The effect's completion is followed on its way back.
  func returns(_ effect: Effect) -> Bool {
    hasUpstreamTraffic && !effect.isByDevice && effect.kind != .memory
      && scene.isBehindPCIe(effect) && scene.isNonPosted(effect)
  }

  /// No TLP that a carrier must not pass is in front of it.
  func mayLeave(_ carrier: Carrier, _ flight: [Carrier]) -> Bool {
    for earlier in flight {
      if earlier == carrier { return true }
      if isSameWay(earlier, carrier), !mayPass(later: carrier, earlier: earlier) { return false }
    }
    return true
  }

  private func isSameWay(_ one: Carrier, _ other: Carrier) -> Bool {
    isUpstream(one) == isUpstream(other) && way(one) != nil && way(one) == way(other)
  }

  private func isUpstream(_ carrier: Carrier) -> Bool {
    carrier.isReturning || leader(carrier).isByDevice
  }

  private func leader(_ carrier: Carrier) -> Effect {
    scene.effects[carrier.effects.trailingZeroBitCount]
  }

  /// The port that a carrier goes through; nil where a port consumes it before the link.
  private func way(_ carrier: Carrier) -> String? {
    let effect = leader(carrier)
    if case .bridgeReset? = scene.access(of: effect)?.configEffect { return nil }
    guard let function = scene.function(of: effect) else { return nil }
    return scene.program.functions[function].bridge ?? "#\(function)"
  }

  private func mayPass(later: Carrier, earlier: Carrier) -> Bool {
    _ = (later, earlier)
    return false
  }
}
