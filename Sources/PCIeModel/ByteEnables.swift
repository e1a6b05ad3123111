/// A memory write's First and Last DW BE fields.
///
/// Bit k enables byte k of the DW, bit 0 the lowest address; a write of one DW has a Last DW BE of
/// 0 (PCI Express Base Specification 5.0, section 2.2.5).
public struct ByteEnables: Equatable, Sendable {
  /// First DW BE, bits 3:0.
  public var first: UInt8
  /// Last DW BE, bits 3:0.
  public var last: UInt8

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
}
