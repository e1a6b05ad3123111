public import TraceCore
public import YAMLInput

extension TraceMap {
  /// Decodes a map.
  ///
  /// - Parameter document: Keys `regions` and `functions`.
  /// - Throws: ``TraceError`` with code `configuration`, file, line and key.
  public init(_ document: YAMLDocument) throws(TraceError) {
    let root = try document.root.mapping(allowed: ["regions", "functions"])
    self.init()
    var placed: [PlacedRegion] = []
    var names: Set<String> = []
    var registers = 0
    let nodes = try root["regions"]?.sequence() ?? []
    guard nodes.count <= Self.regionLimit else {
      throw document.root.error("more than \(Self.regionLimit) regions")
    }
    for node in nodes {
      let entry = try MapRegion(node, behind: registers)
      registers += entry.region.registers?.count ?? 0
      guard names.insert(entry.region.name).inserted else {
        throw node.error("a second region named '\(entry.region.name)'")
      }
      if entry.hasBase { placed.append(PlacedRegion(region: entry.region, node: node)) }
      entries.append(entry)
    }
    try PlacedRegion.rejectOverlaps(placed)
    try addFunctions(root["functions"]?.sequence() ?? [], file: document.root.file)
  }

  /// Region numbers have 16 bits; some are left for what the capture names.
  static let regionLimit = 0x8000

  private mutating func addFunctions(
    _ nodes: [YAMLNode], file: String
  ) throws(TraceError) {
    var seen: Set<PCIFunction> = []
    for node in nodes {
      let entry = try node.mapping(allowed: ["bdf", "lspci"])
      let function = try entry.required("bdf").pciFunction()
      guard seen.insert(function).inserted else {
        throw node.error("a second entry for function \(function)")
      }
      let dump = try entry.required("lspci")
      let path = besides(file, try dump.string())
      configImages.append(ConfigImage(function: function, path: path, node: dump))
    }
  }
}

/// A path that a file names, relative to that file's folder.
private func besides(_ file: String, _ path: String) -> String {
  guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
  return file[...slash] + path
}

/// A region with a base, and its place in the file.
private struct PlacedRegion {
  var region: Region
  var node: YAMLNode

  /// Overflow-free: the decoder has checked that the region ends within 64 bits.
  var last: UInt64 { region.base + (region.size - 1) }

  static func rejectOverlaps(_ regions: [Self]) throws(TraceError) {
    let sorted = regions.sorted { $0.region.base < $1.region.base }
    // Neighbours suffice: the first overlap in address order is always between neighbours.
    for (lower, upper) in zip(sorted, sorted.dropFirst()) where upper.region.base <= lower.last {
      let line = lower.node.line.map { ", line \($0)" } ?? ""
      throw upper.node.error(
        "region '\(upper.region.name)' overlaps '\(lower.region.name)'"
          + " (0x\(hex(lower.region.base)) to 0x\(hex(lower.last))\(line))")
    }
  }
}
