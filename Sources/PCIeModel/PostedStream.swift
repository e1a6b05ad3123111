/// What bounds an endless stream of equal memory writes: header credits, data credits, the link.
///
/// Credits bound the rate to PH / T and PD / (u T), with T the credit loop time and u the data
/// credits of one write, one each 16 bytes. A write is one TLP, or what Max_Payload_Size makes of
/// it.
public struct PostedStream: Sendable, Equatable {
  /// Writes per second by header credits; infinite where they or the loop are.
  public let headerCreditBound: Double
  /// Writes per second by data credits.
  public let dataCreditBound: Double
  /// Writes per second by the link.
  public let linkBound: Double

  /// - Parameters:
  ///   - dwords: The Length field of each TLP.
  ///   - wireBytes: Bytes of each TLP on the wire.
  ///   - link: The link and its credits.
  public init(dwords: Int, wireBytes: Int, link: LinkConfiguration) {
    self.init(headers: 1, units: (dwords + 3) / 4, wireBytes: wireBytes, link: link)
  }

  /// - Parameters:
  ///   - write: A write of one TLP or more.
  ///   - link: The link and its credits.
  public init(_ write: ContiguousWrite, link: LinkConfiguration) {
    self.init(
      headers: write.tlps, units: write.dataCredits, wireBytes: write.wireBytes, link: link)
  }

  private init(headers: Int, units: Int, wireBytes: Int, link: LinkConfiguration) {
    let loop = Double(link.flowControl.loopPs) * 1e-12
    let credits = link.flowControl.posted
    headerCreditBound = Self.bound(credits: credits.headers, each: headers, loop: loop)
    dataCreditBound = Self.bound(credits: credits.data, each: units, loop: loop)
    linkBound = LinkRate(link).tlpBitsPerSecond / Double(8 * wireBytes)
  }

  private static func bound(credits: Int, each: Int, loop: Double) -> Double {
    credits == 0 || each == 0 || loop == 0 ? .infinity : Double(credits) / (Double(each) * loop)
  }
}
