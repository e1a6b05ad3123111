import TraceCore

/// What a plain line of QEMU's log says.
struct QEMUToken: BitwiseCopyable {
  enum Event: UInt8 { case memory, vfio }

  var event = Event.memory
  var isWrite = false
  var hasTime = false
  var hasThread = false
  var size: UInt8 = 0
  /// VFIO's region number, one digit.
  var number: UInt8 = 0
  /// vCPU; -1 for a device or the main loop.
  var cpu: Int32 = 0
  /// The region's name, or `0000:04:00.0:region0`.
  var text = TextPlace()
  var thread: UInt64 = 0
  var time: UInt64 = 0
  var memoryRegion: UInt64 = 0
  /// Address, or offset in a region of VFIO.
  var address: UInt64 = 0
  var value: UInt64 = 0

  var prefix: QEMUPrefix {
    QEMUPrefix(time: hasTime ? time : nil, thread: hasThread ? thread : nil)
  }

  var memoryAccess: MemoryAccess {
    MemoryAccess(
      isWrite: isWrite, cpu: cpu, memoryRegion: memoryRegion, address: address, value: value,
      size: size, name: text.range)
  }

  var vfioAccess: VFIOAccess {
    VFIOAccess(
      place: text.range, deviceEnd: text.range.upperBound - 8, number: Int(number), offset: address,
      value: value, size: size)
  }
}
