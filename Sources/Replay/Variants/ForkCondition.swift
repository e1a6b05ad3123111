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
    if other.cpu.buffers != base.cpu.buffers || other.cpu.eviction != base.cpu.eviction {
      lines = min(other.cpu.buffers, base.cpu.buffers)
      same.cpu.buffers = base.cpu.buffers
      same.cpu.eviction = base.cpu.eviction
    }
    if other.cpu.singleStream != base.cpu.singleStream {
      lines = min(lines, 1)
      same.cpu.singleStream = base.cpu.singleStream
    }
    if other.cpu.loadBreaksGather != base.cpu.loadBreaksGather {
      touches.insert(.loadOverOpen)
      same.cpu.loadBreaksGather = base.cpu.loadBreaksGather
    }
    if other.cpu.deviceDrainsNC != base.cpu.deviceDrainsNC {
      touches.insert(.deviceOverOpen)
      same.cpu.deviceDrainsNC = base.cpu.deviceDrainsNC
    }
    if other.cpu.trapDrains != base.cpu.trapDrains {
      touches.insert(.trapOverOpen)
      same.cpu.trapDrains = base.cpu.trapDrains
    }
    if other.cpu.ncLoad != base.cpu.ncLoad {
      touches.insert(.normalLoad)
      same.cpu.ncLoad = base.cpu.ncLoad
    }
    if other.rootComplex.split != base.rootComplex.split {
      touches.insert(.split)
      split = other.rootComplex.split
      same.rootComplex.split = base.rootComplex.split
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
