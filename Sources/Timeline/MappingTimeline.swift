public import Results
public import TraceCore

/// One mapping of a timeline: its TLPs, and what vCPUs hold for them, as tracks for Perfetto.
///
/// It keeps what it is given up to a limit, because slices have to be told in the order of time, which
/// is not that of the TLPs. Timelines of several mappings, one behind the other, are one trace.
public struct MappingTimeline: Sendable {
  /// Whose times are shown.
  public enum Clock: String, Sendable { case saturated, paced }

  /// What the slices hang on.
  public struct About: Sendable {
    /// The trace's name.
    public var trace: String
    /// The mapping's, unique among those of one file.
    public var mapping: String
    public var clock: Clock
    /// The accessor assumption that was made.
    public var accessors: String
    public var scale: TimeScale

    public init(
      trace: String, mapping: String, clock: Clock, accessors: String, scale: TimeScale
    ) {
      self.trace = trace
      self.mapping = mapping
      self.clock = clock
      self.accessors = accessors
      self.scale = scale
    }
  }

  /// What the slices hang on.
  public let about: About
  /// Place among the mappings of the file, from 1.
  let number: Int
  private let most: Int
  private(set) var slices: [Slice] = []
  /// Events that begin the slices; see ``Slice/event``.
  private(set) var events: [UInt8] = []
  /// Names of slices, in the order of their numbers, which begin with 1.
  private(set) var names: [String] = []
  private var nameIDs: [String: UInt64] = [:]

  /// TLPs that are shown.
  public private(set) var shown: UInt64 = 0
  /// TLPs that are not, all of them behind those that are.
  public private(set) var leftOut: UInt64 = 0
  /// The last record that a TLP is shown of.
  public private(set) var lastRecord: UInt64?

  /// - Parameters:
  ///   - about: What the slices hang on.
  ///   - number: Place among the mappings of the file, from 1.
  ///   - most: TLPs to keep at most, of whole lines and accesses.
  public init(_ about: About, number: Int, most: Int) {
    self.about = about
    self.number = number
    self.most = most
  }

  /// Takes the next TLPs.
  ///
  /// - Parameter packets: Of whole lines and accesses, in the order of `packets`.
  /// - Throws: ``TraceError`` where they lack the clock's times.
  public mutating func add(_ packets: [Packet]) throws(TraceError) {
    var first = packets.startIndex
    while first < packets.endIndex {
      let rest = packets[first...]
      let end = rest.firstIndex { $0.access != packets[first].access } ?? packets.endIndex
      if leftOut > 0 || shown + UInt64(end - first) > UInt64(most) {
        leftOut += UInt64(end - first)
      } else {
        try add(access: packets[first..<end])
      }
      first = end
    }
  }

  /// Adds a line or access, and its TLPs.
  private mutating func add(access packets: ArraySlice<Packet>) throws(TraceError) {
    shown += UInt64(packets.count)
    let requests = packets.filter { $0.direction == .down }
    guard let first = requests.first else {
      throw TraceError(.internal, "an answer without its request")
    }
    let held = try time(of: first).heldPs
    let flow = flow(first.access)
    add(
      .held(vcpu: first.vcpu, Row.Held(first.origin)), held.lowerBound, held.upperBound,
      name(ofAccess: requests), flow
    ) { $0.annotate(access: requests, held) }
    for packet in packets {
      let time = try time(of: packet)
      add(
        packet.direction == .down ? .down : .up, time.startPs, time.endPs, name(of: packet), flow,
        written: packet.isMemoryWrite ? UInt64(packet.payloadBytes) : 0
      ) { $0.annotate(packet, time) }
      if let last = packet.records.last?.upperBound { lastRecord = max(lastRecord ?? 0, last) }
    }
  }

  private mutating func add(
    _ row: Row, _ start: UInt64, _ end: UInt64, _ name: String, _ flow: UInt64,
    written: UInt64 = 0, _ annotate: (inout ProtobufWriter) -> Void
  ) {
    var event = ProtobufWriter()
    event.add(TrackEventField.nameID, id(of: name))
    event.add(TrackEventField.flow, fixed64: flow)
    annotate(&event)
    let place = events.count
    events += event.bytes
    slices.append(
      Slice(
        row: row, start: start, end: end, event: place..<events.count, writtenBytes: written))
  }

  private func time(of packet: Packet) throws(TraceError) -> Packet.Transmission {
    guard let time = about.clock == .paced ? packet.paced : packet.saturated else {
      throw TraceError(.internal, "TLP \(packet.number) has no time of the \(about.clock) clock")
    }
    return time
  }

  // MARK: Names

  /// Links an access with its TLPs; unique in the file.
  private func flow(_ access: UInt64) -> UInt64 { UInt64(number) << 56 | (access + 1) }

  private mutating func id(of name: String) -> UInt64 {
    if let id = nameIDs[name] { return id }
    names.append(name)
    nameIDs[name] = UInt64(names.count)
    return UInt64(names.count)
  }

  /// `MWr 64 B`: the type without its width, and what a memory TLP carries or asks for.
  private func name(of packet: Packet) -> String {
    let type = String(packet.type.prefix { !("0"..."9" ~= $0) })
    let isOfMemory = packet.origin != .config && packet.payloadBytes > 0
    return isOfMemory ? "\(type) \(packet.payloadBytes) B" : type
  }

  /// Of a line: what made it leave, which then has a colour of its own.
  private func name(ofAccess requests: [Packet]) -> String {
    let bytes = requests.reduce(0) { $0 + $1.payloadBytes }
    return switch requests[0].origin {
    case .line: requests[0].cause?.name ?? "line"
    case .piece: "store \(bytes) B"
    case .single: "st64b"
    case .load: "load \(bytes) B"
    case .config: requests[0].type.hasPrefix("CfgWr") ? "config write" : "config read"
    }
  }
}

extension Packet {
  fileprivate var isMemoryWrite: Bool { type.hasPrefix("MWr") }
}
