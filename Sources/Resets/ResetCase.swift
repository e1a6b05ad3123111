public import ArmMemory
public import ConfigSpace
public import TraceCore

/// An event of config space that resets something, and the MMIO next to it, under one mapping.
public struct ResetCase: Sendable, Equatable {
  public var event: ConfigEvent
  /// vCPU that made the access; of a reset notice, that of its record.
  public var vcpu: UInt16
  public var path: ConfigPath
  /// Functions with MMIO in the capture that the event resets, in the order of their regions.
  public var functions: [PCIFunction]
  /// Bytes of all vCPUs still gathered for what is reset.
  public var gatheredBytes: Int
  /// Last store and last load before, of any vCPU, to what is reset; nil where there was none.
  public var lastStore: MMIOBefore?
  public var lastLoad: MMIOBefore?
  /// The store before that the least orders, where that is another than ``lastStore``.
  public var weakestStore: MMIOBefore?
  /// First MMIO after, to what was reset; nil where the capture has none.
  public var firstAfter: MMIOAfter?
  /// Record of the last lost events before, where nothing is known of MMIO between them and the
  /// reset; nil where the capture has no such hole.
  public var hole: UInt64?
  /// The bridge's bus numbers are not known: functions with MMIO in the capture, on higher buses, may
  /// be among those that it resets.
  public var mayResetOthers = false
  /// Record of the first lost events after, where nothing is known of MMIO between the reset and
  /// them; ``firstAfter`` is then nil.
  public var holeAfter: UInt64?

  public init(
    event: ConfigEvent, vcpu: UInt16, path: ConfigPath, functions: [PCIFunction] = [],
    gatheredBytes: Int = 0, lastStore: MMIOBefore? = nil, lastLoad: MMIOBefore? = nil,
    weakestStore: MMIOBefore? = nil, firstAfter: MMIOAfter? = nil
  ) {
    self.event = event
    self.vcpu = vcpu
    self.path = path
    self.functions = functions
    self.gatheredBytes = gatheredBytes
    self.lastStore = lastStore
    self.lastLoad = lastLoad
    self.weakestStore = weakestStore
    self.firstAfter = firstAfter
  }
}

/// One MMIO access next to a reset.
public struct MMIOAccess: Sendable, Equatable {
  /// Index of the trace record.
  public var record: UInt64
  /// In ns from the trace's first record.
  public var timeNs: UInt64
  public var vcpu: UInt16
  /// Index in the replay's table of regions.
  public var region: Int
  /// nil where the region's function is not known: it may be one that is reset.
  public var function: PCIFunction?
  public var isStore: Bool
  public var type: MemoryType

  public init(
    record: UInt64, timeNs: UInt64, vcpu: UInt16, region: Int, function: PCIFunction?,
    isStore: Bool, type: MemoryType
  ) {
    self.record = record
    self.timeNs = timeNs
    self.vcpu = vcpu
    self.region = region
    self.function = function
    self.isStore = isStore
    self.type = type
  }
}

/// An access before the reset, and what the capture has between the two.
public struct MMIOBefore: Sendable, Equatable {
  public var access: MMIOAccess
  /// Some of its bytes are still gathered in the CPU.
  public var isGathered: Bool
  /// Record of the last DMB of the access's vCPU, after it, that orders it (stores: ST or SY;
  /// loads: LD or SY, or an acquire that it is).
  public var ordered: UInt64?
  /// Record of the last DSB of its vCPU, after it, that waits for it.
  public var synchronized: UInt64?
  /// Record of a load from the function that cannot pass the access, and whose data had come back
  /// before the reset was issued.
  public var readBack: UInt64?
  /// ``readBack`` is of config space, or of another vCPU, after ``synchronized``: it pushes only what
  /// had come to the root complex by then.
  public var readBackIsLoose = false
  /// Record of the last read of the device behind a store, whatever orders the two; nil where there
  /// is none.
  ///
  /// With barriers that the capture may not hold, it would be a ``readBack``.
  public var laterRead: UInt64?
  /// ``laterRead`` is of config space, of another vCPU, or of another function of the device.
  public var laterReadIsLoose = false

  public init(
    access: MMIOAccess, isGathered: Bool = false, ordered: UInt64? = nil,
    synchronized: UInt64? = nil, readBack: UInt64? = nil
  ) {
    self.access = access
    self.isGathered = isGathered
    self.ordered = ordered
    self.synchronized = synchronized
    self.readBack = readBack
  }
}

/// An access after the reset, and what the capture has between the two.
public struct MMIOAfter: Sendable, Equatable {
  public var access: MMIOAccess
  /// Record that shows that the config write had completed before: a DSB of the vCPU that wrote
  /// it, a config read of it, or the write itself where the path returns only when done.
  public var completed: UInt64?
  /// It is a config read; a DSB, or the write itself, otherwise.
  public var completedByRead = false
  /// First record since the reset of a read of the function, config or MMIO, that had come back.
  public var readBack: UInt64?
  /// When the function may be asked again, in ns; nil while nothing ends the reset, 0 without a
  /// window.
  public var windowEndNs: UInt64?
  /// The capture has time stamps for an end of the window and the access; without them the end
  /// says nothing.
  public var isTimed = true
  /// Command.MEM of the function at that time.
  public var memory: RecoveryWindow.MemoryState

  public init(
    access: MMIOAccess, completed: UInt64? = nil, readBack: UInt64? = nil,
    windowEndNs: UInt64? = 0, memory: RecoveryWindow.MemoryState = .unknown
  ) {
    self.access = access
    self.completed = completed
    self.readBack = readBack
    self.windowEndNs = windowEndNs
    self.memory = memory
  }
}

extension MMIOAfter {
  /// The access is known to come inside the recovery time.
  public var isEarly: Bool { windowEndNs.map { isTimed && access.timeNs < $0 } ?? true }
}
