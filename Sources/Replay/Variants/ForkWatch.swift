import PCIeModel
import Profiles

/// What an engine came across that other settings would have made something else of.
struct ForkWatch {
  struct Touches: OptionSet {
    let rawValue: UInt8

    /// A load came while lines of its vCPU were open.
    static let loadOverOpen = Touches(rawValue: 1 << 0)
    /// A Device access, or one to config space.
    static let deviceOverOpen = Touches(rawValue: 1 << 1)
    /// A config access that traps.
    static let trapOverOpen = Touches(rawValue: 1 << 2)
    static let normalLoad = Touches(rawValue: 1 << 3)
    /// A bus write that may split otherwise under ``ForkWatch/splits``.
    static let split = Touches(rawValue: 1 << 4)
  }

  var touched: Touches = []
  /// Most lines of a vCPU that were open when another one was opened; -1 before the first one.
  private(set) var mostOpen = -1
  /// Every policy in question, the engine's own with them; empty where there is but one.
  var splits: [SplitPolicy] = []

  /// Bus writes are to be looked at under other policies, too.
  mutating func watch(_ others: [SplitPolicy], _ settings: ModelSettings) {
    splits = others.isEmpty ? [] : others + [settings.rootComplex.split]
  }

  @inline(__always)
  mutating func opens(beside count: Int) { mostOpen = max(mostOpen, count) }
}
