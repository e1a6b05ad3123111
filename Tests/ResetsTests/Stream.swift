import ConfigSpace
import Resets
import TraceCore

/// A machine of one port and one endpoint, and what is done to their config space.
///
/// Endpoint 01:00.0: PM at 0x40 (No_Soft_Reset 0), PCIe at 0x60 with FLR, AF at 0xa0. Port 00:01.0
/// over bus 1: PCIe at 0x60, DPC at 0x200, CXL port DVSEC at 0x240 (SBR masked).
struct Stream {
  static let endpoint = PCIFunction(bus: 1, device: 0, function: 0)
  static let port = PCIFunction(bus: 0, device: 1, function: 0)

  let space: ConfigSpace
  /// The endpoint's config space, as it was at the start.
  private let image: [UInt8]
  var recogniser: SequenceRecogniser
  var record: UInt64 = 0
  var time: UInt64 = 0
  private(set) var events: [ConfigEvent] = []

  /// - Parameter limit: Resets whose sequences are kept, and sizings.
  init(limit: Int = 100_000) {
    recogniser = SequenceRecogniser(limit: limit)
    var device = [UInt8](repeating: 0, count: 4096)
    Self.put(&device, 0x00, [0x36, 0x1b, 0x10, 0x00, 0x06, 0x04, 0x10, 0x00])
    Self.put(&device, 0x10, [0x00, 0x00, 0x00, 0xc0])
    Self.put(&device, 0x34, [0x40])
    Self.put(&device, 0x40, [0x01, 0x60, 0x03, 0x00, 0x00, 0x00])
    Self.put(&device, 0x60, [0x10, 0xa0, 0x02, 0x00, 0x00, 0x00, 0x00, 0x10])
    Self.put(&device, 0xa0, [0x13, 0x00, 0x06, 0x03])
    var bridge = [UInt8](repeating: 0, count: 4096)
    Self.put(&bridge, 0x00, [0x36, 0x1b, 0x0c, 0x00, 0x06, 0x04, 0x10, 0x00])
    Self.put(&bridge, 0x0e, [0x01])
    Self.put(&bridge, 0x18, [0x00, 0x01, 0x01])
    Self.put(&bridge, 0x34, [0x60])
    Self.put(&bridge, 0x60, [0x10, 0x00, 0x42, 0x01])
    Self.put(&bridge, 0x100, [0x01, 0x00, 0x02, 0x20])
    Self.put(&bridge, 0x200, [0x1d, 0x00, 0x01, 0x24, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00])
    Self.put(&bridge, 0x240, [0x23, 0, 1, 0, 0x98, 0x1e, 0, 0, 0x03, 0, 0, 0])
    image = device
    space = ConfigSpace(images: [Self.endpoint: device, Self.port: bridge], times: Self.times)
  }

  /// PCIe Base 5.0, 6.6.1 and 6.6.2; PCI Power Management 1.2, 5.4.
  static let times = RecoveryTimes(
    functionLevelReset: wait(100), advancedFeaturesReset: wait(100), powerState: wait(10),
    conventionalReset: wait(100), conventionalBus: wait(1000), virtualFunctionEnable: wait(100),
    busResetHold: wait(1), linkTrainingStart: wait(20), deviceReady: wait(1000))

  private static func wait(_ ms: UInt64) -> QuietWindow {
    QuietWindow(nanoseconds: ms * 1_000_000, source: "specification")
  }

  private static func put(_ image: inout [UInt8], _ register: Int, _ bytes: [UInt8]) {
    image.replaceSubrange(register..<register + bytes.count, with: bytes)
  }

  /// - Returns: The access's record.
  @discardableResult
  mutating func write(
    _ register: UInt16, _ size: UInt8, _ value: UInt32, of function: PCIFunction = endpoint
  ) -> UInt64 {
    access(register, size, value, function, isWrite: true)
  }

  @discardableResult
  mutating func read(
    _ register: UInt16, _ size: UInt8, _ value: UInt32, of function: PCIFunction = endpoint
  ) -> UInt64 {
    access(register, size, value, function, isWrite: false)
  }

  private mutating func access(
    _ register: UInt16, _ size: UInt8, _ value: UInt32, _ function: PCIFunction, isWrite: Bool
  ) -> UInt64 {
    let access = ConfigAccess(
      function: function, register: register, size: size, value: value, isWrite: isWrite,
      timeNs: time, record: record)
    let found = space.access(access)
    events += found
    recogniser.take(access, found)
    record += 1
    return record - 1
  }

  mutating func notice(_ kind: String) {
    let found = space.resetNotice(
      kind: kind, function: Self.endpoint, time: time, record: record)
    events += found
    recogniser.notice(found)
    record += 1
  }

  mutating func sleep(ms: UInt64) { time += ms * 1_000_000 }

  // MARK: Pieces of Linux 6.18 drivers/pci/pci.c

  /// pci_save_state: the header's double words, ascending.
  mutating func save() {
    for register in stride(from: UInt16(0), to: 0x40, by: 4) {
      let bytes = image[Int(register)..<Int(register) + 4]
      read(register, 4, bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
    read(0x68, 2, 0)
  }

  mutating func commandOff() { write(0x04, 2, 0x0400) }

  /// pci_dev_wait without RRS Software Visibility: Command until it is not all ones.
  mutating func deviceWait() {
    read(0x04, 4, 0xffff_ffff)
    sleep(ms: 1)
    read(0x04, 4, 0x0010_0000)
  }

  /// pci_restore_state: control register, BARs from the highest, Command last.
  mutating func restore() {
    write(0x68, 2, 0)
    read(0x10, 4, 0)
    write(0x10, 4, 0xc000_0000)
    write(0x04, 4, 0x0010_0406)
  }

  mutating func finish() -> [ResetSequence] { recogniser.finish() }
}
