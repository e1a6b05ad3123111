import PCIeModel

/// PCIe between the root complex and the functions: who may overtake whom.
struct Fabric: Sendable {
  private let scene: Scene
  /// A device writes upstream, so that completions can be held up.
  private let hasUpstreamTraffic: Bool
  private let table: PCIeOrderingTable
  private let withdrawn: Set<String>

  init(_ scene: Scene) {
    self.scene = scene
    (table, withdrawn) = PCIeRules.table(scene.rules)
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
    let decision = table.verdict(later: packet(later), earlier: packet(earlier))
    if let entry = decision.entry, withdrawn.contains(entry.code) { return false }
    return decision.mayPass
  }

  /// The carrier as the ordering table sees it.
  private func packet(_ carrier: Carrier) -> OrderedTLP {
    let effect = leader(carrier)
    let function = UInt32(scene.function(of: effect) ?? 0) + 1
    return OrderedTLP(
      kind(carrier, effect),
      trafficClass: UInt8(scene.program.peripherals[effect.peripheral].trafficClass),
      attributes: attributes(carrier), requester: effect.isByDevice ? function : 0,
      completer: carrier.isReturning ? function : 0,
      transaction: UInt32(effect.index))
  }

  /// A TLP has one of each attribute; one that some part must not be relaxed by is not set.
  private func attributes(_ carrier: Carrier) -> TLPAttributes {
    var attributes: TLPAttributes = [.relaxedOrdering, .idBasedOrdering]
    for index in carrier.effects.bits {
      let location = scene.site(of: scene.effects[index]).location
      if !location.relaxedOrdering { attributes.remove(.relaxedOrdering) }
      if !location.idBasedOrdering { attributes.remove(.idBasedOrdering) }
    }
    return attributes
  }

  private func kind(_ carrier: Carrier, _ effect: Effect) -> TLPKind {
    let request: NonPostedKind? =
      switch (effect.kind, effect.isStore) {
      case (.config, true): scene.options.configWritesArePosted ? nil : .configWrite
      case (.config, false): .configRead
      case (_, false): .memoryRead
      case (_, true): nil
      }
    guard let request else { return .postedWrite }
    return carrier.isReturning ? .completion(of: request) : .request(request)
  }
}
