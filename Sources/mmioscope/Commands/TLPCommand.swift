import ArgumentParser
import PCIeModel
import Profiles
import TraceCore

/// `mmioscope tlp`: how enabled bytes of a line leave the root complex.
struct TLPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tlp",
    abstract: "How a set of enabled bytes of a line leaves the root complex.",
    discussion: """
      The header has 3 DWs below 4 GiB and 4 above; by default the line lies above. With --masks \
      each line of FILE is a hexadecimal mask of 64 bits, bit 0 the lowest address, and the \
      answer is CSV: mask,tlps,payload_bytes,padded_bytes,wire_bytes.
      """)

  @Option(help: "Enabled bytes of the line: 0-7,16-63.")
  var bytes: String?

  @Option(help: "A file of masks, one a line; - is standard input.")
  var masks: String?

  @Option(help: "Address of byte 0.")
  var at = "0x1000000000"

  @Option(help: "Bytes of a line, 16 to 128; with --bytes.")
  var line = 64

  @Option(help: "How bytes are grouped: runs, minimal, aligned, qword.")
  var split = "runs"

  @Option(help: "The link: genGxL[,mps=…].")
  var link = ProfileLibrary.defaultLink

  @Flag(help: "TLPs carry an end-to-end CRC.")
  var ecrc = false

  func run() throws {
    guard let policy = SplitPolicy(rawValue: split) else {
      let names = SplitPolicy.allCases.map(\.rawValue).joined(separator: ", ")
      throw Self.error("--split is '\(split)'; it may be \(names)")
    }
    let cost = WireCost(
      link: try ProfileLibrary().resolve(link: link).link, ecrc: ecrc)
    switch (bytes, masks) {
    case (let bytes?, nil):
      try print(bytes: bytes, policy: policy, cost: cost)
    case (nil, let masks?):
      var table = try MaskTable(
        file: masks, address: try address(lineBytes: 64), policy: policy, cost: cost)
      try table.run(path: masks)
    default:
      throw Self.error("give either --bytes or --masks")
    }
  }

  private func print(
    bytes: String, policy: SplitPolicy, cost: WireCost
  ) throws(TraceError) {
    guard 16...128 ~= line, line & (line - 1) == 0 else {
      throw Self.error("--line must be a power of two, 16 to 128")
    }
    let address = try address(lineBytes: line)
    let mask = try Self.mask(bytes, lineBytes: line)
    guard mask.leadingZeroBitCount >= Int(address & 7) else {
      throw Self.error("with a line of 128 bytes --at must be a multiple of 8")
    }
    let shapes = TLPSplitter.shapes(
      mask: mask, address: address, lineBytes: line, policy: policy)
    var table = try TLPTable(mask: mask, address: address, cost: cost)
    for shape in shapes { table.add(shape) }
    try table.finish()
  }

  /// The address of byte 0; the line must not reach beyond 2^64.
  private func address(lineBytes: Int) throws(TraceError) -> UInt64 {
    let digits = at.hasPrefix("0x") || at.hasPrefix("0X") ? at.dropFirst(2) : at[...]
    let radix = digits.startIndex == at.startIndex ? 10 : 16
    guard let address = UInt64(digits, radix: radix), !digits.hasPrefix("+") else {
      throw Self.error("--at is '\(at)', which is not an address")
    }
    guard address <= UInt64.max - UInt64(lineBytes - 1) else {
      throw Self.error("--at is '\(at)': the line reaches beyond 2^64")
    }
    return address
  }

  /// The mask of a list of bytes and ranges.
  ///
  /// - Parameters:
  ///   - text: `0-7,16-63`.
  ///   - lineBytes: Bytes of the line; the largest that may be named is one less.
  /// - Returns: The mask, never empty.
  /// - Throws: `TraceError.configuration` naming the wrong item.
  static func mask(_ text: String, lineBytes: Int) throws(TraceError) -> UInt128 {
    var mask: UInt128 = 0
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { UInt8($0) }
      guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1] else {
        throw error("--bytes: '\(item)' is neither a byte nor a range such as 0-7")
      }
      guard first <= last, Int(last) < lineBytes else {
        throw error(
          "--bytes: '\(item)' is not an ascending range within 0-\(lineBytes - 1) (see --line)")
      }
      for byte in first...last { mask |= 1 << UInt128(byte) }
    }
    return mask
  }

  private static func error(_ message: String) -> TraceError {
    TraceError(.configuration, message)
  }
}
