import ArmMemory
public import TraceCore
import YAMLInput

/// What a trace knows of its regions and functions, as the map that `--map` reads.
///
/// Canonical CSV names regions only; with this beside it nothing is lost.
public struct TraceMapText {
  /// The YAML.
  public let map: String
  /// Images of configuration space as `lspci -xxxx` prints them; nil where there are none.
  public let dump: String?
  /// Names of regions that a map cannot hold: others have their name, or a part of their window.
  public let leftOut: [String]
  /// Registers and side effects outside of their region's window, which a map cannot hold.
  public let leftOutRegisters: Int

  /// - Parameters:
  ///   - context: The trace's, read to its end.
  ///   - dumpName: File that the map names for the images, beside it.
  /// - Throws: ``TraceError`` where the map would be larger than one that is read.
  public init(_ context: TraceContext, dumpName: String) throws(TraceError) {
    var rows: [String] = []
    var leftOut: [String] = []
    var leftOutRegisters = 0
    var names: Set<String> = []
    var taken = DisjointRanges()
    // Rows of config accesses make their region themselves; that it is VFIO's they do not say.
    for region in context.regions.regions where region.kind != .config || region.vfioEligible {
      guard !names.contains(region.name), region.addresses.map(taken.isFree) ?? true else {
        leftOut.append(region.name)
        continue
      }
      names.insert(region.name)
      if let addresses = region.addresses { taken.insert(addresses) }
      let cut = Self.cut(region)
      leftOutRegisters += cut.count
      rows.append("  - { " + Self.pairs(cut.region).joined(separator: ", ") + " }")
    }
    self.leftOut = leftOut
    self.leftOutRegisters = leftOutRegisters
    let images = context.configImages.sorted { $0.key.rawValue < $1.key.rawValue }
      .filter { $0.value.count >= 16 }
    let functions = images.map { function, _ in
      "  - { bdf: \"\(function)\", lspci: \(Self.quoted(dumpName)) }"
    }
    map = (Self.list("regions", rows) + Self.list("functions", functions)).map { $0 + "\n" }
      .joined()
    guard rows.count <= TraceMap.regionLimit, map.utf8.count <= YAMLDocument.sizeLimit else {
      throw TraceError(
        .range,
        "the map would have \(map.utf8.count) bytes and \(rows.count) "
          + (rows.count == 1 ? "region" : "regions") + ", more than are read",
        file: context.name)
    }
    dump = images.isEmpty ? nil : images.map(Self.image).joined(separator: "\n")
  }

  private static func list(_ key: String, _ rows: [String]) -> [String] {
    rows.isEmpty ? ["\(key): []"] : ["\(key):"] + rows
  }

  /// A region without registers and side effects outside of its window, and how many those are.
  private static func cut(_ region: Region) -> (region: Region, count: Int) {
    guard region.size > 0 else { return (region, 0) }
    var result = region
    result.sideEffects.removeAll { $0.upperBound >= region.size }
    result.registers?.removeAll { $0.offset >= region.size || $0.size > region.size - $0.offset }
    let count = region.sideEffects.count - result.sideEffects.count
    return (result, count + (region.registers?.count ?? 0) - (result.registers?.count ?? 0))
  }

  private static func pairs(_ region: Region) -> [String] {
    var pairs = ["name: " + quoted(region.name)]
    if region.size > 0 {
      pairs += ["base: 0x" + hex(region.base), "size: 0x" + hex(region.size)]
    }
    pairs.append("kind: " + region.kind.rawValue)
    if let function = region.function { pairs.append("bdf: \"\(function)\"") }
    if region.kind == .bar, let bar = region.bar { pairs.append("bar: \(bar)") }
    if let prefetchable = region.prefetchable { pairs.append("prefetchable: \(prefetchable)") }
    if let isWide = region.is64Bit { pairs.append("is_64bit: \(isWide)") }
    if let stage1 = region.stage1,
      let type = MemoryType.allCases.first(where: { $0.attributeByte == stage1 })
    {
      pairs.append("stage1: " + type.name)
    }
    if region.vfioEligible != (region.kind == .bar) { pairs.append("vfio: \(region.vfioEligible)") }
    if region.kind == .ecam, let layout = region.configLayout {
      pairs.append("decode: " + layout.rawValue)
    }
    if !region.sideEffects.isEmpty {
      let registers = region.sideEffects.map { range in
        let bytes = range.upperBound - range.lowerBound &+ 1
        return "{ offset: 0x\(hex(range.lowerBound)), size: 0x\(hex(bytes)) }"
      }
      pairs.append("side_effects: [" + registers.joined(separator: ", ") + "]")
    }
    if let registers = region.registers, !registers.isEmpty {
      let rows = registers.map { register in
        "{ name: \(quoted(register.name)), offset: 0x\(hex(register.offset)), "
          + "size: 0x\(hex(register.size)) }"
      }
      pairs.append("registers: [" + rows.joined(separator: ", ") + "]")
    }
    return pairs
  }

  /// A double-quoted scalar (YAML 1.2, section 7.3.1).
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value):
        result += "\\x" + hex(UInt64(scalar.value), width: 2)
      // Line ends and a mark of byte order, which a scalar may not hold.
      case "\u{2028}", "\u{2029}", "\u{feff}": result += "\\u" + hex(UInt64(scalar.value), width: 4)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func image(_ function: PCIFunction, _ bytes: [UInt8]) -> String {
    var lines = ["\(function) device"]
    // Rows of 16 bytes, as a dump has them.
    for start in stride(from: 0, to: bytes.count & ~15, by: 16) {
      let row = bytes[start..<start + 16].map { hex(UInt64($0), width: 2) }
      lines.append(hex(UInt64(start), width: 2) + ": " + row.joined(separator: " "))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
