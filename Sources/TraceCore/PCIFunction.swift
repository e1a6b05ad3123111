/// A PCI function: segment (domain), bus, device, function.
public struct PCIFunction: Hashable, Sendable, Comparable, Codable {
  /// Segment in bits 31:16, bus 15:8, device 7:3, function 2:0.
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// - Parameters:
  ///   - segment: PCI segment group, 0 to 65535.
  ///   - bus: Bus number.
  ///   - device: Device number, 0 to 31.
  ///   - function: Function number, 0 to 7.
  public init(segment: UInt16 = 0, bus: UInt8, device: UInt8, function: UInt8) {
    rawValue =
      UInt32(segment) << 16 | UInt32(bus) << 8 | UInt32(device & 31) << 3 | UInt32(function & 7)
  }

  public var segment: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 16) }
  public var bus: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 8) }
  public var device: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 3) & 31 }
  public var function: UInt8 { UInt8(truncatingIfNeeded: rawValue) & 7 }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension PCIFunction: LosslessStringConvertible {
  /// Parses `DDDD:BB:SS.F` or `BB:SS.F`, hexadecimal as in `lspci`.
  public init?(_ description: String) {
    // Integer initialisers take a sign.
    guard !description.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") })
    else { return nil }
    let parts = description.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3 else { return nil }
    let slot = parts[parts.count - 1].split(separator: ".", omittingEmptySubsequences: false)
    guard slot.count == 2,
      let segment = parts.count == 3 ? UInt16(parts[0], radix: 16) : 0,
      let bus = UInt8(parts[parts.count - 2], radix: 16),
      let device = UInt8(slot[0], radix: 16), device < 32,
      let function = UInt8(slot[1], radix: 16), function < 8
    else { return nil }
    self.init(segment: segment, bus: bus, device: device, function: function)
  }

  /// `0000:01:00.0`.
  public var description: String {
    hex(UInt64(segment), width: 4) + ":" + hex(UInt64(bus), width: 2) + ":"
      + hex(UInt64(device), width: 2) + "." + String(function)
  }
}

/// Lower-case hexadecimal digits without a prefix, padded with zeros to `width`.
public func hex(_ value: UInt64, width: Int = 1) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// A First or Last DW BE field as the specification writes it: four bits, bit 3 (the highest address)
/// first.
public func byteEnables(_ field: UInt8) -> String {
  let digits = String(field, radix: 2)
  return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
