import PCIeModel
import Tables
import TraceCore

/// TLPs with their fields, header, size and credits: as a table for people, or as CSV.
struct TLPListing {
  /// Which way a TLP goes: towards the device, or from it.
  enum Direction: String { case down, up }

  private struct Row {
    let direction: Direction
    let tlp: TLP
  }

  private let flit: Bool
  private var rows: [Row] = []

  /// - Parameter flit: Headers and sizes of flit mode.
  init(flit: Bool) { self.flit = flit }

  mutating func add(_ tlps: [TLP], _ direction: Direction) {
    for tlp in tlps { rows.append(Row(direction: direction, tlp: tlp)) }
  }

  /// Prints all rows.
  ///
  /// - Parameter csv: As CSV; else a table with totals.
  /// - Throws: `TraceError.io` when standard output cannot be written.
  func write(csv: Bool) throws(TraceError) {
    var output = try OutputBuffer()
    output.append((csv ? Self.csvHead : Self.line(Self.head)) + "\n")
    for row in rows {
      output.append((csv ? self.csv(row) : Self.line(cells(row))) + "\n")
      if output.isFull { try output.flush() }
    }
    if !csv { output.append("total: " + totals() + "\n") }
    try output.flush()
  }

  // MARK: For people

  private static let head = [
    "", "type", "to", "dw", "first_be", "last_be", "bytes", "wire", "credits", "header",
  ]
  private static let widths = [4, 10, 25, 4, 8, 7, 5, 5, 16, 0]
  private static let isNumber = [
    false, false, false, true, true, true, true, true, false, false,
  ]

  private static func line(_ cells: [String]) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      let pad = String(repeating: " ", count: max(0, widths[index] - cell.count))
      if index > 0 { line += "  " }
      line += isNumber[index] ? pad + cell : cell + (index == cells.count - 1 ? "" : pad)
    }
    return line
  }

  private func cells(_ row: Row) -> [String] {
    let tlp = row.tlp
    let pool = tlp.type.pool.name
    let data = tlp.dataCredits == 0 ? "" : " + \(tlp.dataCredits) \(pool)D"
    return [
      row.direction.rawValue, tlp.type.name, Self.target(tlp), String(tlp.dwords),
      enables(tlp) ? byteEnables(tlp.enables.first) : "-",
      enables(tlp) ? byteEnables(tlp.enables.last) : "-", String(tlp.payloadBytes),
      String(tlp.wireBytes(flit: flit)), "\(tlp.headerCredits) \(pool)H\(data)", header(tlp),
    ]
  }

  private func totals() -> String {
    [Direction.down, .up].compactMap { direction -> String? in
      let tlps = rows.filter { $0.direction == direction }.map(\.tlp)
      guard !tlps.isEmpty else { return nil }
      let payload = tlps.filter(\.type.hasData).reduce(0) { $0 + $1.payloadBytes }
      let wire = tlps.reduce(0) { $0 + $1.wireBytes(flit: flit) }
      return "\(tlps.count) TLP\(tlps.count == 1 ? "" : "s") \(direction.rawValue), "
        + "\(payload) payload bytes, \(wire) wire bytes"
    }.joined(separator: "; ")
  }

  private static func target(_ tlp: TLP) -> String {
    switch tlp.route {
    case .address(let address): "0x" + String(address, radix: 16)
    case .config(let function, let register):
      name(function) + " 0x" + String(register, radix: 16)
    case .completion(let fields):
      "\(fields.status.name) count \(fields.byteCount) low 0x"
        + String(fields.lowerAddress, radix: 16)
    }
  }

  // MARK: For programs

  private static let csvHead =
    "direction,type,address,function,register,length_dw,first_be,last_be,status,byte_count,"
    + "lower_address,payload_bytes,padded_bytes,wire_bytes,credit_pool,header_credits,"
    + "data_credits,tag,header"

  private func csv(_ row: Row) -> String {
    let tlp = row.tlp
    var place = ["", "", ""]
    var progress = ["", "", ""]
    switch tlp.route {
    case .address(let address): place[0] = "0x" + String(address, radix: 16)
    case .config(let function, let register):
      (place[1], place[2]) = (Self.name(function), String(register))
    case .completion(let fields):
      progress = [fields.status.name, String(fields.byteCount), String(fields.lowerAddress)]
    }
    let fields =
      enables(tlp) ? [byteEnables(tlp.enables.first), byteEnables(tlp.enables.last)] : ["", ""]
    let sizes = [tlp.payloadBytes, 4 * tlp.dataDwords, tlp.wireBytes(flit: flit)].map(String.init)
    let credits = [
      tlp.type.pool.name, String(tlp.headerCredits), String(tlp.dataCredits),
      String(tlp.label.tag), header(tlp),
    ]
    let start = [row.direction.rawValue, tlp.type.name]
    return CSVText.row(
      start + place + [String(tlp.dwords)] + fields + progress + sizes + credits)
  }

  // MARK: Both

  /// The kind has byte enables.
  private func enables(_ tlp: TLP) -> Bool { !tlp.type.isCompletion && !tlp.type.isAtomic }

  /// The header's DWs in hexadecimal, the first on the wire first.
  private func header(_ tlp: TLP) -> String {
    (flit ? tlp.flitHeaderWords : tlp.headerWords).map { hex(UInt64($0), width: 8) }
      .joined(separator: " ")
  }

  /// A function without its segment, which a routing ID has not: `01:00.0`.
  private static func name(_ function: UInt16) -> String {
    String(PCIFunction(rawValue: UInt32(function)).description.dropFirst("0000:".count))
  }
}
