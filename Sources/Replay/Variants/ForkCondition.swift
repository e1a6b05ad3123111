import ArmMemory
import PCIeModel
import Profiles

/// When counts under some settings part from those under others; up to then they are equal.
struct ForkCondition {
  private var touches: ForkWatch.Touches = []
  /// They part when a line is opened beside so many.
  private var lines = Int.max
  /// The policy that differs.
  private(set) var split: SplitPolicy?

  /// Fails where they may part at any record.
  ///
  /// - Parameters:
  ///   - other: What counts depend on under the settings that may part.
  ///   - base: The same under the settings that are run.
  init?(of other: CountedSettings, from base: CountedSettings) {
    var same = other
    func differ<Value: Equatable>(_ path: WritableKeyPath<CountedSettings, Value>) -> Bool {
      same[keyPath: path] = base[keyPath: path]
      return other[keyPath: path] != base[keyPath: path]
    }
    let differsInLines = [differ(\.cpu.buffers), differ(\.cpu.eviction)].contains(true)
    if differsInLines { lines = min(other.cpu.buffers, base.cpu.buffers) }
    if differ(\.cpu.singleStream) { lines = min(lines, 1) }
    if differ(\.cpu.loadBreaksGather) { touches.insert(.loadOverOpen) }
    if differ(\.cpu.deviceDrainsNC) { touches.insert(.deviceOverOpen) }
    if differ(\.cpu.trapDrains) { touches.insert(.trapOverOpen) }
    if differ(\.cpu.ncLoad) { touches.insert(.normalLoad) }
    if differ(\.rootComplex.split) {
      touches.insert(.split)
      split = other.rootComplex.split
    }
    // These decide what is found, not what is counted.
    same.cpu.zapDrains = base.cpu.zapDrains
    same.rootComplex.serialisationPoint = base.rootComplex.serialisationPoint
    same.rootComplex.ecamSharesRegion = base.rootComplex.ecamSharesRegion
    same.rootComplex.completionTimeoutNs = base.rootComplex.completionTimeoutNs
    same.recovery = base.recovery
    same.traffic = base.traffic
    guard same == base else { return nil }
  }

  /// Whether they may have parted.
  func isMet(by watch: ForkWatch) -> Bool {
    watch.mostOpen >= lines || !watch.touched.isDisjoint(with: touches)
  }
}
