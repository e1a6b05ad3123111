public import TraceCore

extension ConfigSpace {
  // MARK: Functions

  /// Whether a function answers MMIO.
  ///
  /// - Parameter function: Any function.
  /// - Returns: nil where nothing at all is known of it.
  public func window(for function: PCIFunction) -> RecoveryWindow? {
    let memory = memory(of: function)
    let cause = windows.latest(
      covering: function, behind: conventionalBridges(above: function), times.conventionalBus)
    guard cause != nil || memory != .unknown else { return nil }
    let shadow = index[function].map { shadows[$0] }
    let readiness = shadow?.readiness ?? Readiness()
    return RecoveryWindow(
      cause: cause, memory: memory, readyRecord: readiness.record, readyNs: readiness.timeNs,
      failedReads: readiness.failedReads, isBeforeInit: shadow?.isBeforeInit ?? false)
  }

  /// Command.MEM, which a VF leaves to its PF's VF MSE (PCIe Base 5.0, section 9.3.4.1.3).
  private func memory(of function: PCIFunction) -> RecoveryWindow.MemoryState {
    for place in physical {
      let shadow = shadows[place]
      guard shadow.virtualFunctions?.number(of: function, physical: shadow.function) != nil
      else { continue }
      switch (shadow.virtualFunctionsAreEnabled, shadow.virtualFunctionsDecode) {
      case (true, true): return .on
      case (true, false): return .off
      case (true, nil), (nil, _): return .unknown
      case (false, _): break
      }
    }
    let isGone = physical.contains {
      shadows[$0].vanished?.number(of: function, physical: shadows[$0].function) != nil
    }
    return isGone ? .off : index[function].map { shadows[$0].memory } ?? .unknown
  }

  /// The PF of a VF whose VF Enable is set; nil where the function is none, as far as known.
  func physicalFunction(of function: PCIFunction) -> FunctionShadow? {
    physical.lazy.map { self.shadows[$0] }.first { shadow in
      shadow.virtualFunctionsAreEnabled == true
        && shadow.virtualFunctions?.number(of: function, physical: shadow.function) != nil
    }
  }

  /// Functions that the capture shows and an event affects.
  ///
  /// - Parameter event: An event of this space.
  /// - Returns: In order of their numbers; those whose numbers are not known are left out.
  public func functions(in event: ConfigEvent) -> [PCIFunction] {
    shadows.map(\.function).filter { event.scope.contains($0, cause: event.function) }.sorted()
  }

  /// Whether a memory BAR is prefetchable and 64 bits wide (PCI Express Base Specification 5.0,
  /// 7.5.1.2.1), as reads of it showed.
  ///
  /// - Parameters:
  ///   - function: Any function.
  ///   - bar: BAR number, 0 to 5.
  /// - Returns: nil where no read showed it, and for I/O BARs.
  public func memoryBAR(
    of function: PCIFunction, _ bar: Int
  ) -> (prefetchable: Bool, is64Bit: Bool)? {
    guard (0..<6).contains(bar), let kind = index[function].map({ shadows[$0].barKinds[bar] }),
      kind & 16 != 0, kind & 1 == 0
    else { return nil }
    return (kind & 8 != 0, kind >> 1 & 3 == 2)
  }

  // MARK: Topology

  /// The bridges above a function whose bus below is conventional PCI.
  private func conventionalBridges(above function: PCIFunction) -> [PCIFunction] {
    var found: [PCIFunction] = []
    var place = function
    // Numbers of which a capture makes a circle end it.
    for _ in bridges.indices {
      guard let bridge = bridge(above: place) else { break }
      if bridge.linkBelow == .conventional { found.append(bridge.function) }
      place = bridge.function
    }
    return found
  }

  /// The function is known to be a bridge.
  public func isBridge(_ function: PCIFunction) -> Bool {
    index[function].map { shadows[$0].headerType == 1 } ?? false
  }

  /// Secondary to subordinate bus of a bridge; nil where not known.
  public func busesBelow(_ bridge: PCIFunction) -> ClosedRange<UInt8>? {
    index[bridge].flatMap { shadows[$0].busesBelow }
  }

  /// The bridge whose secondary bus a function is on.
  func bridge(above function: PCIFunction) -> FunctionShadow? {
    bridges.lazy.map { self.shadows[$0] }.first {
      $0.function.segment == function.segment && $0.busesBelow?.lowerBound == function.bus
    }
  }

  /// A function's device has alternative routing IDs: all functions of its bus are one device.
  ///
  /// Needs the ARI capability (extended ID 0x0e) of function 0 and ARI Forwarding Enable of the
  /// port above (PCIe Base 5.0, sections 6.13 and 7.8.8).
  ///
  /// - Parameter function: Any function.
  /// - Returns: false where the capture does not show both.
  public func usesARI(_ function: PCIFunction) -> Bool {
    let first = PCIFunction(rawValue: function.rawValue & ~0xff)
    guard let place = index[first], shadows[place].layout[.alternativeRouting] != nil
    else { return false }
    return bridge(above: function)?.forwardsARI ?? false
  }

  // MARK: Counters

  /// Adds the counts to a trace's counters.
  public func report(into counters: inout TraceCounters) {
    for oddity in ConfigOddity.allCases {
      counters.add(
        oddity.name, count(of: oddity), severity: oddity.severity, meaning: oddity.meaning)
    }
  }
}
