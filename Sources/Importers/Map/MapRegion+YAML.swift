import ArmMemory
import TraceCore
import YAMLInput

// One entry of a map's `regions`.
extension MapRegion {
  static let keys = [
    "name", "base", "size", "kind", "bdf", "bar", "prefetchable", "is_64bit", "stage1", "vfio",
    "side_effects", "decode", "registers",
  ]

  /// Decodes an entry.
  ///
  /// - Parameters:
  ///   - node: The entry.
  ///   - registersAhead: Registers of the entries ahead.
  /// - Throws: ``TraceError`` with file, line and key.
  init(_ node: YAMLNode, behind registersAhead: Int) throws(TraceError) {
    let entry = try node.mapping(allowed: Self.keys)
    let name = try entry.required("name").string()
    let base = try entry["base"]?.integer(in: 0...(.max))
    let size = try Self.size(of: entry, needed: base != nil)
    if let base, base.addingReportingOverflow(size - 1).overflow {
      throw node.error("the region ends beyond 2^64")
    }
    let kind = try Self.kind(of: entry)
    let layout = try Self.layout(of: entry, kind: kind)
    // 256 buses of 256 functions (PCI Express Base Specification 5.0, 7.2.2).
    let limit = (layout ?? .ecam).bytesPerFunction << 16
    guard kind != .ecam || size <= limit else {
      throw (entry["kind"] ?? node).error(
        "an ecam region has at most \(limit >> 20) MiB"
          + (layout == .cam ? " with decode cam" : ""))
    }
    var region = Region(
      name: name, base: base ?? 0, size: size, kind: kind,
      function: try entry["bdf"]?.pciFunction(), bar: try Self.bar(of: entry, kind: kind),
      prefetchable: try entry["prefetchable"]?.boolean(),
      is64Bit: try entry["is_64bit"]?.boolean(),
      stage1: try entry["stage1"]?.memoryType().attributeByte,
      vfioEligible: try entry["vfio"]?.boolean(), origin: .map, configLayout: layout)
    region.sideEffects = try Self.sideEffects(of: entry, size: size)
    let registers = try RegisterEntry.list(
      entry["registers"], regionSize: size, others: registersAhead)
    if !registers.isEmpty {
      region.registers = registers.map(\.register)
      region.sideEffects += registers.filter(\.hasSideEffects).map(\.range)
    }
    self.init(
      region, hasBase: base != nil,
      // Only a BAR has a number.
      leavesKind: entry["kind"] == nil && entry["bar"] == nil, leavesVFIO: entry["vfio"] == nil)
    for key in Key.allCases { place(key, entry[key.rawValue]) }
  }

  /// Bytes; 0 where the map leaves base and size to the capture.
  private static func size(of entry: YAMLMapping, needed: Bool) throws(TraceError) -> UInt64 {
    if needed { return try entry.required("size").byteSize(in: 1...(.max)) }
    return try entry["size"]?.byteSize(in: 1...(.max)) ?? 0
  }

  private static func kind(of entry: YAMLMapping) throws(TraceError) -> Region.Kind {
    guard let node = entry["kind"] else { return .bar }
    let text = try node.string()
    let known = Region.Kind.allCases
    guard let kind = known.first(where: { $0.rawValue == text }) else {
      throw node.error("unknown kind '\(text)'" + didYouMean(text, among: known.map(\.rawValue)))
    }
    guard kind != .config || entry["base"] == nil && entry["size"] == nil else {
      throw node.error("a region of kind config has no window: it collects config accesses by name")
    }
    return kind
  }

  /// How an ECAM window is decoded; nil where the map does not say.
  private static func layout(
    of entry: YAMLMapping, kind: Region.Kind
  ) throws(TraceError) -> ConfigLayout? {
    guard let node = entry["decode"] else { return nil }
    guard kind == .ecam else {
      throw node.error("a region of kind \(kind.rawValue) has no decode")
    }
    let text = try node.string()
    guard let layout = ConfigLayout(rawValue: text) else {
      let known = ConfigLayout.allCases.map(\.rawValue)
      throw node.error("unknown decode '\(text)'" + didYouMean(text, among: known))
    }
    return layout
  }

  private static func bar(of entry: YAMLMapping, kind: Region.Kind) throws(TraceError) -> Int? {
    guard let node = entry["bar"] else { return nil }
    guard kind == .bar else { throw node.error("a region of kind \(kind.rawValue) has no BAR") }
    return Int(try node.integer(in: 0...5))
  }

  private static func sideEffects(
    of entry: YAMLMapping, size: UInt64
  ) throws(TraceError) -> [ClosedRange<UInt64>] {
    var ranges: [ClosedRange<UInt64>] = []
    for node in try entry["side_effects"]?.sequence() ?? [] {
      let register = try node.mapping(allowed: ["offset", "size"])
      let offset = try register.required("offset").integer(in: 0...(.max))
      let bytes = try register.required("size").byteSize(in: 1...(.max))
      let (last, overflow) = offset.addingReportingOverflow(bytes - 1)
      guard !overflow, size == 0 || last < size else {
        throw node.error("the register ends outside its region")
      }
      ranges.append(offset...last)
    }
    return ranges
  }
}

extension YAMLNode {
  /// A function's address as `lspci` prints it.
  func pciFunction() throws(TraceError) -> PCIFunction {
    let text = try string()
    let isPlain = text.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    guard isPlain, let function = PCIFunction(text) else {
      throw error("expected a function like \"0000:01:00.0\", found '\(text)'")
    }
    return function
  }

  /// One of the seven memory types by name.
  fileprivate func memoryType() throws(TraceError) -> MemoryType {
    let text = try string()
    guard let type = MemoryType(name: text) else {
      let known = MemoryType.allCases.map(\.name)
      throw error("unknown memory type '\(text)'" + didYouMean(text, among: known))
    }
    return type
  }
}
