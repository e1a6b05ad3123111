import ConfigSpace
import TraceCore

/// Which functions are bridges on the way to others, as the config accesses of a trace show it.
///
/// A reset at such a bridge, or of it, is a reset of what lies below.
struct ConfigTopology {
  private let space: ConfigSpace

  /// - Parameter images: What is known ahead of the records.
  init(images: [PCIFunction: [UInt8]]) {
    space = ConfigSpace(images: images, times: .untimed)
  }

  /// Takes one access, in trace order.
  ///
  /// - Parameters:
  ///   - location: What it goes to.
  ///   - bytes: Read or written; as many as are known.
  ///   - size: Its size in bytes.
  ///   - isWrite: It is a write.
  func take(_ location: ConfigLocation, _ bytes: ArraySlice<UInt8>, size: Int, isWrite: Bool) {
    // A wider access is one of double words.
    var done = 0
    repeat {
      let register = location.register &+ UInt16(done)
      let step = min(4 - Int(register & 3), max(1, size - done))
      let part = bytes.dropFirst(done).prefix(step)
      _ = space.access(
        ConfigAccess(
          function: location.function, register: register, size: UInt8(step),
          value: part.count == step
            ? part.reversed().reduce(0) { $0 << 8 | UInt32($1) } : nil,
          isWrite: isWrite, timeNs: 0, record: 0))
      done += step
    } while done < size
  }

  /// A function is a bridge, known or taken for one, that one of the others is below.
  ///
  /// Where its bus numbers are not known, it may be above whatever has a higher bus.
  func isBridge(_ bridge: PCIFunction, above functions: [PCIFunction]) -> Bool {
    guard space.isBridge(bridge) else { return false }
    let buses = space.busesBelow(bridge)
    return functions.contains {
      $0.segment == bridge.segment && $0.bus > bridge.bus && buses?.contains($0.bus) ?? true
    }
  }
}
