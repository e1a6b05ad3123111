import ArgumentParser
import PCIeModel
import TraceCore
import YAMLInput

/// The requests that `tlp` forms besides a line's bytes, and what shapes them.
struct TLPForming: ParsableArguments {
  @Option(help: ArgumentHelp("Memory writes of consecutive bytes.", valueName: "addr+len"))
  var write: String?

  @Option(
    help: ArgumentHelp(
      "Memory reads of consecutive bytes and their completions.",
      valueName: "addr+len"))
  var read: String?

  @Option(
    help: ArgumentHelp("A read and a write of no bytes.", valueName: "addr"))
  var zeroLength: String?

  @Option(help: ArgumentHelp("A config read; with --config-write a write.", valueName: "bdf:reg"))
  var config: String?

  @Option(help: "An AtomicOp: fetchadd, swap or cas; with --at and --size.")
  var atomic: String?

  @Option(
    help: """
      How reads are answered: few, or rcb for one completion a Read Completion Boundary. That is the \
      link's rcb, 64 bytes where nothing is said; what is no root complex has 128: --link gen4x16,rcb=128.
      """)
  var completions: String?

  @Flag(help: "The config request is a write.")
  var configWrite = false

  @Option(help: "Type of the config request: 0 on the link's own bus, else 1; 0 if not said.")
  var configType: Int?

  @Option(
    help:
      "Bytes of an AtomicOp's operand, or of a config access; if not said 4, or what is aligned.")
  var size: Int?

  @Option(help: "Requester ID; 00:00.0 if not said.")
  var requester: String?

  @Option(help: "Completer ID; 01:00.0 if not said.")
  var completer: String?

  /// The modes that are given, and their names.
  var given: [String] {
    let all = [
      ("--write", write), ("--read", read), ("--zero-length", zeroLength), ("--config", config),
      ("--atomic", atomic),
    ]
    return all.compactMap { $0.1 == nil ? nil : $0.0 }
  }

  /// Refuses options that the mode has no use for.
  ///
  /// - Parameter mode: Name of the mode that is given.
  /// - Throws: `TraceError.configuration` naming the option.
  func check(mode: String) throws(TraceError) {
    let uses = [
      ("--completions", completions != nil, ["--read"]),
      ("--config-write", configWrite, ["--config"]),
      ("--config-type", configType != nil, ["--config"]),
      ("--size", size != nil, ["--config", "--atomic"]),
      ("--requester", requester != nil, Self.listed),
      ("--completer", completer != nil, ["--read", "--zero-length", "--config", "--atomic"]),
    ]
    for (option, isGiven, modes) in uses where isGiven && !modes.contains(mode) {
      throw TLPArguments.error("\(option) goes with \(modes.joined(separator: ", ")), not \(mode)")
    }
  }

  /// The modes whose TLPs are listed with their headers.
  static let listed = ["--write", "--read", "--zero-length", "--config", "--atomic"]

  /// The Requester ID as a label with tag 0.
  func label() throws(TraceError) -> TLP.Label {
    TLP.Label(
      requester: try TLPArguments.function((requester ?? "00:00.0")[...], option: "--requester"))
  }

  private func completerID() throws(TraceError) -> UInt16 {
    try TLPArguments.function((completer ?? "01:00.0")[...], option: "--completer")
  }

  /// The TLPs of the one mode that is given, requests first, then completions.
  ///
  /// - Parameters:
  ///   - at: The operand's address of an AtomicOp.
  ///   - policy: How a write is grouped.
  ///   - line: Bytes of a full line.
  ///   - cost: Link and ECRC.
  /// - Returns: A listing.
  /// - Throws: `TraceError.configuration` for a wrong option.
  func listing(
    at: String, policy: SplitPolicy, line: Int, cost: WireCost
  ) throws(TraceError) -> TLPListing {
    var listing = TLPListing(flit: cost.link.flit)
    let requests = try requests(at: at, policy: policy, line: line, link: cost.link).map {
      var request = $0
      request.digest = cost.ecrc
      return request
    }
    listing.add(requests, .down)
    let split = try CompletionSplit(option: completions)
    let completer = try completerID()
    for request in requests {
      listing.add(request.completions(split, link: cost.link, completer: completer), .up)
    }
    return listing
  }

  private func requests(
    at: String, policy: SplitPolicy, line: Int, link: LinkConfiguration
  ) throws(TraceError) -> [TLP] {
    let label = try label()
    if let write {
      let range = try TLPArguments.range(write, option: "--write")
      return TLP.memoryWrites(
        address: range.address, bytes: range.bytes, lineBytes: line, policy: policy, link: link,
        label: label)
    }
    if let read {
      let range = try TLPArguments.range(read, option: "--read")
      return TLP.memoryReads(address: range.address, bytes: range.bytes, link: link, label: label)
    }
    if let zeroLength {
      let address = try TLPArguments.address(
        zeroLength, option: "--zero-length", bytes: 1, what: "request")
      return [
        TLP.zeroLengthRead(address: address, label: label),
        TLP.zeroLengthWrite(address: address, label: label),
      ]
    }
    if let config { return [try configRequest(config, label)] }
    return [try atomicRequest(atomic ?? "", at, label)]
  }

  private func configRequest(_ text: String, _ label: TLP.Label) throws(TraceError) -> TLP {
    let target = try TLPArguments.register(text, option: "--config")
    guard let type = TLP.ConfigType(rawValue: configType ?? 0) else {
      throw TLPArguments.error("--config-type is \(configType ?? 0); it may be 0 or 1")
    }
    // As many as are naturally aligned there.
    let bytes = size ?? [4, 1, 2, 1][target.register & 3]
    guard [1, 2, 4].contains(bytes), target.register & 3 + bytes <= 4 else {
      throw TLPArguments.error(
        "--config: \(bytes) bytes from register 0x\(String(target.register, radix: 16)) on are no"
          + " access of 1, 2 or 4 bytes within a DW")
    }
    return configWrite
      ? TLP.configWrite(
        function: target.function, register: target.register, bytes: bytes, type: type,
        label: label)
      : TLP.configRead(
        function: target.function, register: target.register, bytes: bytes, type: type,
        label: label)
  }

  private func atomicRequest(
    _ text: String, _ at: String, _ label: TLP.Label
  ) throws(TraceError) -> TLP {
    guard let operation = AtomicOperation(rawValue: text) else {
      let hint = didYouMean(text, among: AtomicOperation.allCases.map(\.rawValue))
      throw TLPArguments.error("--atomic: unknown operation '\(text)'\(hint)")
    }
    let bytes = size ?? 4
    guard operation.operandSizes.contains(bytes) else {
      let sizes = operation.operandSizes.map(String.init).joined(separator: ", ")
      throw TLPArguments.error("--size: an operand of \(text) has \(sizes) bytes, not \(bytes)")
    }
    let address = try TLPArguments.address(at, option: "--at", bytes: bytes, what: "operand")
    guard address.isMultiple(of: UInt64(bytes)) else {
      throw TLPArguments.error("--at is '\(at)', which is no multiple of the operand's \(bytes)")
    }
    return TLP.atomic(operation, address: address, operandBytes: bytes, label: label)
  }
}
