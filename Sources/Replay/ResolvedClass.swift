import ArmMemory
import TraceCore

/// A block's record class under one scenario: everything that its records' treatment depends on.
struct ResolvedClass {
  /// Which path of the engine handles the record.
  enum Path {
    case gatheringStore, deviceStore, load, barrier, ecam, config, lost, reset, other
  }

  var path: Path
  /// Number of the vCPU in the engine's tables.
  var vcpu = 0
  /// The vCPU's number in the trace.
  var vcpuName: UInt16 = 0
  var size = 0
  /// Number of the region in the engine's tables.
  var region = 0
  /// Number of the function in the engine's tables.
  var function = 0
  var type = MemoryType.deviceNGnRnE
  /// The stage that made the location Device: 1 or 2; 0 on Normal.
  var faultStage = 0
  var isWrite = false
  var release = false
  var single64 = false
  var barrier = Barrier(.isb)
  /// Value bytes of each record in the block's config values.
  var valueBytes = 0
  /// Of an ECAM window: its base address and first function.
  var ecamBase: UInt64 = 0
  var pciFunction = PCIFunction(rawValue: 0)
  var hasFunction = false
  /// Index of a reset's name in the trace's texts, or -1.
  var text = -1
  /// The region has registers that a map marks as side-effecting.
  var hasSideEffects = false

  /// The type drains gathered lines where the CPU profile says that Device accesses do.
  var isDraining: Bool { type.isDevice && !type.gathers }
}
