// Published measurements from YAML: every key known, every unit given, no fit of a known value.

import Profiles
import Results
import TraceCore
import YAMLInput

/// Decodes documents one after the other, and refuses an id that occurs twice.
struct MeasurementDecoder {
  let predictor: Predictor
  private(set) var measurements: [Measurement] = []
  private(set) var unmodelled: [UnmodelledMeasurement] = []
  private var ids: Set<String> = []

  init(predictor: Predictor) { self.predictor = predictor }

  mutating func decode(_ document: YAMLDocument) throws(TraceError) {
    let root = try document.root.mapping(allowed: ["measurements", "unmodelled"])
    for node in try root["measurements"]?.sequence() ?? [] {
      measurements.append(try measurement(node))
    }
    for node in try root["unmodelled"]?.sequence() ?? [] {
      unmodelled.append(try unmodelled(node))
    }
  }

  private static let keys = [
    "id", "what", "source", "setup", "quantity", "unit", "published", "status", "limit", "bound",
    "scenario", "workload", "informs", "note",
  ]

  private mutating func measurement(_ node: YAMLNode) throws(TraceError) -> Measurement {
    let map = try node.mapping(allowed: Self.keys)
    let workload = try Workload(decoding: map.required("workload"))
    let quantity = try map.required("quantity").word(of: workload.quantities)
    let limit: MeasurementLimit = try map.required("limit").word()
    let scenario = try self.scenario(map.required("scenario"))
    let (low, high) = try Self.interval(map.required("published"))
    let result = Measurement(
      id: try id(map), what: try map.required("what").string(),
      source: try map.required("source").string(), setup: try map.required("setup").string(),
      quantity: quantity, unit: try map.required("unit").word(of: quantity.units), low: low,
      high: high, status: try map.required("status").word(), limit: limit,
      bound: try map["bound"]?.word(), scenario: scenario, workload: workload,
      informs: try informs(map["informs"]), note: try map["note"]?.string())
    if let node = map["bound"] { try Self.check(result, bound: node) }
    return result
  }

  /// What only bounds a measurement can neither be its limit nor go without a word.
  private static func check(_ measurement: Measurement, bound node: YAMLNode) throws(TraceError) {
    guard measurement.limit != .wire else {
      throw node.error("a wire-limited measurement is predicted, not bounded")
    }
    guard measurement.limit != .calculated else {
      throw node.error("a calculated value is compared with, not bounded")
    }
    guard measurement.note != nil else {
      throw node.error("a bound needs a 'note': what does the model leave out?")
    }
  }

  private mutating func unmodelled(_ node: YAMLNode) throws(TraceError) -> UnmodelledMeasurement {
    let map = try node.mapping(allowed: ["id", "what", "source", "published", "reason"])
    return UnmodelledMeasurement(
      id: try id(map), what: try map.required("what").string(),
      source: try map.required("source").string(),
      published: try map.required("published").string(),
      reason: try map.required("reason").string())
  }

  private mutating func id(_ map: YAMLMapping) throws(TraceError) -> String {
    let node = try map.required("id")
    let id = try node.string()
    guard id.utf8.allSatisfy({ Self.isIDByte($0) }) else {
      throw node.error("'\(id)' is not made of a-z, 0-9 and '-'")
    }
    guard ids.insert(id).inserted else { throw node.error("'\(id)' occurs twice") }
    return id
  }

  private static func isIDByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// `5.5`, `[50, 300]` or `[2000, open]`.
  private static func interval(_ node: YAMLNode) throws(TraceError) -> (Double, Double) {
    guard let ends = try? node.sequence() else {
      let value = try node.decimal()
      return (value, value)
    }
    guard ends.count == 2 else { throw node.error("expected a number or two: [LOW, HIGH]") }
    let low = try ends[0].decimal()
    if try ends[1].string() == "open" { return (low, .infinity) }
    let high = try ends[1].decimal()
    guard low < high else { throw node.error("the lower end must be the first one") }
    return (low, high)
  }

  // MARK: Settings

  private func scenario(_ node: YAMLNode) throws(TraceError) -> Measurement.Scenario {
    let map = try node.mapping(allowed: ["cpu", "rc", "link", "device", "overrides"])
    var scenario = Measurement.Scenario(
      cpu: try map["cpu"]?.string() ?? ProfileLibrary.defaultCPU,
      rootComplex: try map["rc"]?.string() ?? ProfileLibrary.defaultRootComplex,
      link: try map["link"]?.string() ?? ProfileLibrary.defaultLink,
      device: try map["device"]?.string() ?? ProfileLibrary.defaultDevice, overrides: [])
    let profiles = try settings(scenario, node).values
    for override in try map["overrides"]?.sequence() ?? [] {
      scenario.overrides.append(try self.override(override, profiles))
    }
    _ = try settings(scenario, node)
    return scenario
  }

  /// What the profiles and overrides give; an error is one of the scenario.
  private func settings(
    _ scenario: Measurement.Scenario, _ node: YAMLNode
  ) throws(TraceError) -> ModelSettings {
    do {
      return try predictor.settings(scenario)
    } catch {
      throw node.error(error.message)
    }
  }

  private func override(
    _ node: YAMLNode, _ profiles: [Setting]
  ) throws(TraceError) -> Measurement.Override {
    let map = try node.mapping(allowed: ["key", "value", "reason", "fitted"])
    let result = Measurement.Override(
      key: try map.required("key").string(), value: try map.required("value").string(),
      reason: try map.required("reason").string(),
      isFitted: try map["fitted"]?.boolean() ?? false)
    if result.isFitted { try Self.checkFit(result, map.required("key"), profiles) }
    return result
  }

  /// Only what nobody knows may be fitted.
  private static func checkFit(
    _ override: Measurement.Override, _ node: YAMLNode, _ profiles: [Setting]
  ) throws(TraceError) {
    // An unknown key is refused where the settings are resolved.
    guard let setting = profiles.first(where: { $0.key == override.key }),
      setting.status != .assumed
    else { return }
    throw node.error(
      "'\(override.key)' is \(setting.status.rawValue): only assumed values may be fitted")
  }

  private func informs(_ node: YAMLNode?) throws(TraceError) -> [String] {
    guard let node else { return [] }
    var keys: [String] = []
    for entry in try node.sequence() {
      let key = try entry.string()
      guard SettingKey.named(key) != nil else {
        throw entry.error(
          "unknown key '\(key)'" + didYouMean(key, among: SettingKey.all.map(\.name)))
      }
      keys.append(key)
    }
    return keys
  }
}
