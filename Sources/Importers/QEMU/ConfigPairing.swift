import TraceCore

/// Joins the two lines that QEMU logs for one config access.
///
/// A guest's config write is logged as an access to the ECAM window or the data port, which has
/// the size, and then as `pci_cfg_write`, which has the function; a read as `pci_cfg_read`, then
/// as the access. The first of the two waits here for the next event of its thread. Where that is
/// not the other half, the access is taken from the one line there is.
struct ConfigPairing {
  /// Half of a config access, on its way.
  struct Half {
    /// The thread of the event, or a number that no thread has.
    var thread: UInt64
    var vcpu: UInt16?
    /// The function where the half tells it; bus 0 where `hasBus` is false.
    var function: PCIFunction?
    var hasBus: Bool
    /// The register, or its lowest two bits where the function is not known.
    var register: UInt64
    var isWrite: Bool
    var value: UInt64
    /// 0 in the decoded half.
    var size: UInt8
    var time: UInt64?
    var line: UInt64?

    /// The event is `pci_cfg_*`, not the access to the window or port.
    var isDecoded: Bool { size == 0 }

    /// The two are one access.
    func matches(_ other: Half) -> Bool {
      guard thread == other.thread, isWrite == other.isWrite, isDecoded != other.isDecoded
      else { return false }
      let bytes = UInt64(max(size, other.size))
      let mask = bytes >= 8 ? UInt64.max : 1 << (8 * bytes) - 1
      guard value & mask == other.value & mask else { return false }
      guard let function, let otherFunction = other.function else {
        return register & 3 == other.register & 3
      }
      let busMask: UInt32 = hasBus && other.hasBus ? 0xffff : 0xff
      return register == other.register
        && function.rawValue & busMask == otherFunction.rawValue & busMask
    }
  }

  /// Threads in which a half waits at most.
  static let limit = 64

  private var halves: [Half] = []

  var isEmpty: Bool { halves.isEmpty }

  /// Takes out the half that waits in a thread.
  mutating func take(_ thread: UInt64) -> Half? {
    guard let index = halves.firstIndex(where: { $0.thread == thread }) else { return nil }
    return halves.remove(at: index)
  }

  /// Takes out the oldest half.
  mutating func takeOldest() -> Half? { halves.isEmpty ? nil : halves.removeFirst() }

  /// Lets a half wait; none waits in its thread.
  ///
  /// - Returns: The half that has waited longest, where too many do.
  mutating func hold(_ half: Half) -> Half? {
    halves.append(half)
    return halves.count > Self.limit ? halves.removeFirst() : nil
  }
}
