import PCIeModel
import TraceCore

/// The rows of `tlp --bytes`: one a TLP, then the totals.
struct TLPTable: ~Copyable {
  private let mask: UInt128
  private let address: UInt64
  private let cost: WireCost
  private var output: OutputBuffer
  private var totals = (tlps: 0, payload: 0, padded: 0, wire: 0)

  /// - Parameters:
  ///   - mask: Enabled bytes.
  ///   - address: Byte address of bit 0.
  ///   - cost: The link and its TLPs' overhead.
  /// - Throws: `TraceError` when standard output cannot be written.
  init(mask: UInt128, address: UInt64, cost: WireCost) throws(TraceError) {
    output = try OutputBuffer()
    self.mask = mask
    self.address = address
    self.cost = cost
    append(["address", "first_be", "last_be", "payload_bytes", "dw", "wire_bytes"])
  }

  mutating func add(_ shape: TLPShape) {
    let enables = ByteEnables(of: shape, mask: mask, address: address)
    let wire = cost.memoryWrite(shape, address: address)
    append([
      "0x" + String(address + UInt64(shape.offset), radix: 16), byteEnables(enables.first),
      byteEnables(enables.last), String(shape.payloadBytes), String(shape.dwords),
      String(wire),
    ])
    totals.tlps += 1
    totals.payload += shape.payloadBytes
    totals.padded += shape.paddedBytes
    totals.wire += wire
  }

  /// Appends the totals and prints everything.
  ///
  /// - Throws: `TraceError.io` when standard output cannot be written.
  mutating func finish() throws(TraceError) {
    output.append(
      "total: \(totals.tlps) TLP\(totals.tlps == 1 ? "" : "s"), \(totals.payload) payload bytes, "
        + "\(totals.padded) padded bytes, \(totals.wire) wire bytes\n")
    try output.flush()
  }

  private mutating func append(_ cells: [String]) {
    let widths = [18, 8, 7, 13, 3, 10]
    for (cell, width) in zip(cells, widths) {
      output.append(String(repeating: " ", count: max(0, width - cell.count)) + cell)
      output.append(width == 10 ? "\n" : "  ")
    }
  }
}
