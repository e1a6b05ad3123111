import TraceCore

/// Gives every access its region.
///
/// In this order: a window of the user's map; a BAR that the capture maps; the name that the
/// capture gives the place; else a window cut around the address.
struct RegionResolver {
  /// Windows that are cut around unnamed addresses at most; the rest is one region, `other`.
  static let inferredLimit = 1024
  /// Regions that are known by their name at most; the rest is in `other`, too.
  static let namedLimit = 4096
  /// Bytes in a window cut around an address, unless a format knows better.
  static let inferredSize: UInt64 = 1 << 20

  let context: TraceContext
  private let windowSize: UInt64
  private let windowBits: Int
  var windows = WindowMap()
  /// A BAR is mapped, or was.
  private(set) var hasBARs = false
  /// Regions of the map without a window, and whether the capture named them.
  private var templates: [(entry: MapRegion, isUsed: Bool)]
  /// The map's regions with a window, by name.
  private var mapped: [String: RegionID] = [:]
  /// What the map says of those of which the capture has told nothing yet.
  private var placed: [RegionID: MapRegion] = [:]
  /// Names in use, and the last number put behind each to tell regions apart.
  private var taken: [String: Int] = [:]
  private var bars: [BARKey: RegionID] = [:]
  private var names: [NameKey: Int] = [:]
  private var named: [NamedRegion] = []
  private var lastNamed = -1
  private var lastName = NameKey(name: -1, owner: 0)
  private var inferred: [UInt64: RegionID] = [:]
  /// The windows used last, by the lowest bits of their number.
  private var recent: InlineArray<64, Recent> = InlineArray(repeating: Recent())
  private var config: RegionID?
  private var vfioConfig: RegionID?
  private var other: RegionID?
  /// Kind of each region, by number.
  private(set) var kinds: [Region.Kind] = []

  private struct Recent {
    /// An odd address is no window.
    var window: UInt64 = 1
    var id = RegionID(rawValue: 0)
  }

  private struct BARKey: Hashable {
    var function: PCIFunction
    var bar: Int
    var base: UInt64
    var size: UInt64
  }

  private struct NameKey: Hashable {
    var name: Int
    var owner: UInt64
  }

  /// A region whose window grows with its accesses.
  private struct NamedRegion {
    var id: RegionID
    var first: UInt64
    var last: UInt64
    /// The window is the map's and does not grow.
    var isFixed: Bool
  }

  /// - Parameters:
  ///   - context: Of the trace; gets the regions.
  ///   - map: The user's regions, without overlaps.
  ///   - windowSize: Bytes in a window cut around an address; a power of two.
  init(_ context: TraceContext, map: [MapRegion], windowSize: UInt64 = inferredSize) {
    self.context = context
    precondition(windowSize > 1 && windowSize & (windowSize - 1) == 0)
    self.windowSize = windowSize
    windowBits = windowSize.trailingZeroBitCount
    templates = map.filter { !$0.hasBase }.map { ($0, false) }
    for entry in map where entry.hasBase {
      let region = entry.region
      guard let id = add(region) else { break }
      windows.set(id, base: region.base, size: region.size, rank: .map)
      mapped[region.name] = id
      placed[id] = entry
    }
  }

  /// Regions of the map without a window that nothing in the capture matched.
  var unusedTemplates: Int { templates.count { !$0.isUsed } }

  /// Adds a region to the trace; nil when no more fit.
  mutating func add(_ region: Region) -> RegionID? {
    guard !context.regions.isFull else { return nil }
    kinds.append(region.kind)
    taken[region.name] = taken[region.name] ?? 1
    return context.regions.add(region)
  }

  /// The region as the user's map describes it, where it does.
  mutating func described(_ region: Region) -> Region {
    let match = templates.firstIndex { template, _ in
      if template.region.name == region.name { return true }
      return region.bar != nil && template.region.bar == region.bar
        && template.region.function == region.function
    }
    guard let match else { return region }
    var result = templates[match].entry.describing(region)
    if templates[match].isUsed { result.name = unique(result.name) }
    templates[match].isUsed = true
    return result
  }

  /// The capture tells, for the first time, of a window that the map places: what the map leaves out
  /// is known now.
  mutating func learn(from region: Region) {
    guard let id = windows.region(at: region.base), let entry = placed[id],
      entry.region.base == region.base, entry.region.size == region.size
    else { return }
    placed[id] = nil
    context.regions[id] = entry.describing(region)
    kinds[id.index] = context.regions[id].kind
  }

  // MARK: By address

  /// The region of an address that has no name.
  @inline(__always)
  mutating func region(at address: UInt64, _ counters: inout ImportCounters) -> RegionID? {
    if let id = windows.region(at: address) { return id }
    let window = address & ~(windowSize - 1)
    let known = recent[place(of: window)]
    if known.window == window { return known.id }
    return inferredRegion(window, &counters)
  }

  @inline(__always)
  private func place(of window: UInt64) -> Int {
    Int(truncatingIfNeeded: window &>> UInt64(truncatingIfNeeded: windowBits)) & 63
  }

  @inline(never)
  private mutating func inferredRegion(
    _ window: UInt64, _ counters: inout ImportCounters
  ) -> RegionID? {
    if let known = inferred[window] {
      recent[place(of: window)] = Recent(window: window, id: known)
      return known
    }
    let region = Region(
      name: "mem@0x" + hex(window), base: window, size: windowSize, origin: .inferred)
    guard inferred.count < Self.inferredLimit, let id = add(region) else {
      counters[.otherWindow] += 1
      return otherRegion()
    }
    inferred[window] = id
    recent[place(of: window)] = Recent(window: window, id: id)
    return id
  }

  /// The region of everything that found no room of its own.
  mutating func otherRegion() -> RegionID? {
    if other == nil {
      other = add(Region(name: "other", base: 0, size: 0, origin: .inferred))
    }
    return other
  }

  /// The region that collects config accesses.
  mutating func configRegion() -> RegionID? {
    if config == nil {
      config = add(Region(name: "config", base: 0, size: 0, kind: .config, origin: .capture))
    }
    return config
  }

  /// The region of config accesses and resets that vfio-pci makes for a guest: each trapped, and
  /// before a reset the BARs are unmapped.
  mutating func vfioConfigRegion() -> RegionID? {
    if vfioConfig == nil {
      vfioConfig = add(
        Region(
          name: "vfio config", base: 0, size: 0, kind: .config, vfioEligible: true,
          origin: .capture))
    }
    return vfioConfig
  }

  // MARK: By name

  /// The region of the name that was used last, if this is that name; else nil.
  @inline(__always)
  mutating func knownRegion(named name: Int, address: UInt64, size: UInt8) -> RegionID? {
    guard lastNamed >= 0, lastName.name == name, lastName.owner == 0 else { return nil }
    return touch(lastNamed, address, size)
  }

  /// Addresses at which accesses of the name that was used last change nothing any more.
  ///
  /// - Returns: They never become fewer; nil where there are none, or another name was used last.
  func window(named name: Int) -> ClosedRange<UInt64>? {
    guard lastNamed >= 0, lastName.name == name, lastName.owner == 0 else { return nil }
    let region = named[lastNamed]
    if region.isFixed { return 0...(.max) }
    return region.first <= region.last ? region.first...region.last : nil
  }

  /// The region of a name, whose window grows to hold an access.
  ///
  /// - Parameters:
  ///   - name: Number of the name.
  ///   - owner: Tells regions of equal names apart; 0 where they are one.
  ///   - address: First byte of the access.
  ///   - size: Bytes; `address + size - 1` does not overflow. 0: no access, nothing grows.
  ///   - counters: Counts accesses that found no region of their own.
  ///   - make: The region at first sight; its window is set here.
  /// - Returns: The region; `other` beyond ``namedLimit``; nil when no more fit.
  @inline(__always)
  mutating func region(
    named name: Int, owner: UInt64, address: UInt64, size: UInt8,
    _ counters: inout ImportCounters, make: () -> Region
  ) -> RegionID? {
    let key = NameKey(name: name, owner: owner)
    if key != lastName || lastNamed < 0 {
      guard let index = find(key, make) else {
        counters[.otherWindow] += 1
        return otherRegion()
      }
      lastName = key
      lastNamed = index
    }
    return touch(lastNamed, address, size)
  }

  @inline(__always)
  private mutating func touch(_ index: Int, _ address: UInt64, _ size: UInt8) -> RegionID {
    let region = named[index]
    guard !region.isFixed, size > 0 else { return region.id }
    // The last byte may be the last there is.
    let last = address + (UInt64(size) - 1)
    if address < region.first || last > region.last { grow(index, address, last) }
    return region.id
  }

  @inline(never)
  private mutating func find(_ key: NameKey, _ make: () -> Region) -> Int? {
    if let index = names[key] { return index }
    guard named.count < Self.namedLimit else { return nil }
    let made = make()
    var isFixed = false
    var id = mapped[made.name]
    if id != nil {
      isFixed = true
    } else {
      var region = described(made)
      region.base = 0
      region.size = 0
      region.isGrown = true
      region.name = unique(region.name)
      id = add(region)
    }
    guard let id else { return nil }
    named.append(NamedRegion(id: id, first: .max, last: 0, isFixed: isFixed))
    names[key] = named.count - 1
    return named.count - 1
  }

  @inline(never)
  private mutating func grow(_ index: Int, _ first: UInt64, _ last: UInt64) {
    named[index].first = min(named[index].first, first)
    named[index].last = max(named[index].last, last)
    let region = named[index]
    let span = region.last - region.first
    context.regions[region.id].base = region.first
    context.regions[region.id].size = span == .max ? span : span + 1
  }

  /// The name, with a number where a region has it already.
  private mutating func unique(_ name: String) -> String {
    guard var number = taken[name] else { return name }
    repeat { number += 1 } while taken["\(name) #\(number)"] != nil
    taken[name] = number
    return "\(name) #\(number)"
  }

  // MARK: BARs

  /// A BAR appeared in the address space.
  ///
  /// - Parameters:
  ///   - function: The BAR's function.
  ///   - bar: Number, 0 to 6; 6 is the expansion ROM.
  ///   - base: First address.
  ///   - size: Bytes, 1 or more.
  ///   - prefetchable: As the BAR says; nil where the capture does not.
  ///   - is64Bit: The BAR is 64 bits wide; nil where the capture does not say.
  ///   - counters: Counts windows that found no room.
  mutating func mapBAR(
    _ function: PCIFunction, _ bar: Int, base: UInt64, size: UInt64, prefetchable: Bool? = nil,
    is64Bit: Bool? = nil, _ counters: inout ImportCounters
  ) {
    hasBARs = true
    let key = BARKey(function: function, bar: bar, base: base, size: size)
    guard let id = bars[key] ?? addBAR(key, prefetchable, is64Bit) else {
      counters[.surplusBAR] += 1
      return
    }
    windows.set(id, base: base, size: size, rank: .mapped)
  }

  /// A BAR left the address space.
  mutating func unmapBAR(_ function: PCIFunction, _ bar: Int, base: UInt64, size: UInt64) {
    let key = BARKey(function: function, bar: bar, base: base, size: size)
    guard let id = bars[key] else { return }
    windows.set(id, base: base, size: size, rank: .unmapped)
  }

  private mutating func addBAR(
    _ key: BARKey, _ prefetchable: Bool?, _ is64Bit: Bool?
  ) -> RegionID? {
    guard bars.count < WindowMap.limit else { return nil }
    let isROM = key.bar > 5
    let name = "\(key.function) " + (isROM ? "rom" : "bar \(key.bar)")
    let known = Region(
      name: name, base: key.base, size: key.size, function: key.function,
      bar: isROM ? nil : key.bar, prefetchable: prefetchable, is64Bit: is64Bit,
      vfioEligible: !isROM, origin: .capture)
    learn(from: known)
    var region = described(known)
    if taken[region.name] != nil {
      region.name = unique(region.name + " at 0x" + hex(key.base))
    }
    let id = add(region)
    bars[key] = id
    return id
  }

  // MARK: Mappings

  /// The kernel mapped a window that may be no BAR; one inside a known window is no region.
  ///
  /// - Parameters:
  ///   - base: First address.
  ///   - size: Bytes, 1 or more; `base + size - 1` does not overflow.
  ///   - counters: Counts windows that found no room.
  mutating func mapWindow(base: UInt64, size: UInt64, _ counters: inout ImportCounters) {
    if let first = windows.region(at: base), windows.region(at: base + (size - 1)) == first {
      return
    }
    guard windows.count < 2 * WindowMap.limit,
      let id = add(
        described(
          Region(
            name: unique("map@0x" + hex(base)), base: base, size: size,
            kind: hasBARs ? .platform : .bar, origin: .capture)))
    else {
      counters[.surplusBAR] += 1
      return
    }
    windows.set(id, base: base, size: size, rank: .unmapped)
  }
}
