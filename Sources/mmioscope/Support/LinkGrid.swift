import ArgumentParser
import PCIeModel
import Profiles
import TraceCore

/// Which links and TLP forms a table of `link` has: every combination of the options' lists.
struct LinkGrid: ParsableArguments {
  /// Off, on, or one after the other.
  enum Modes: String, ExpressibleByArgument, CaseIterable {
    case off, on, both

    var values: [Bool] { self == .both ? [false, true] : [self == .on] }
  }

  @Option(help: "Generations, 1 to 7: 1-7.")
  var gen: String?

  @Option(help: "Widths: 1, 2, 4, 8, 12, 16, 32; a range takes all between.")
  var lanes: String?

  @Option(help: "Max_Payload_Size in bytes: 128,256.")
  var mps: String?

  @Option(help: "Max_Read_Request_Size in bytes; matters with --formulas.")
  var mrrs: String?

  @Option(help: "Read Completion Boundary in bytes, 64,128; matters with --formulas.")
  var rcb: String?

  @Option(help: "DWs of the header: 4, or 3 for addresses below 4 GiB, or 3,4.")
  var headerDw = "4"

  @Option(
    help: "Flit mode, where a generation has the choice; 6 and 7 are always on. Else the link's.")
  var flit: Modes?

  @Flag(help: "TLPs carry an end-to-end CRC.")
  var ecrc = false

  @Option(help: "With and without an end-to-end CRC; on is --ecrc.")
  var digest: Modes?

  /// The values of a power-of-two size in its register.
  private static let sizes = [128, 256, 512, 1024, 2048, 4096]
  private static let widths = [1, 2, 4, 8, 12, 16, 32]

  /// DWs of a header.
  func headers() throws(TraceError) -> [Int] {
    try NumberList(headerDw, option: "--header-dw", what: "a header's DWs", limits: 3...4)
      .values(among: [3, 4])
  }

  /// With an ECRC or not.
  func digests() throws(TraceError) -> [Bool] {
    guard let digest else { return [ecrc] }
    guard !ecrc else { throw TraceError(.configuration, "--ecrc and --digest exclude each other") }
    return digest.values
  }

  /// The links of the grid: by generation, lanes, MPS, MRRS, RCB, mode.
  ///
  /// - Parameter names: Links by name, which stand in for generations and lanes; may be empty.
  /// - Returns: One link or more.
  /// - Throws: `TraceError.configuration` for a wrong option, or where no link is left.
  func links(named names: [String]) throws(TraceError) -> [LinkConfiguration] {
    let library = ProfileLibrary()
    var links: [LinkConfiguration] = []
    for text in try texts(names) {
      let link = try library.resolve(link: text).link
      let modes = flit?.values ?? [link.flit]
      for mode in modes where mode || link.generation < 6 {
        var link = link
        link.flit = mode
        links.append(link)
      }
    }
    guard !links.isEmpty else {
      throw TraceError(
        .configuration, "--flit off: generations 6 and 7 have flit mode only, so no link is left")
    }
    return links
  }

  /// Every combination in the words that ``ProfileLibrary`` knows.
  private func texts(_ names: [String]) throws(TraceError) -> [String] {
    var texts = try shapes(names)
    let options = [
      ("mps", mps, Self.sizes), ("mrrs", mrrs, Self.sizes), ("rcb", rcb, [64, 128]),
    ]
    for (key, list, known) in options {
      guard let list else { continue }
      let values = try NumberList(
        list, option: "--" + key, what: "a size in bytes", limits: 1...4096
      ).values(among: known)
      texts = texts.flatMap { text in values.map { "\(text),\(key)=\($0)" } }
    }
    return texts
  }

  private func shapes(_ names: [String]) throws(TraceError) -> [String] {
    if gen == nil, lanes == nil { return names.isEmpty ? [ProfileLibrary.defaultLink] : names }
    guard names.isEmpty else {
      throw TraceError(
        .configuration, "give links by name, or --gen and --lanes, not both: '\(names[0])'")
    }
    let generations = try NumberList(
      gen ?? "4", option: "--gen", what: "a generation", limits: 1...7
    ).values(among: Array(1...7))
    let widths = try NumberList(
      lanes ?? "16", option: "--lanes", what: "a width", limits: 1...32
    ).values(among: Self.widths)
    return generations.flatMap { generation in widths.map { "gen\(generation)x\($0)" } }
  }
}
