public import TraceCore

/// One configuration read or write.
public struct ConfigAccess: Sendable, Equatable {
  public var function: PCIFunction
  /// Byte offset in the function's 4 KiB.
  public var register: UInt16
  /// 1, 2 or 4 bytes.
  public var size: UInt8
  /// Written, or read back; nil where the capture does not hold it.
  public var value: UInt32?
  public var isWrite: Bool
  public var timeNs: UInt64
  /// Index of the trace record.
  public var record: UInt64

  /// A host returns all ones where nobody answers.
  public var isAllOnes: Bool {
    guard let value, (1...4).contains(size) else { return false }
    let ones = UInt32.max >> UInt32(32 - 8 * Int(size))
    return value & ones == ones
  }

  /// The port returns 0x0001 as Vendor ID while the function asks for a retry (PCIe Base 5.0,
  /// section 2.3.2).
  public var asksForRetry: Bool {
    register == 0 && size >= 2 && value.map { $0 & 0xffff == 0x0001 } ?? false
  }

  /// What was read is known, and is the function's own word.
  public var isAnswered: Bool { value != nil && !isAllOnes && !asksForRetry }

  /// All of Vendor and Device ID.
  var asksForID: Bool { register == 0 && size == 4 }

  public init(
    function: PCIFunction, register: UInt16, size: UInt8, value: UInt32?, isWrite: Bool,
    timeNs: UInt64, record: UInt64
  ) {
    self.function = function
    self.register = register
    self.size = size
    self.value = value
    self.isWrite = isWrite
    self.timeNs = timeNs
    self.record = record
  }
}

/// A function and a register: what an address of a configuration mechanism stands for.
public struct ConfigLocation: Sendable, Equatable {
  public var function: PCIFunction
  /// Byte offset, 0 to 0xfff.
  public var register: UInt16

  public init(function: PCIFunction, register: UInt16) {
    self.function = function
    self.register = register
  }
}

/// A window of memory-mapped configuration space.
///
/// PCIe's has 4 KiB a function (ECAM, PCIe Base 5.0, section 7.2.2), that of conventional bridges
/// and of gem5's generic host 256 bytes (CAM, Linux `pci-ecam.h`).
public struct ECAMWindow: Sendable, Equatable {
  public var segment: UInt16
  /// Bus number at offset 0.
  public var startBus: UInt8
  public var layout: ConfigLayout

  public init(segment: UInt16 = 0, startBus: UInt8 = 0, layout: ConfigLayout = .ecam) {
    self.segment = segment
    self.startBus = startBus
    self.layout = layout
  }

  /// The window that a region of configuration space is: its function is the first one's.
  public init(_ region: Region) {
    self.init(
      segment: region.function?.segment ?? 0, startBus: region.function?.bus ?? 0,
      layout: region.configLayout ?? .ecam)
  }

  /// Decodes an offset: bus, device (5 bits), function (3 bits), register.
  ///
  /// ECAM has them at 27:20, 19:15, 14:12 and 11:0, CAM at 23:16, 15:11, 10:8 and 7:0. Where a
  /// device has alternative routing IDs, device and function are one number of 8 bits (PCIe Base
  /// 5.0, section 6.13).
  ///
  /// - Parameter offset: Bytes from the window's base.
  /// - Returns: nil where the bus number would exceed 255.
  public func decode(_ offset: UInt64) -> ConfigLocation? {
    let functionShift = UInt64(layout.bytesPerFunction.trailingZeroBitCount)
    let busOffset = offset >> (functionShift + 8)
    guard busOffset + UInt64(startBus) <= 0xff else { return nil }
    let bus = UInt32(busOffset) + UInt32(startBus)
    let function = PCIFunction(
      rawValue: UInt32(segment) << 16 | bus << 8 | UInt32(offset >> functionShift & 0xff))
    return ConfigLocation(
      function: function, register: UInt16(offset & (layout.bytesPerFunction - 1)))
  }
}

extension Region {
  /// What an address stands for where the region is memory-mapped configuration space.
  ///
  /// - Returns: nil below the region, and where the bus number would exceed 255.
  public func configLocation(of address: UInt64) -> ConfigLocation? {
    address < base ? nil : ECAMWindow(self).decode(address - base)
  }
}

extension PCIFunction {
  /// Bus, device and function as a requester or completer ID.
  public var routingID: UInt16 { UInt16(truncatingIfNeeded: rawValue) }
}

/// The x86 port pair CF8/CFC (PCI 3.0, section 3.2.2.3.2; bits 27:24 extend the register).
public enum PortPair {
  /// Decodes the address written to CF8.
  ///
  /// - Parameters:
  ///   - address: Value of CF8; bit 31 enables.
  ///   - port: Byte offset from CFC of the data access, 0 to 3.
  /// - Returns: nil while the enable bit is clear.
  public static func decode(_ address: UInt32, port: UInt8 = 0) -> ConfigLocation? {
    guard address >> 31 == 1 else { return nil }
    let function = PCIFunction(
      bus: UInt8(address >> 16 & 0xff), device: UInt8(address >> 11 & 31),
      function: UInt8(address >> 8 & 7))
    let register = address >> 16 & 0xf00 | address & 0xfc | UInt32(port & 3)
    return ConfigLocation(function: function, register: UInt16(register))
  }
}
