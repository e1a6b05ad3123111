public import Ordering

/// A switch of the machine around the CPUs: an info line of a text, an option of the command.
public struct MachineSwitch: Sendable {
  /// Key of the info line: `Fabric`.
  public let key: String
  /// What may stand behind it.
  public let values: String
  /// What it decides.
  public let meaning: String
  private let read: @Sendable (ExplorerOptions) -> String
  private let write: @Sendable (inout ExplorerOptions, String) -> Bool

  /// The value that options hold.
  ///
  /// - Parameter options: The machine.
  /// - Returns: As it is written.
  public func value(in options: ExplorerOptions) -> String { read(options) }

  /// Sets the switch.
  ///
  /// - Parameters:
  ///   - options: The machine.
  ///   - value: As it is written.
  /// - Returns: false where the switch has no such value.
  public func set(_ options: inout ExplorerOptions, to value: String) -> Bool {
    write(&options, value)
  }

  /// Every switch that an info line can set.
  public static let all: [MachineSwitch] = [
    choice(
      "Fabric", \.fabric, [("direct", .direct), ("pcie", .pcie)],
      "what lies between the interconnect and the endpoint"),
    choice(
      "Serialisation", \.serialisationPoint,
      [("interconnect", .interconnect), ("root-complex", .rootComplex)],
      "where an access counts as complete"),
    choice(
      "Arrival", \.arrivalPoint, [("root-complex", .rootComplex), ("endpoint", .endpoint)],
      "where Arm's arrival order stops behind PCIe"),
    choice(
      "Config", \.configWritesArePosted, [("non-posted", false), ("posted", true)],
      "what the host makes of a config write"),
    choice(
      "Region", \.configSharesRegion, [("own", false), ("shared", true)],
      "whether ECAM lies in the interconnect region of the BARs"),
    number("Line", \.lineBytes, 8...4096, "block in which accesses may be gathered, in bytes"),
    number("Bus", \.deviceBusBytes, 1...64, "widest access to a Device type, in bytes"),
    choice(
      "LSE2", \.lse2, [("on", true), ("off", false)], "FEAT_LSE2"),
    choice(
      "Dependencies", \.dependenciesOrderNormalLoads, [("safe", false), ("practice", true)],
      "whether a dependency from a Normal-NC load orders arrivals"),
    choice(
      "Domains", \.ignoresBarrierDomains, [("heeded", false), ("ignored", true)],
      "whether the domain that a barrier names matters"),
  ]

  private static func choice<Value: Equatable & Sendable>(
    _ key: String, _ path: any WritableKeyPath<ExplorerOptions, Value> & Sendable,
    _ choices: [(name: String, value: Value)], _ meaning: String
  ) -> MachineSwitch {
    MachineSwitch(
      key: key, values: choices.map(\.name).joined(separator: "|"), meaning: meaning,
      read: { options in
        choices.first { $0.value == options[keyPath: path] }?.name ?? choices[0].name
      },
      write: { options, text in
        guard let choice = choices.first(where: { $0.name == text }) else { return false }
        options[keyPath: path] = choice.value
        return true
      })
  }

  private static func number(
    _ key: String, _ path: any WritableKeyPath<ExplorerOptions, Int> & Sendable,
    _ range: ClosedRange<Int>, _ meaning: String
  ) -> MachineSwitch {
    MachineSwitch(
      key: key,
      values: "a power of two, \(range.lowerBound) to \(range.upperBound)", meaning: meaning,
      read: { String($0[keyPath: path]) },
      write: { options, text in
        guard text.utf8.allSatisfy({ $0.isLetterOrDigit }), let value = Int(text),
          range.contains(value), value & (value - 1) == 0
        else { return false }
        options[keyPath: path] = value
        return true
      })
  }
}
