/// What bounds an endless stream of equal memory writes: header credits, data credits, the link.
///
/// Credits bound the rate to PH / T and PD / (u T), with T the credit loop time and u the data
/// credits of one TLP, one each 16 bytes.
public struct PostedStream: Sendable, Equatable {
  /// TLPs per second by header credits; infinite where they or the loop are.
  public let headerCreditBound: Double
  /// TLPs per second by data credits.
  public let dataCreditBound: Double
  /// TLPs per second by the link.
  public let linkBound: Double

  /// - Parameters:
  ///   - dwords: The Length field of each TLP.
  ///   - wireBytes: Bytes of each TLP on the wire.
  ///   - link: The link and its credits.
  public init(dwords: Int, wireBytes: Int, link: LinkConfiguration) {
    let units = (dwords + 3) / 4
    let loop = Double(link.flowControl.loopPs) * 1e-12
    headerCreditBound = Self.bound(credits: link.flowControl.posted.headers, each: 1, loop: loop)
    dataCreditBound = Self.bound(credits: link.flowControl.posted.data, each: units, loop: loop)
    linkBound = LinkRate(link).tlpBitsPerSecond / Double(8 * wireBytes)
  }

  /// TLPs per second: the smallest bound.
  public var tlpsPerSecond: Double { min(headerCreditBound, dataCreditBound, linkBound) }

  private static func bound(credits: Int, each: Int, loop: Double) -> Double {
    credits == 0 || each == 0 || loop == 0 ? .infinity : Double(credits) / (Double(each) * loop)
  }
}
