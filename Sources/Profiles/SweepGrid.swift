public import TraceCore

/// Every combination of the values of some settings.
public struct SweepGrid: Sendable {
  /// Combinations in one sweep at most.
  public static let pointLimit = 10_000

  /// In the order in which they were written.
  public let axes: [SweepAxis]
  /// Combinations: the product of the numbers of values.
  public let count: Int

  /// Parses the options of a sweep.
  ///
  /// - Parameters:
  ///   - texts: `KEY=V1,V2,…`: any key of a profile, or `cpu`, `rc`, `link` and `device`, whose
  ///     values are profiles; each key once.
  ///   - library: Knows the profiles' names.
  ///   - others: Settings that are no profile value, each with its words.
  /// - Throws: ``TraceError`` for a wrong option, and for more than ``pointLimit`` combinations.
  public init(
    _ texts: [String], library: ProfileLibrary, others: [String: [String]] = [:]
  ) throws(TraceError) {
    var axes: [SweepAxis] = []
    var count = 1
    for text in texts {
      let axis = try SweepAxis(text, library: library, others: others)
      guard !axes.contains(where: { $0.name == axis.name }) else {
        throw TraceError(.configuration, "--set \(text): '\(axis.name)' is set twice")
      }
      axes.append(axis)
      let (product, isBeyond) = count.multipliedReportingOverflow(by: axis.values.count)
      count = isBeyond ? .max : product
    }
    guard count <= Self.pointLimit else {
      let sizes = axes.map { String($0.values.count) }.joined(separator: " x ")
      throw TraceError(
        .configuration,
        "the sweep has \(sizes)\(count == .max ? "" : " = \(count)") points; at most"
          + " \(Self.pointLimit) are run")
    }
    self.axes = axes
    self.count = count
  }

  /// The values of a point, by their indices: one an axis, the last axis varies fastest.
  public func places(_ point: Int) -> [Int] {
    var rest = point
    var places: [Int] = []
    for axis in axes.reversed() {
      places.append(rest % axis.values.count)
      rest /= axis.values.count
    }
    return places.reversed()
  }

  /// The index of a point; the inverse of ``places(_:)``.
  public func point(_ places: [Int]) -> Int {
    zip(axes, places).reduce(0) { $0 * $1.0.values.count + $1.1 }
  }

  /// Everything that a point runs under.
  ///
  /// - Parameters:
  ///   - places: The point.
  ///   - library: Has the profiles.
  ///   - base: Profiles of the kinds that are not swept.
  /// - Returns: The same as without a sweep, under the same options.
  /// - Throws: ``TraceError`` that names the point where its values do not go together.
  public func settings(
    _ places: [Int], library: ProfileLibrary, base: SweepBase = SweepBase()
  ) throws(TraceError) -> ModelSettings {
    var base = base
    var overrides: [String] = []
    for (axis, place) in zip(axes, places) {
      let value = axis.values[place]
      switch axis.name {
      case "cpu": base.cpu = value
      case "rc": base.rc = value
      case "link": base.link = value
      case "device": base.device = value
      default:
        if SettingKey.named(axis.name) != nil { overrides.append("\(axis.name)=\(value)") }
      }
    }
    do throws(TraceError) {
      return try library.resolve(
        cpu: base.cpu ?? ProfileLibrary.defaultCPU,
        rc: base.rc ?? ProfileLibrary.defaultRootComplex, link: base.link,
        device: base.device ?? ProfileLibrary.defaultDevice, overrides: overrides)
    } catch {
      var error = error
      let values = zip(axes, places).map { "\($0.name)=\($0.values[$1])" }
      error.message += " (at " + values.joined(separator: " ") + ")"
      throw error
    }
  }
}

/// Profiles that a sweep's points share; nil where the user named none.
public struct SweepBase: Sendable {
  public var cpu: String?
  public var rc: String?
  public var link: String?
  public var device: String?

  public init(
    cpu: String? = nil, rc: String? = nil, link: String? = nil, device: String? = nil
  ) {
    self.cpu = cpu
    self.rc = rc
    self.link = link
    self.device = device
  }

  /// Names the profile that an axis sweeps as well.
  ///
  /// - Parameter axis: Name of an axis.
  /// - Returns: Whether it is given here, too.
  public func isGiven(_ axis: String) -> Bool {
    switch axis {
    case "cpu": cpu != nil
    case "rc": rc != nil
    case "link": link != nil
    case "device": device != nil
    default: false
    }
  }
}
