/// Bytes that TLPs take on the wire, under one link and one choice of ECRC.
///
/// Non-flit: 8 (framing, sequence number and LCRC, the same sum in generations 1 to 5) + header
/// + ECRC + 4 x DW. Flit mode: 4 x (header + OHC + DW + trailer) DWs, with neither framing nor
/// LCRC (PCI Express Base Specification 6.0, section 2.2: OHC-A1 where byte enables must be spelt
/// out, OHC-A3 on every config request; the trailer is the ECRC).
///
/// A function of the TLP alone: DLLPs and ordered sets are part of ``LinkRate``.
public struct WireCost: Sendable, Equatable {
  /// The link whose limits and mode these costs hold for.
  public let link: LinkConfiguration
  /// TLPs carry an end-to-end CRC.
  public let ecrc: Bool
  /// Bytes of every TLP besides header, OHC and data.
  @usableFromInline let fixed: Int
  /// Bytes of an OHC: 4 in flit mode, else 0.
  @usableFromInline let ohc: Int

  public init(link: LinkConfiguration, ecrc: Bool) {
    self.link = link
    self.ecrc = ecrc
    fixed = (link.flit ? 0 : 8) + (ecrc ? 4 : 0)
    ohc = link.flit ? 4 : 0
  }

  /// DWs of a memory request's header: 3 below 4 GiB, else 4.
  @inlinable
  public static func headerDwords(address: UInt64) -> Int { address >> 32 == 0 ? 3 : 4 }

  /// Wire bytes of a memory write.
  ///
  /// - Parameters:
  ///   - dwords: The Length field.
  ///   - partial: A DW has a disabled byte.
  ///   - headerDwords: 3 or 4.
  /// - Returns: Bytes, down.
  @inlinable
  public func memoryWrite(dwords: Int, partial: Bool, headerDwords: Int) -> Int {
    fixed + 4 * (headerDwords + dwords) + (partial ? ohc : 0)
  }

  /// Wire bytes of one TLP of a split line.
  ///
  /// - Parameters:
  ///   - shape: The TLP.
  ///   - address: Byte address that the shape's offset counts from.
  /// - Returns: Bytes, down.
  @inlinable
  public func memoryWrite(_ shape: TLPShape, address: UInt64) -> Int {
    memoryWrite(
      dwords: shape.dwords, partial: shape.partial,
      headerDwords: Self.headerDwords(address: address &+ UInt64(shape.offset)))
  }

  /// Wire bytes of a memory read request, which carries no data.
  ///
  /// - Parameters:
  ///   - partial: A byte of the DWs asked for is disabled.
  ///   - headerDwords: 3 or 4.
  /// - Returns: Bytes, down.
  public func memoryReadRequest(partial: Bool, headerDwords: Int) -> Int {
    fixed + 4 * headerDwords + (partial ? ohc : 0)
  }

  /// Wire bytes of a completion with so many DWs of data; 0 is a completion without data.
  public func completion(dwords: Int) -> Int { fixed + 4 * (3 + dwords) }

  /// A config read: the request, and the completion with the register's DW.
  public var configRead: NonPostedCost {
    NonPostedCost(
      requests: 1, completions: 1, downBytes: UInt64(fixed + 12 + ohc),
      upBytes: UInt64(completion(dwords: 1)), dataUnits: 1)
  }

  /// A config write: the request with the register's DW, and the completion without data.
  public var configWrite: NonPostedCost {
    NonPostedCost(
      requests: 1, completions: 1, downBytes: UInt64(fixed + 16 + ohc),
      upBytes: UInt64(completion(dwords: 0)))
  }

  /// An AtomicOp: the request with its operands, and the completion with the old value.
  ///
  /// - Parameters:
  ///   - operation: How many operands there are.
  ///   - operandBytes: 4, 8 or 16.
  ///   - headerDwords: 3 or 4.
  /// - Returns: TLPs and wire bytes of both directions.
  public func atomic(
    _ operation: AtomicOperation, operandBytes: Int, headerDwords: Int
  ) -> NonPostedCost {
    let operands = operation.operands * operandBytes
    return NonPostedCost(
      requests: 1, completions: 1, downBytes: UInt64(fixed + 4 * headerDwords + operands),
      upBytes: UInt64(completion(dwords: operandBytes / 4)), dataUnits: 1)
  }
}
