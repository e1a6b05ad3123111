/// A memory write's First and Last DW BE fields.
///
/// Bit k enables byte k of the DW, bit 0 the lowest address; a write of one DW has a Last DW BE of
/// 0 (PCI Express Base Specification 5.0, section 2.2.5).
public struct ByteEnables: Equatable, Sendable {
  /// First DW BE, bits 3:0.
  public var first: UInt8
  /// Last DW BE, bits 3:0.
  public var last: UInt8

  /// Both 0: of a zero-length request, and where the fields are reserved.
  public static let none = ByteEnables(first: 0, last: 0)

  init(first: UInt8, last: UInt8) {
    self.first = first
    self.last = last
  }

  /// The byte enables of consecutive bytes; none of them is disabled between the ends.
  ///
  /// - Parameters:
  ///   - address: Byte address of the first byte.
  ///   - bytes: 1 or more.
  public init(address: UInt64, bytes: Int) {
    precondition(bytes > 0, "no bytes")
    let skew = Int(address & 3)
    let end = skew + bytes
    first = UInt8((1 << min(end, 4)) - 1) & 0xf &<< UInt8(skew)
    last = end <= 4 ? 0 : UInt8((1 << ((end - 1) & 3 + 1)) - 1)
  }

  /// The byte enables of one write of a split.
  ///
  /// - Parameters:
  ///   - shape: One element of the split.
  ///   - mask: The enabled bytes that were split.
  ///   - address: Byte address of the mask's bit 0.
  public init(of shape: TLPShape, mask: UInt128, address: UInt64) {
    var rest = mask >> UInt128(shape.offset)
    let skew = Int((address &+ UInt64(shape.offset)) & 3)
    var fields: (first: UInt8, last: UInt8) = (0, 0)
    for _ in 0..<shape.payloadBytes {
      precondition(rest != 0, "the shape is not one of this mask's")
      let byte = skew + rest.trailingZeroBitCount
      if byte < 4 {
        fields.first |= 1 << UInt8(byte)
      } else if byte >> 2 == shape.dwords - 1 {
        fields.last |= 1 << UInt8(byte & 3)
      }
      rest &= rest &- 1
    }
    (first, last) = fields
  }

  /// A memory request may have these fields (PCI Express Base Specification 5.0, section 2.2.5).
  ///
  /// One DW: any First, no Last. Two DWs from an 8-byte boundary on: both not 0. Else no hole: First
  /// runs to bit 3, Last from bit 0.
  ///
  /// - Parameters:
  ///   - dwords: The Length field, 1 or more.
  ///   - address: Byte address of the first DW.
  /// - Returns: false for what a receiver may take for a Malformed TLP.
  public func areLegal(dwords: Int, address: UInt64) -> Bool {
    if dwords == 1 { return first <= 0xf && last == 0 }
    guard 1...0xf ~= first, 1...0xf ~= last else { return false }
    if dwords == 2, address & 4 == 0 { return true }
    // A run that ends at bit 3 carries out of it when its lowest bit is added; one from bit 0 on
    // leaves nothing.
    return first + (first & (~first &+ 1)) == 0x10 && last & (last + 1) == 0
  }
}
