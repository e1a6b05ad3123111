import ArmMemory
import TraceCore

/// A block's record class under one scenario: everything that its records' treatment depends on.
///
/// Small, because one is copied for every run.
struct ResolvedClass: BitwiseCopyable {
  /// Which path of the engine handles the record.
  enum Path: UInt8 {
    case gatheringStore, deviceStore, load, barrier, ecam, config, lost, reset, other
  }

  var path: Path
  var type = MemoryType.deviceNGnRnE
  /// The stage that made the location Device: 1 or 2; 0 on Normal.
  var faultStage: UInt8 = 0
  var isWrite = false
  var release = false
  var single64 = false
  /// The region has registers that a map marks as side-effecting.
  var hasSideEffects = false
  private var barrierByte = Barrier(.isb).rawValue
  private var sizeByte: UInt8 = 0
  private var valueByteCount: UInt8 = 0
  /// The vCPU's number in the trace.
  var vcpuName: UInt16 = 0
  private var vcpuNumber: UInt16 = 0
  private var regionNumber: Int32 = 0
  private var functionNumber: Int32 = 0
  private var targetNumber: Int32 = 0

  init(path: Path) { self.path = path }

  /// Number of the vCPU in the engine's tables.
  var vcpu: Int {
    get { Int(vcpuNumber) }
    set { vcpuNumber = UInt16(newValue) }
  }

  var size: Int {
    get { Int(sizeByte) }
    set { sizeByte = UInt8(newValue) }
  }

  /// Number of the region in the engine's tables.
  var region: Int {
    get { Int(regionNumber) }
    set { regionNumber = Int32(newValue) }
  }

  /// Number of the function in the engine's tables; ``ReplayTables/unknownFunction`` and above
  /// where the region has none.
  var function: Int {
    get { Int(functionNumber) }
    set { functionNumber = Int32(newValue) }
  }

  /// Index of the ``ConfigTarget`` of a config access or reset.
  var target: Int {
    get { Int(targetNumber) }
    set { targetNumber = Int32(newValue) }
  }

  /// Value bytes of each record in the block's config values.
  var valueBytes: Int {
    get { Int(valueByteCount) }
    set { valueByteCount = UInt8(newValue) }
  }

  var barrier: Barrier {
    get { Barrier(rawValue: barrierByte) ?? Barrier(.isb) }
    set { barrierByte = newValue.rawValue }
  }

  /// The type drains gathered lines where the CPU profile says that Device accesses do.
  var isDraining: Bool { type.isDevice && !type.gathers }
}

/// Where a config access or a reset goes.
struct ConfigTarget {
  /// First address of the ECAM window; 0 for accesses that name their function.
  var ecamBase: UInt64 = 0
  /// The function, or the first one of the ECAM window.
  var function: PCIFunction?
  /// Kind of a reset.
  var name = ""
}
