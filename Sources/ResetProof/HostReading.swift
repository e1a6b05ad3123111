/// What a host does where the architecture and PCIe leave it open, as far as somebody knows.
///
/// nil = not known: both ways are tried, and a row on which they differ is host-dependent.
public struct HostReading: Sendable, Equatable {
  /// Where a DSB stops waiting for a store.
  public enum Serialisation: String, Sendable, CaseIterable {
    case interconnect
    case rootComplex = "root-complex"
  }

  /// Not published for any host; kvmarm, October 2023, Catalin Marinas.
  public var serialisation: Serialisation?
  /// Every config write, not only those that the capture says so of, becomes a posted one on its
  /// way (Intel VMD: Linux drivers/pci/controller/vmd.c).
  public var configWritesArePosted: Bool?
  /// ECAM and the BARs are one region of the interconnect (as CMN's HN-I address regions are).
  public var ecamSharesRegion: Bool?
  /// The bridge answers a store before it has put it where a later config write cannot overtake.
  ///
  /// AMD PG344 withholds the answer until then. true = it may or may not keep the two in order.
  public var acknowledgesEarly: Bool?
  /// The root complex has one config request outstanding at a time, so that a config read does not
  /// overtake a config write, as PCIe's table would let it (B4).
  public var serialisesConfig: Bool?

  /// Completion Timeout in ns; nil = a request may take for ever.
  public var completionTimeoutNs: UInt64? = 50_000_000
  /// The unmap before a VFIO reset waits for gathered stores too (assumed, not proven).
  public var zapDrains: Bool?

  /// Nothing is known but that config writes stay non-posted, ECAM is a region of its own, and the
  /// bridge does not answer early.
  public init(
    serialisation: Serialisation? = nil, configWritesArePosted: Bool? = false,
    ecamSharesRegion: Bool? = false, acknowledgesEarly: Bool? = false,
    serialisesConfig: Bool? = nil, zapDrains: Bool? = true
  ) {
    self.serialisation = serialisation
    self.configWritesArePosted = configWritesArePosted
    self.ecamSharesRegion = ecamSharesRegion
    self.acknowledgesEarly = acknowledgesEarly
    self.serialisesConfig = serialisesConfig
    self.zapDrains = zapDrains
  }

  /// Every host that the reading leaves possible, at most 64.
  public var hosts: [Host] {
    var hosts: [Host] = []
    for serialisation in serialisation.map({ [$0] }) ?? Serialisation.allCases {
      for isPosted in Self.choices(configWritesArePosted) {
        for isShared in Self.choices(ecamSharesRegion) {
          // Early answers say nothing of the order: it may be kept, or not.
          for overtakes in acknowledgesEarly == false ? [false] : [false, true] {
            for isSerial in Self.choices(serialisesConfig) {
              for drains in Self.choices(zapDrains) {
                hosts.append(
                  Host(
                    serialisation: serialisation, configWritesArePosted: isPosted,
                    ecamSharesRegion: isShared, configOvertakes: overtakes,
                    serialisesConfig: isSerial, zapDrains: drains))
              }
            }
          }
        }
      }
    }
    return hosts
  }

  private static func choices(_ value: Bool?) -> [Bool] { value.map { [$0] } ?? [false, true] }
}

/// One machine, with nothing left open.
public struct Host: Sendable, Hashable {
  public var serialisation: HostReading.Serialisation
  public var configWritesArePosted: Bool
  public var ecamSharesRegion: Bool
  /// The bridge lets a config write overtake stores that it has answered.
  public var configOvertakes: Bool
  public var serialisesConfig: Bool
  /// VFIO's unmap waits for gathered stores.
  public var zapDrains: Bool

  public init(
    serialisation: HostReading.Serialisation, configWritesArePosted: Bool = false,
    ecamSharesRegion: Bool = false, configOvertakes: Bool = false, serialisesConfig: Bool = false,
    zapDrains: Bool = true
  ) {
    self.serialisation = serialisation
    self.configWritesArePosted = configWritesArePosted
    self.ecamSharesRegion = ecamSharesRegion
    self.configOvertakes = configOvertakes
    self.serialisesConfig = serialisesConfig
    self.zapDrains = zapDrains
  }
}
