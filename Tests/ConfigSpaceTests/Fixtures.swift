import ConfigSpace
import TraceCore

/// A configuration space to test with.
struct TestImage {
  var bytes = [UInt8](repeating: 0, count: 4096)

  mutating func put(_ register: Int, _ values: UInt8...) {
    for (index, value) in values.enumerated() { bytes[register + index] = value }
  }

  /// Type 0: PM at 0x40 (No_Soft_Reset 0), MSI at 0x50, PCIe endpoint at 0x60 with FLR, AF at 0xa0,
  /// AER at 0x100, SR-IOV at 0x150 (VF Enable 1), CXL device DVSEC at 0x240 (timeout code 2).
  static let endpoint: TestImage = {
    var image = TestImage()
    image.put(0x00, 0xde, 0x10, 0x34, 0x12, 0x06, 0x04, 0x10, 0x00)
    image.put(0x10, 0x00, 0x00, 0x00, 0xc0)
    image.put(0x34, 0x40)
    image.put(0x40, 0x01, 0x50, 0x03, 0x00, 0x00, 0x00)
    image.put(0x50, 0x05, 0x60)
    image.put(0x60, 0x10, 0xa0, 0x02, 0x00, 0x00, 0x00, 0x00, 0x10)
    image.put(0xa0, 0x13, 0x00, 0x06, 0x03)
    image.put(0x100, 0x01, 0x00, 0x02, 0x15)
    image.put(0x150, 0x10, 0x00, 0x01, 0x24)
    image.put(0x158, 0x01)
    image.put(0x240, 0x23, 0x00, 0x01, 0x00, 0x98, 0x1e, 0x00, 0x00, 0x00, 0x00, 0x85, 0x02)
    return image
  }()

  /// Type 1 root port over buses 1 to 3: PCIe at 0x60, DPC at 0x200 (software trigger capable,
  /// triggered), CXL port DVSEC at 0x240 (SBR not masked).
  static let port: TestImage = {
    var image = TestImage()
    image.put(0x00, 0xde, 0x10, 0x00, 0x20, 0x06, 0x04, 0x10, 0x00)
    image.put(0x0e, 0x01)
    image.put(0x18, 0x00, 0x01, 0x03)
    image.put(0x34, 0x60)
    image.put(0x60, 0x10, 0x00, 0x42, 0x01)
    image.put(0x100, 0x01, 0x00, 0x02, 0x20)
    image.put(0x200, 0x1d, 0x00, 0x01, 0x24, 0x80, 0x00, 0x00, 0x00, 0x01, 0x00)
    image.put(0x240, 0x23, 0x00, 0x01, 0x00, 0x98, 0x1e, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00)
    image.put(0x24c, 0x01)
    return image
  }()

  func with(_ register: Int, _ value: UInt8) -> TestImage {
    var copy = self
    copy.bytes[register] = value
    return copy
  }
}

/// By hand: PCIe 6.6.1, 6.6.2 and 9.3.3.3.1 100 ms, PM 10 ms, PCI 1000 + 100 ms, a bus reset at
/// least 1 ms, training within 20 ms, ready within 1 s.
let testTimes: RecoveryTimes = {
  func milliseconds(_ count: UInt64) -> QuietWindow {
    QuietWindow(nanoseconds: count * 1_000_000, source: "test")
  }
  return RecoveryTimes(
    functionLevelReset: milliseconds(100), advancedFeaturesReset: milliseconds(100),
    powerState: milliseconds(10), conventionalReset: milliseconds(100),
    conventionalBus: milliseconds(1100), virtualFunctionEnable: milliseconds(100),
    busResetHold: milliseconds(1), linkTrainingStart: milliseconds(20),
    deviceReady: milliseconds(1000))
}()

/// Feeds accesses with rising record numbers.
struct Feeder {
  let space: ConfigSpace
  var function: PCIFunction
  var time: UInt64 = 0
  var record: UInt64 = 0

  init(_ space: ConfigSpace, _ function: PCIFunction) {
    self.space = space
    self.function = function
  }

  mutating func write(_ register: UInt16, _ size: UInt8, _ value: UInt32?) -> [ConfigEvent] {
    access(register, size, value, isWrite: true)
  }

  @discardableResult
  mutating func read(_ register: UInt16, _ size: UInt8, _ value: UInt32?) -> [ConfigEvent] {
    access(register, size, value, isWrite: false)
  }

  private mutating func access(
    _ register: UInt16, _ size: UInt8, _ value: UInt32?, isWrite: Bool
  ) -> [ConfigEvent] {
    defer { record += 1 }
    return space.access(
      ConfigAccess(
        function: function, register: register, size: size, value: value, isWrite: isWrite,
        timeNs: time, record: record))
  }
}

let testEndpoint = PCIFunction(bus: 1, device: 0, function: 0)
let testPort = PCIFunction(bus: 0, device: 1, function: 0)

extension RecoveryWindow {
  /// The time lies in the window of its cause.
  func isRecovering(at timeNs: UInt64) -> Bool {
    guard let cause, cause.fromNs <= timeNs else { return false }
    guard let end = cause.untilNs else { return true }
    return timeNs < end
  }
}
