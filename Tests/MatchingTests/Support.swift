import Matching
import Results
import TestSupport
import Testing
import TraceCore
import TraceIO

/// Both lists of a match, typed by hand.
struct Lists {
  /// Where the only region begins, 1 MiB long.
  static let base: UInt64 = 0x1000_0000

  /// A TLP by its kind, offset in the region and DWs; byte enables all set, or those given.
  struct TLP: Equatable, Sendable {
    var isWrite = true
    var offset: UInt64
    var dwords: Int
    var first: UInt8 = 15
    var last: UInt8?

    var lastEnables: UInt8 { last ?? (dwords > 1 ? 15 : 0) }
  }

  var predicted: [TLP]
  var observed: [TLP]
  var window = 4096
  var lineBytes = 64

  /// The list as an analyzer might write it.
  var csv: String {
    "type,addr,length_dw,first_be,last_be\n"
      + observed.map { tlp in
        let type = tlp.isWrite ? "MWr" : "MRd"
        return "\(type),0x\(hex(Self.base + tlp.offset)),\(tlp.dwords),"
          + "\(byteEnables(tlp.first)),\(byteEnables(tlp.lastEnables))\n"
      }.joined()
  }

  /// The list as `packets` hands it over.
  var packets: [Packet] { Self.packets(predicted) }

  static func packets(_ tlps: [TLP]) -> [Packet] {
    tlps.enumerated().map { number, tlp in
      Packet(
        number: UInt64(number), direction: .down, type: tlp.isWrite ? "MWr32" : "MRd32",
        target: .address(Self.base + tlp.offset), dwords: tlp.dwords,
        enables: .init(first: tlp.first, last: tlp.lastEnables), payloadBytes: 4 * tlp.dwords,
        wireBytes: 20 + 4 * tlp.dwords, region: "bar", vcpu: 0, origin: .line, cause: .full,
        leftAt: nil, records: [UInt64(number)...UInt64(number)])
    }
  }

  static func context() -> TraceContext {
    let context = TraceContext(name: "t", format: "native")
    context.regions.add(Region(name: "bar", base: base, size: 1 << 20, origin: .capture))
    return context
  }

  static func blank(window: Int, lineBytes: Int, hasEnables: Bool) -> MatchResult {
    MatchResult(
      trace: "t", observed: "o", scenario: "s", accessors: "recorded", window: window,
      lineBytes: lineBytes, hasEnables: hasEnables)
  }

  /// The match, with the predicted list handed over in pieces.
  ///
  /// - Parameters:
  ///   - text: The observed list; its own where there is none.
  ///   - piece: TLPs of a piece.
  ///   - chunk: Bytes that are read at a time.
  /// - Returns: The result.
  /// - Throws: What the reader says.
  func match(_ text: String? = nil, piece: Int = .max, chunk: Int = 1 << 18) throws -> MatchResult {
    let list = try ObservedList(
      MemorySource(Array((text ?? csv).utf8), path: "o.csv"), chunk: chunk)
    let blank = Self.blank(window: window, lineBytes: lineBytes, hasEnables: list.hasEnables)
    var matcher = TLPMatcher(list, Self.context(), lineBytes: lineBytes, window: window)
    var rest = packets[...]
    while !rest.isEmpty {
      try matcher.add(Array(rest.prefix(piece)))
      rest = rest.dropFirst(piece)
    }
    return try matcher.finish(blank)
  }
}

extension MatchResult.Counts {
  /// `agree 2 reordered 1 split 1:2 other 1:1 only 3:4`, zeros left out.
  var row: String {
    var words: [String] = []
    if agree > 0 { words.append("agree \(agree)") }
    if reordered > 0 { words.append("reordered \(reordered)") }
    for (name, sides) in [("split", splitOtherwise), ("other", otherBytes)]
    where sides != .init() {
      words.append("\(name) \(sides.predicted):\(sides.observed)")
    }
    if predictedOnly + observedOnly > 0 { words.append("only \(predictedOnly):\(observedOnly)") }
    return words.joined(separator: " ")
  }
}
