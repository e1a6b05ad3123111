/// One memory write of a split line: where it starts and how much it carries.
///
/// A split is in address order and leaves nothing out, so a write's enabled bytes are the next
/// ``payloadBytes`` enabled bytes of the line from ``offset`` on.
public struct TLPShape: Equatable, Sendable, BitwiseCopyable {
  private let storedOffset: UInt8
  private let storedPayload: UInt8
  private let storedDwords: UInt8

  init(offset: Int, payloadBytes: Int, dwords: Int) {
    storedOffset = UInt8(truncatingIfNeeded: offset)
    storedPayload = UInt8(truncatingIfNeeded: payloadBytes)
    storedDwords = UInt8(truncatingIfNeeded: dwords)
  }

  /// First enabled byte, in bytes from the address of the mask's bit 0; 0 to 127.
  public var offset: Int { Int(storedOffset) }
  /// Enabled bytes, 1 to 128.
  public var payloadBytes: Int { Int(storedPayload) }
  /// The Length field: DWs from the first to the last that is touched, 1 to 32.
  public var dwords: Int { Int(storedDwords) }
  /// Bytes of the data field, 4 a DW.
  public var paddedBytes: Int { 4 * dwords }
  /// A DW of the write has a disabled byte, so the byte enables must be spelt out.
  public var partial: Bool { payloadBytes != paddedBytes }
  /// Posted data credits, in units of 16 bytes.
  public var dataCredits: Int { (dwords + 3) / 4 }
}
