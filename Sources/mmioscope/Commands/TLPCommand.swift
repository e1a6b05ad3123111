import ArgumentParser
import PCIeModel
import Profiles
import TraceCore
import YAMLInput

/// `mmioscope tlp`: how accesses leave the root complex, TLP by TLP.
struct TLPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tlp",
    abstract: "How enabled bytes of a line, reads, config accesses and atomics become TLPs.",
    discussion: """
        mmioscope tlp --bytes 0-7,16-63 --split minimal     a partial line
        mmioscope tlp --write 0x1003+300                    any range, cut by MPS and 4 KiB
        mmioscope tlp --read 0x20+256 --completions rcb     a read and its completions
        mmioscope tlp --zero-length 0x1000                  a flush, and a write of nothing
        mmioscope tlp --config 01:00.0:0x04 --config-write --size 2
        mmioscope tlp --atomic cas --at 0x1000 --size 8 --link gen6x16 --csv

      The header has 3 DWs below 4 GiB and 4 above; by default the line lies above. With --masks \
      each line of FILE is a hexadecimal mask of 64 bits, bit 0 the lowest address, and the \
      answer is CSV: mask,tlps,payload_bytes,padded_bytes,wire_bytes. The other forms list each \
      TLP with its header's DWs, of flit mode where the link has it.
      """)

  @Option(help: "Enabled bytes of the line: 0-7,16-63.")
  var bytes: String?

  @Option(help: "A file of masks, one a line; - is standard input.")
  var masks: String?

  @OptionGroup(title: "Other requests") var forming: TLPForming

  @Option(help: "Address of byte 0, or of an AtomicOp; 0x1000000000 where nothing is said.")
  var at: String?

  @Option(
    help: "Bytes of a line, 16 to 128; with --bytes, and with --write --split qword; else 64.")
  var line: Int?

  @Option(
    help: "How written bytes are grouped: runs (where nothing is said), minimal, aligned, qword.")
  var split: String?

  @Option(help: "The link: genGxL[,mps=…].")
  var link = ProfileLibrary.defaultLink

  @Flag(help: "TLPs carry an end-to-end CRC.")
  var ecrc = false

  @Flag(help: "Flit mode, which generations 6 and 7 have anyway.")
  var flit = false

  @Flag(help: "Write CSV with every field.")
  var csv = false

  private static let defaultAddress = "0x1000000000"

  func run() throws {
    let mode = try mode()
    try forming.check(mode: mode)
    let policy = try policy(mode)
    let line = try lineBytes(mode, policy)
    let overrides = flit ? ["link.flit=true"] : []
    let settings = try ProfileLibrary().resolve(link: link, overrides: overrides)
    let cost = WireCost(link: settings.link, ecrc: ecrc)
    if let masks {
      let address = try address(lineBytes: 64)
      var table = try MaskTable(file: masks, address: address, policy: policy, cost: cost)
      try table.run(path: masks)
    } else if let bytes {
      try print(bytes: bytes, line: line, policy: policy, cost: cost)
    } else {
      try forming.listing(at: at ?? Self.defaultAddress, policy: policy, line: line, cost: cost)
        .write(csv: csv)
    }
  }

  /// The name of the one mode that is given.
  private func mode() throws(TraceError) -> String {
    let modes =
      (bytes == nil ? [] : ["--bytes"]) + (masks == nil ? [] : ["--masks"]) + forming.given
    guard modes.count == 1 else {
      throw TLPArguments.error(
        modes.isEmpty
          ? "give one of --bytes, --masks, " + TLPForming.listed.joined(separator: ", ")
          : modes.joined(separator: " and ") + " exclude each other")
    }
    if at != nil, ["--write", "--read", "--zero-length", "--config"].contains(modes[0]) {
      throw TLPArguments.error("--at goes with --bytes, --masks or --atomic, not \(modes[0])")
    }
    if csv, masks != nil { throw TLPArguments.error("--masks writes CSV anyway; leave out --csv") }
    return modes[0]
  }

  /// How written bytes are grouped.
  ///
  /// - Throws: `TraceError.configuration` for a wrong word, and where nothing is grouped.
  private func policy(_ mode: String) throws(TraceError) -> SplitPolicy {
    guard let split else { return .runs }
    guard let policy = SplitPolicy(rawValue: split) else {
      let hint = didYouMean(split, among: SplitPolicy.allCases.map(\.rawValue))
      throw TLPArguments.error("--split: unknown '\(split)'\(hint)")
    }
    guard ["--bytes", "--masks", "--write"].contains(mode) else {
      throw TLPArguments.error("--split goes with --bytes, --masks or --write, not \(mode)")
    }
    return policy
  }

  /// Bytes of a line.
  ///
  /// - Throws: `TraceError.configuration` for a wrong size, and where no TLP depends on it.
  private func lineBytes(_ mode: String, _ policy: SplitPolicy) throws(TraceError) -> Int {
    guard let line else { return 64 }
    guard 16...128 ~= line, line & (line - 1) == 0 else {
      throw TLPArguments.error("--line must be a power of two, 16 to 128")
    }
    switch mode {
    case "--bytes": return line
    case "--write" where policy == .qword: return line
    case "--write":
      throw TLPArguments.error(
        "--line has no effect on --write with --split \(policy.rawValue): only qword sends whole lines"
          + " as one, the others cut by Max_Payload_Size and 4 KiB")
    case "--masks":
      throw TLPArguments.error("--line has no effect on --masks: a mask has 64 bits, one a byte")
    default:
      throw TLPArguments.error("--line goes with --bytes or --write --split qword, not \(mode)")
    }
  }

  private func print(
    bytes: String, line: Int, policy: SplitPolicy, cost: WireCost
  ) throws(TraceError) {
    let address = try address(lineBytes: line)
    let mask = try TLPArguments.mask(bytes, lineBytes: line)
    guard mask.leadingZeroBitCount >= Int(address & 7) else {
      throw TLPArguments.error("with a line of 128 bytes --at must be a multiple of 8")
    }
    guard !csv else {
      return try list(mask: mask, line: line, address: address, policy: policy, cost: cost)
    }
    let shapes = TLPSplitter.shapes(
      mask: mask, address: address, lineBytes: line, policy: policy)
    var table = try TLPTable(mask: mask, address: address, cost: cost)
    for shape in shapes { table.add(shape) }
    try table.finish()
  }

  private func list(
    mask: UInt128, line: Int, address: UInt64, policy: SplitPolicy, cost: WireCost
  ) throws(TraceError) {
    var listing = TLPListing(flit: cost.link.flit)
    let writes = TLP.memoryWrites(
      mask: mask, address: address, lineBytes: line, policy: policy, label: TLP.Label())
    listing.add(
      writes.map {
        var write = $0
        write.digest = cost.ecrc
        return write
      }, .down)
    try listing.write(csv: true)
  }

  /// The address of byte 0; the line must not reach beyond 2^64.
  private func address(lineBytes: Int) throws(TraceError) -> UInt64 {
    try TLPArguments.address(
      at ?? Self.defaultAddress, option: "--at", bytes: lineBytes, what: "line")
  }
}
