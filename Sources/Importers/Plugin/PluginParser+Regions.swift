import TraceCore

/// Regions of a plugin's accesses: the user's map, then QEMU's name, then the address.
extension PluginParser {
  mutating func region(
    _ access: Access, _ size: UInt8, _ bytes: Span<UInt8>
  ) throws(LineFault) -> RegionID? {
    if let window = resolver.windows.region(at: access.address) { return window }
    guard let name = regionNames.index(of: access.region, in: bytes) else {
      throw LineFault(.outOfRange, at: access.region.lowerBound, "at most 4096 region names")
    }
    if name == regionKinds.count {
      let text = regionNames.text(name)
      // QEMU names no region where RAM backs the window or where several share a page.
      regionKinds.append(text == "RAM" || text == "subpage" ? nil : RegionName(text))
    }
    guard let kind = regionKinds[name] else {
      return resolver.region(at: access.address, &counters)
    }
    if kind == .ecam { return addECAM(access.address) }
    let names = regionNames
    return resolver.region(
      named: name, owner: 0, address: access.address, size: size, &counters
    ) {
      Region(
        name: names.text(name), base: 0, size: 0, kind: kind == .device ? .bar : .platform,
        origin: .capture)
    }
  }

  /// The ECAM of QEMU's `virt` machine (hw/arm/virt.c): 16 MiB at 0x3f000000 below 4 GiB, else 256
  /// MiB, which its size aligns.
  private mutating func addECAM(_ address: UInt64) -> RegionID? {
    let size: UInt64 = address < 1 << 32 ? 16 << 20 : 256 << 20
    let base = address & ~(size - 1)
    counters[.ecamAssumed] += 1
    let id = resolver.add(
      Region(
        name: "ecam at 0x" + hex(base), base: base, size: size, kind: .ecam,
        function: PCIFunction("0000:00:00.0"), origin: .inferred))
    if let id { resolver.windows.set(id, base: base, size: size, rank: .mapped) }
    return id
  }
}
