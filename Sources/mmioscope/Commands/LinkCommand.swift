import ArgumentParser
import PCIeModel
import Profiles
import TraceCore

/// `mmioscope link`: wire bytes, TLP rate and goodput of posted writes in closed form.
struct LinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link",
    abstract: "Wire bytes, TLP rate and goodput of posted writes, in closed form, as CSV.",
    discussion: """
      A size is a number of consecutive bytes written from an aligned address; above \
      Max_Payload_Size it becomes several TLPs. Credits and the CPU play no part.
      """)

  @Argument(help: "Links, each genGxL[,mps=…].")
  var links = [ProfileLibrary.defaultLink]

  @Option(help: "Bytes written, separated by commas.")
  var sizes = "4,8,64,256"

  @Option(help: "DWs of the header: 4, or 3 for addresses below 4 GiB.")
  var headerDw = 4

  @Flag(help: "TLPs carry an end-to-end CRC.")
  var ecrc = false

  func run() throws {
    guard headerDw == 3 || headerDw == 4 else {
      throw TraceError(.configuration, "--header-dw must be 3 or 4")
    }
    let sizes = try Self.sizes(sizes)
    var output = try OutputBuffer()
    output.append(
      "gen,lanes,mps,header_dw,flit,payload_bytes,wire_bytes,tlp_link_gbps,goodput_gbps\n")
    for text in links {
      let link = try ProfileLibrary().resolve(link: text).link
      for size in sizes {
        append(size, link, to: &output)
        if output.isFull { try output.flush() }
      }
    }
    try output.flush()
  }

  private func append(_ size: Int, _ link: LinkConfiguration, to output: inout OutputBuffer) {
    let rate = LinkRate(link)
    let write = ContiguousWrite(
      payloadBytes: size, headerDwords: headerDw, cost: WireCost(link: link, ecrc: ecrc))
    let cells = [
      link.generation, link.lanes, link.maxPayload, headerDw, link.flit ? 1 : 0, size,
      write.wireBytes,
    ]
    for cell in cells {
      output.append(decimal: UInt64(cell))
      output.append("," as Unicode.Scalar)
    }
    output.append(threeDecimals: rate.tlpBitsPerSecond * 1e-9)
    output.append("," as Unicode.Scalar)
    output.append(threeDecimals: write.goodputBitsPerSecond(rate) * 1e-9)
    output.append("\n" as Unicode.Scalar)
  }

  /// The sizes of a list.
  ///
  /// - Parameter text: `4,8,64`.
  /// - Returns: At least one size, each 1 to 2^30.
  /// - Throws: `TraceError.configuration` naming the wrong item.
  private static func sizes(_ text: String) throws(TraceError) -> [Int] {
    var sizes: [Int] = []
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let size = Int(item), 1...(1 << 30) ~= size else {
        throw TraceError(
          .configuration, "--sizes: '\(item)' is not a number of bytes, 1 to \(1 << 30)")
      }
      sizes.append(size)
    }
    return sizes
  }
}
