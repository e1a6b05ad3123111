import PCIeModel
import TraceCore

/// The rows of `link`: the contract's columns, or with every formula's term.
struct LinkTable: ~Copyable {
  /// One row's link, header and ECRC.
  struct Form {
    var link: LinkConfiguration
    var headerDwords: Int
    var ecrc: Bool
  }

  private var output: OutputBuffer

  init() throws(TraceError) { output = try OutputBuffer() }

  static let contract =
    "gen,lanes,mps,header_dw,flit,payload_bytes,wire_bytes,tlp_link_gbps,goodput_gbps\n"
  static let formulas =
    "gen,lanes,mps,mrrs,rcb,header_dw,flit,ecrc,payload_bytes,raw_gbps,write_tlps,wire_bytes,"
    + "tlp_link_gbps,update_limit_symbols,update_limit_ns,write_gbps,read_requests,"
    + "read_request_bytes,completions,completion_bytes,read_gbps,read_write_gbps,"
    + "latency_read_gbps,header_credit_gbps,data_credit_gbps,pio_gbps\n"

  mutating func begin(_ header: String) { output.append(header) }

  /// Appends a row of the contract's columns.
  mutating func addContract(_ form: Form, payloadBytes: Int) throws(TraceError) {
    let rate = LinkRate(form.link)
    let write = ContiguousWrite(
      payloadBytes: payloadBytes, headerDwords: form.headerDwords,
      cost: WireCost(link: form.link, ecrc: form.ecrc))
    append([
      form.link.generation, form.link.lanes, form.link.maxPayload, form.headerDwords,
      form.link.flit ? 1 : 0, payloadBytes, write.wireBytes,
    ])
    append(gigabits: rate.tlpBitsPerSecond)
    append(gigabits: write.goodputBitsPerSecond(rate), last: true)
    if output.isFull { try output.flush() }
  }

  /// Appends a row with the terms B1 to B12.
  mutating func addFormulas(
    _ form: Form, payloadBytes: Int, split: CompletionSplit, _ assumptions: LinkFormulas.Assumptions
  ) throws(TraceError) {
    let link = form.link
    let terms = LinkFormulas(
      link: link, payloadBytes: payloadBytes, headerDwords: form.headerDwords, ecrc: form.ecrc,
      split: split, assumptions: assumptions)
    append([
      link.generation, link.lanes, link.maxPayload, link.maxReadRequest,
      link.readCompletionBoundary, form.headerDwords, link.flit ? 1 : 0, form.ecrc ? 1 : 0,
      payloadBytes,
    ])
    append(gigabits: terms.rawBitsPerSecond)
    append([terms.write.tlps, terms.write.wireBytes])
    append(gigabits: terms.tlpBitsPerSecond)
    append(terms.updateLimitSymbols ?? .infinity)
    append((terms.updateLimitPs ?? .infinity) / 1000)
    append(gigabits: terms.writeBitsPerSecond)
    append([
      terms.read.requests, terms.read.requestBytes, terms.read.completions,
      terms.read.completionBytes,
    ])
    append(gigabits: terms.readBitsPerSecond)
    append(gigabits: terms.readWriteBitsPerSecond)
    append(gigabits: terms.latencyReadBitsPerSecond)
    append(gigabits: terms.headerCreditBitsPerSecond)
    append(gigabits: terms.dataCreditBitsPerSecond)
    append(gigabits: terms.programmedBitsPerSecond, last: true)
    if output.isFull { try output.flush() }
  }

  /// Prints what is left.
  ///
  /// - Throws: `TraceError.io` when standard output cannot be written.
  mutating func finish() throws(TraceError) { try output.flush() }

  private mutating func append(_ numbers: [Int]) {
    for number in numbers {
      output.append(decimal: UInt64(number))
      output.append("," as Unicode.Scalar)
    }
  }

  private mutating func append(gigabits bits: Double, last: Bool = false) {
    append(bits * 1e-9, last: last)
  }

  /// Three decimals; an empty cell where nothing binds.
  private mutating func append(_ value: Double, last: Bool = false) {
    if value.isFinite { output.append(threeDecimals: value) }
    output.append(last ? "\n" : "," as Unicode.Scalar)
  }
}
