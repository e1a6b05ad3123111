import TraceCore

/// Gives addresses to accesses that are known by region and offset only.
///
/// Regions are laid out in order of first access, from 0x10_0000_0000 upward, each at the next
/// multiple of its size rounded up to a power of two, 1 MiB at least. One of unknown size is
/// laid out in windows of 1 MiB, each in order of its own first access; what has no window lies
/// from 2^62 upward, 2^50 bytes for each region. So no two regions ever share an address.
struct VFIOLayout {
  /// Bytes for each region's accesses outside of windows, and address of those of the first region.
  private static let elsewhereSize: UInt64 = 1 << 50
  private static let elsewhere: UInt64 = 1 << 62
  /// Address of the first region.
  static let start: UInt64 = 0x10_0000_0000
  /// Bytes in a window of a region of unknown size, and in the smallest place of any.
  static let windowSize: UInt64 = 1 << 20
  /// Windows of regions of unknown size at most.
  static let windowLimit = 1024

  private struct Place {
    var base: UInt64
    var id: RegionID
  }

  private struct Entry {
    var function: PCIFunction?
    var device: String
    var number: Int
    /// Bytes, where the capture or the map tells.
    var size: UInt64?
    var isMappable = true
    var place: Place?
    var windows: [UInt64: Place] = [:]
    /// The window used last, of a region of unknown size.
    var lastWindow: UInt64 = .max
  }

  private var entries: [Entry] = []
  /// Regions that were added.
  var count: Int { entries.count }
  private var next = start
  private var windowCount = 0

  /// A region seen for the first time; its number is the count of those before.
  ///
  /// A window in the user's map for the same function and BAR takes the place of the layout's.
  ///
  /// - Parameters:
  ///   - device: `0000:04:00.0`, or another name.
  ///   - number: VFIO's region number: 0 to 5 the BARs, 6 the ROM, 8 VGA.
  ///   - resolver: Holds the map's regions.
  mutating func add(device: String, number: Int, _ resolver: RegionResolver) {
    var entry = Entry(function: PCIFunction(device), device: device, number: number)
    let mapped = resolver.context.regions.regions.firstIndex {
      $0.origin == .map && $0.size > 0 && $0.bar == number && $0.function == entry.function
        && entry.function != nil
    }
    if let mapped {
      let id = RegionID(rawValue: UInt16(mapped))
      let region = resolver.context.regions[id]
      entry.size = region.size
      entry.place = Place(base: region.base, id: id)
    }
    entries.append(entry)
  }

  /// The capture describes a region; one that has been accessed keeps its place.
  ///
  /// - Parameters:
  ///   - index: Number of the region.
  ///   - size: Bytes; 0 where the device has no such region.
  ///   - isMappable: It can be mapped into a guest at all.
  ///   - resolver: Learns what the map leaves out of a window that it places.
  mutating func describe(
    _ index: Int, size: UInt64, isMappable: Bool, _ resolver: inout RegionResolver
  ) {
    if let place = entries[index].place {
      resolver.learn(
        from: region(index, base: place.base, size: size, suffix: "", isMappable: isMappable))
    }
    guard entries[index].place == nil, entries[index].windows.isEmpty, size > 0 else { return }
    entries[index].size = size
    entries[index].isMappable = isMappable
  }

  /// The address of an offset.
  ///
  /// - Parameters:
  ///   - index: Number of the region.
  ///   - offset: First byte in the region.
  ///   - size: Bytes, 1 to 64.
  ///   - resolver: Holds the trace's regions.
  /// - Returns: Address and region; nil where the access lies outside the region, or no place is
  ///   left for it.
  @inline(__always)
  mutating func address(
    _ index: Int, offset: UInt64, size: UInt8, _ resolver: inout RegionResolver
  ) -> (address: UInt64, region: RegionID)? {
    let (end, over) = offset.addingReportingOverflow(UInt64(size))
    guard !over else { return nil }
    if let known = entries[index].size {
      guard end <= known else { return nil }
      if entries[index].place == nil { placeWhole(index, known, &resolver) }
      guard let place = entries[index].place else { return nil }
      return (place.base + offset, place.id)
    }
    let window = offset / Self.windowSize
    guard (end - 1) / Self.windowSize == window else { return nil }
    if entries[index].lastWindow != window { useWindow(index, window, &resolver) }
    guard entries[index].lastWindow == window, let place = entries[index].place else { return nil }
    return (place.base + offset % Self.windowSize, place.id)
  }

  /// The address of an access without a window: across the end of one, or beyond ``windowLimit``.
  ///
  /// - Parameters:
  ///   - index: Number of the region.
  ///   - offset: First byte in the region.
  ///   - size: Bytes, 1 to 64.
  /// - Returns: nil where the region's size is known, or the offset is too large.
  func addressElsewhere(_ index: Int, offset: UInt64, size: UInt8) -> UInt64? {
    guard entries[index].size == nil, offset <= Self.elsewhereSize - UInt64(size)
    else { return nil }
    return Self.elsewhere + UInt64(index) * Self.elsewhereSize + offset
  }

  @inline(never)
  private mutating func placeWhole(
    _ index: Int, _ size: UInt64, _ resolver: inout RegionResolver
  ) {
    guard let base = reserve(size) else { return }
    entries[index].place = add(index, base: base, size: size, suffix: "", &resolver)
  }

  @inline(never)
  private mutating func useWindow(
    _ index: Int, _ window: UInt64, _ resolver: inout RegionResolver
  ) {
    if let known = entries[index].windows[window] {
      entries[index].place = known
      entries[index].lastWindow = window
      return
    }
    guard windowCount < Self.windowLimit, let base = reserve(Self.windowSize) else { return }
    let suffix = window == 0 ? "" : "+0x" + hex(window * Self.windowSize)
    guard let place = add(index, base: base, size: Self.windowSize, suffix: suffix, &resolver)
    else { return }
    windowCount += 1
    entries[index].windows[window] = place
    entries[index].place = place
    entries[index].lastWindow = window
  }

  /// Takes the next multiple of a size rounded up to a power of two; nil when there is none.
  private mutating func reserve(_ size: UInt64) -> UInt64? {
    guard size <= 1 << 62 else { return nil }
    let room = max(
      Self.windowSize, size == 1 ? 1 : 1 << UInt64(64 - (size - 1).leadingZeroBitCount))
    let (sum, over) = next.addingReportingOverflow(room - 1)
    guard !over else { return nil }
    let base = sum & ~(room - 1)
    let (end, overEnd) = base.addingReportingOverflow(room)
    guard !overEnd, end <= Self.elsewhere else { return nil }
    next = end
    return base
  }

  private func add(
    _ index: Int, base: UInt64, size: UInt64, suffix: String, _ resolver: inout RegionResolver
  ) -> Place? {
    var region = resolver.described(
      region(
        index, base: base, size: size, suffix: suffix, isMappable: entries[index].isMappable))
    region.isBaseAssumed = true
    return resolver.add(region).map { Place(base: base, id: $0) }
  }

  private func region(
    _ index: Int, base: UInt64, size: UInt64, suffix: String, isMappable: Bool
  ) -> Region {
    let entry = entries[index]
    let isBAR = entry.number < 6
    return Region(
      name: "\(entry.device) region\(entry.number)\(suffix)", base: base, size: size,
      function: entry.function, bar: isBAR ? entry.number : nil,
      vfioEligible: isBAR && isMappable, origin: .capture)
  }
}
