import Importers
import Testing
import TraceCore
import TraceIO

@testable import TraceEdit

/// A canonical CSV as a source.
func source(_ rows: String, name: String = "t.csv") throws(TraceError) -> any BlockSource {
  try ImportFormat.canonicalCSV.open(
    MemorySource(Array(("op,vcpu,addr,size,value,t_ns,kind,bdf,region\n" + rows).utf8)),
    name: name)
}

/// A source's rows as `dump` prints them, without the record number and the source line.
func rows(_ source: any BlockSource) throws(TraceError) -> [String] {
  let block = Block()
  var writer = CanonicalCSVWriter(context: source.context)
  var bytes: [UInt8] = []
  var next: UInt64 = 0
  while try source.next(into: block) {
    #expect(block.firstRecord == next)
    next += UInt64(block.count)
    try writer.write(block, range: 0 ..< .max, to: &bytes)
  }
  return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
    line.split(separator: ",", omittingEmptySubsequences: false).dropFirst().dropLast()
      .joined(separator: ",")
  }
}

/// Blocks of which records are left out.
struct BlockFilterTests {
  /// The store at 0 follows the last bytes of memory in the trace, not in memory.
  @Test func `a run ends at the last address`() throws {
    let block = Block()
    let builder = BlockBuilder(block)
    builder.reset(firstRecord: 0, into: block)
    for address in [0xffff_ffff_ffff_fff8, 0] as [UInt64] {
      builder.withAppender { $0.append(RecordClass(.store, size: 8), address: address) }
    }
    block.keep([true, true])
    #expect(block.runAddresses == [0xffff_ffff_ffff_fff8, 0])
    #expect(block.runCounts == [1, 1])
  }
}

/// Slices.
struct SliceTests {
  static let trace = """
    store,0,0x1000,8,0x1,10,,,a
    store,1,0x9000,8,0x2,11,,,b
    mark,0,,,,12,begin,,
    store,0,0x1008,8,0x3,13,,,a
    load,1,0x9008,4,0x4,,,,b
    barrier,0,,,,14,dmb.st,,
    barrier,1,,,,15,dmb.sy,,
    mark,1,,,,16,end,,
    lost,1,,,0x5,17,,,
    store,0,0x1010,8,0x6,18,,,a
    mark,0,,,,19,end,,

    """

  /// Indices of the records that a slice keeps, by looking each of its rows up in the whole.
  func kept(_ change: (inout SliceSelection) -> Void) throws -> [Int] {
    var selection = SliceSelection()
    change(&selection)
    let whole = try rows(source(Self.trace))
    var from = 0
    let slice = SlicedSource(try source(Self.trace), selection)
    #expect(slice.context.lacksReads == (selection.direction == .store))
    return try rows(slice).map { row in
      let index = whole[from...].firstIndex(of: row) ?? -1
      from = index + 1
      return index
    }
  }

  @Test func `each condition keeps what it says`() throws {
    #expect(try kept { _ in } == Array(0...10))
    #expect(try kept { $0.records = 2..<5 } == [2, 3, 4])
    #expect(try kept { $0.records = 20..<30 } == [])
    // The load without a stamp has that of the store before it.
    #expect(try kept { $0.fromTime = 13 } == Array(3...10))
    #expect(try kept { $0.toTime = 13 } == [0, 1, 2])
    #expect(try kept { $0.regions = ["a"] } == [0, 2, 3, 5, 6, 7, 8, 9, 10])
    #expect(try kept { $0.regions = ["a", "b"] } == Array(0...10))
    #expect(try kept { $0.vcpus = [0] } == [0, 2, 3, 5, 7, 8, 9, 10])
    #expect(try kept { $0.fromMark = "begin" } == Array(2...10))
    #expect(try kept { $0.toMark = "end" } == Array(0...7))
    #expect(
      try kept {
        $0.fromMark = "begin"
        $0.toMark = "end"
        $0.vcpus = [0]
        $0.regions = ["a"]
      } == [2, 3, 5, 7])
  }

  /// A load or store counts with every byte of it; what is no access has no address.
  @Test func `addresses, sizes and directions choose among accesses`() throws {
    #expect(try kept { $0.addresses = [0x1008...0x1008] } == [2, 3, 5, 6, 7, 8, 10])
    #expect(try kept { $0.addresses = [0x100f...0x1010] } == [2, 3, 5, 6, 7, 8, 9, 10])
    #expect(try kept { $0.addresses = [0...0xfff, 0x9000...0x9007] } == [1, 2, 5, 6, 7, 8, 10])
    #expect(try kept { $0.sizes = [4] } == [2, 4, 5, 6, 7, 8, 10])
    #expect(try kept { $0.direction = .load } == [2, 4, 5, 6, 7, 8, 10])
    #expect(try kept { $0.direction = .store } == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10])
  }

  @Test func `config accesses stay with their function's region`() throws {
    let context = """
      config_write,0,0x4,2,0x6,1,,0000:01:00.0,config
      config_write,0,0x4,2,0x6,2,,0000:02:00.0,config
      store,0,0x1000,8,0x1,10,,,a

      """
    let whole = try source(context)
    let block = Block()
    #expect(try whole.next(into: block))
    let id = try #require(whole.context.regions.first(named: "a"))
    let input = try source(context)
    // The function is not in the CSV: a map would say it.
    final class Described: BlockSource {
      let inner: any BlockSource
      let id: RegionID
      init(_ inner: any BlockSource, _ id: RegionID) { (self.inner, self.id) = (inner, id) }
      var context: TraceContext { inner.context }
      var progress: (consumed: UInt64, total: UInt64?) { inner.progress }
      func next(into block: Block) throws(TraceError) -> Bool {
        let result = try inner.next(into: block)
        if id.index < context.regions.count {
          context.regions[id].function = PCIFunction(bus: 1, device: 0, function: 0)
        }
        return result
      }
    }
    var selection = SliceSelection()
    selection.regions = ["a"]
    let result = try rows(SlicedSource(Described(input, id), selection))
    #expect(result.count == 2 && result[0].contains("0000:01:00.0"))
  }

  @Test func `what is left out is counted, and the slice says of what it is one`() throws {
    var selection = SliceSelection()
    selection.records = 1..<4
    let slice = SlicedSource(try source(Self.trace), selection)
    #expect(try rows(slice).count == 3)
    #expect(slice.context.counters["slice_left_out"] == 8)
    #expect(
      slice.context.blindSpots.last
        == "A slice of t.csv: 3 of 11 records (records 1 to before 4).")
    #expect(slice.context.regions.count == 2)
  }

  @Test func `a filter's remark comes first, and it has a counter of its own`() throws {
    var selection = SliceSelection()
    selection.vcpus = [1]
    let whole = try source(Self.trace)
    whole.context.blindSpots = ["before"]
    let filtered = SlicedSource(whole, selection, for: .filter)
    // Records 1, 4 and 6 of vCPU 1; the three marks and the loss stay.
    #expect(try rows(filtered).count == 7)
    #expect(filtered.context.counters["filtered_out"] == 4)
    #expect(filtered.context.counters["slice_left_out"] == 0)
    #expect(
      filtered.context.blindSpots.first?.hasPrefix("Filtered: 7 of 11 records of t.csv (vCPUs 1).")
        == true)
    #expect(filtered.context.blindSpots.dropFirst().first == "before")
  }

  /// A class that only left-out records had is gone: whether a capture holds barriers is told by it.
  @Test func `a block keeps the classes of its records alone`() throws {
    var selection = SliceSelection()
    selection.records = 0..<4
    let slice = SlicedSource(try source(Self.trace), selection)
    let block = Block()
    #expect(try slice.next(into: block))
    #expect(block.classes.map(\.operation) == [.store, .store, .mark])
  }

  @Test func `names that the trace does not have are errors`() throws {
    let cases: [((inout SliceSelection) -> Void, String)] = [
      ({ $0.fromMark = "x" }, "no mark 'x'"),
      ({ $0.toMark = "x" }, "no mark 'x'"),
      ({ ($0.fromMark, $0.toMark) = ("begin", "begin") }, "no mark 'begin' behind the start"),
      ({ $0.regions = ["a", "zz"] }, "no region 'zz'; there are: a, b"),
    ]
    for (change, message) in cases {
      let error = #expect(throws: TraceError.self) { try kept(change) }
      #expect(error?.code == .range && error?.message.contains(message) == true, "\(message)")
    }
  }

  @Test(arguments: 1...40)
  func `a filtered block is its records in order`(seed: UInt64) throws {
    var state = seed
    var text = ""
    for _ in 0..<200 {
      let size = [1, 2, 4, 8, 16][Int(splitMix(&state) % 5)]
      // Few addresses, so that runs of several records arise.
      let address = 0x1000 + UInt64(size) * (splitMix(&state) % 4)
      text += "store,\(splitMix(&state) % 2),0x\(hex(address)),\(size),"
      text += splitMix(&state) % 2 == 0 ? ",," : "0x\(hex(splitMix(&state) % 256)),5,"
      text += ",,a\n"
    }
    let whole = try rows(source(text))
    let block = Block()
    let input = try source(text)
    #expect(try input.next(into: block))
    let keeps = (0..<200).map { _ in splitMix(&state) % 3 > 0 }
    try block.loadAll()
    block.keep(keeps)
    var bytes: [UInt8] = []
    var writer = CanonicalCSVWriter(context: input.context)
    try writer.write(block, range: 0 ..< .max, to: &bytes)
    let result = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).dropFirst().dropLast()
        .joined(separator: ",")
    }
    #expect(result == whole.indices.filter { keeps[$0] }.map { whole[$0] })
  }
}

/// Merging by time stamp.
struct MergeTests {
  func stores(_ values: [(Int, String)]) -> String {
    values.map { "store,0,0x1000,8,0x\($0.0),\($0.1),,,a\n" }.joined()
  }

  func merged(_ texts: String...) throws -> (values: String, context: TraceContext) {
    let sources = try texts.map { text throws(TraceError) in try source(text) }
    let merged = MergedSource(sources)
    let values = try rows(merged).map { row in
      String(row.split(separator: ",", omittingEmptySubsequences: false)[5].dropFirst(2))
    }
    return (values.joined(separator: " "), merged.context)
  }

  @Test func `equal stamps keep the order of the captures, and each capture its own`() throws {
    let result = try merged(
      stores([(1, "5"), (2, "7"), (3, "7"), (4, "9")]),
      stores([(5, "5"), (6, "6"), (7, "7"), (8, "8")]))
    #expect(result.values == "1 5 6 2 3 7 8 4")
    #expect(result.context.regions.count == 1 && result.context.counters.rows.isEmpty)
  }

  @Test func `a clock that goes back stands still, and is counted`() throws {
    let result = try merged(
      stores([(1, "5"), (2, "3"), (3, "9")]), stores([(4, "4"), (5, "5"), (6, "8")]))
    #expect(result.values == "4 1 2 5 6 3")
    #expect(result.context.counters["merge_clock_back"] == 1)
  }

  @Test func `config accesses that two captures have are counted, and none is dropped`() throws {
    func writes(_ function: String, _ times: Int...) -> String {
      times.map { "config_write,0,0x4,2,0x6,\($0),,0000:\(function),config\n" }.joined()
    }
    let result = try merged(
      writes("01:00.0", 1, 3, 5) + writes("02:00.0", 6), writes("01:00.0", 2, 4),
      writes("03:00.0", 7))
    #expect(result.values.split(separator: " ").count == 7)
    // Of 01:00.0 the first has three, the second two.
    #expect(result.context.counters["merge_config_in_several"] == 2)
    #expect(
      result.context.blindSpots.contains {
        $0.hasPrefix("Config accesses of 0000:01:00.0 are in several of the merged captures")
      })
    let apart = try merged(writes("01:00.0", 1), writes("02:00.0", 2))
    #expect(apart.context.counters["merge_config_in_several"] == 0)
  }

  @Test func `that a log has no BAR access is not said where another one has`() throws {
    func spots(_ other: String) throws -> [String] {
      let config = try source("config_write,0,0x4,2,0x6,1,,0000:01:00.0,config\n")
      config.context.blindSpots = [TraceContext.hiddenBARs, "kept"]
      let merged = MergedSource([config, try source(other)])
      _ = try rows(merged)
      return merged.context.blindSpots
    }
    #expect(try !spots("store,0,0x1000,8,0x1,2,,,a\n").contains(TraceContext.hiddenBARs))
    #expect(try spots("store,0,0x1000,8,0x1,2,,,a\n").contains("Of t.csv alone: kept"))
    #expect(try spots("mark,0,,,,2,begin,,\n").contains(TraceContext.hiddenBARs))
  }

  @Test func `that threads are numbered in each capture anew is said`() throws {
    func spots(_ count: Int) throws -> [String] {
      let parts = try (0..<count).map { _ throws(TraceError) in
        let part = try source("mark,0,,,,2,begin,,\n")
        part.context.blindSpots = [TraceContext.threadsAsVCPUs]
        return part
      }
      let merged = MergedSource(parts)
      _ = try rows(merged)
      return merged.context.blindSpots
    }
    #expect(try spots(2).contains { $0.hasPrefix("Each merged capture numbers its threads anew") })
    #expect(try !spots(1).contains { $0.hasPrefix("Each merged") })
  }

  @Test func `records without a stamp follow the one before them`() throws {
    let result = try merged(
      stores([(1, ""), (2, "5"), (3, ""), (4, "9")]), stores([(5, "4"), (6, "8")]))
    #expect(result.values == "1 5 2 3 6 4")
    #expect(result.context.counters["merge_untimed"] == 1)
  }

  /// Against a stable sort by running maximum, computed here.
  @Test(arguments: 1...30)
  func `a merge is a stable sort`(seed: UInt64) throws {
    var state = seed
    var keyed: [(key: UInt64, order: Int, value: String)] = []
    var texts: [String] = []
    for capture in 0..<3 {
      var (time, top): (UInt64, UInt64) = (100, 0)
      var text = ""
      for index in 0..<60 {
        time = time &+ splitMix(&state) % 7 &- 2
        top = max(top, time)
        let value = hex(UInt64(capture * 100 + index))
        keyed.append((top, capture, value))
        text += "store,0,0x1000,8,0x\(value),\(time),,,a\n"
      }
      texts.append(text)
    }
    let expected = keyed.enumerated().sorted {
      ($0.element.key, $0.offset) < ($1.element.key, $1.offset)
    }.map(\.element.value)
    #expect(
      try merged(texts[0], texts[1], texts[2]).values == expected.joined(separator: " "))
  }
}

/// What replaces values and addresses.
struct ReplacementTests {
  @Test(arguments: [8, 16])
  func `a replacement is one to one, and keeps zero and all ones`(bits: Int) {
    let values = KeyedPermutation(seed: 5)
    let count = UInt64(1) << UInt64(bits)
    var seen = Set<UInt64>()
    for value in 0..<count { seen.insert(values.replace(value, bits: bits)) }
    #expect(seen.count == Int(count) && seen.max() == count - 1)
    #expect(values.replace(0, bits: bits) == 0)
    #expect(values.replace(count - 1, bits: bits) == count - 1)
  }

  @Test func `wide values keep their width, and hardly any stands for itself`() {
    let values = KeyedPermutation(seed: 6)
    for bits in [24, 32, 40, 48, 56, 64] {
      let ones: UInt64 = bits == 64 ? .max : 1 << UInt64(bits) - 1
      let results = (1...1000).map { values.replace($0, bits: bits) }
      #expect(Set(results).count == 1000 && results.allSatisfy { $0 <= ones && $0 != 0 })
      #expect(zip(1...1000, results).count { UInt64($0) == $1 } < 3)
      #expect(values.replace(ones, bits: bits) == ones)
    }
    #expect(
      KeyedPermutation(seed: 7).replace(1234, bits: 64) != values.replace(1234, bits: 64))
  }

  @Test(arguments: 0..<50)
  func `regions move by a multiple of every size accessed`(seed: UInt64) {
    // One region for each size, one for all even ones up to 16, one for more than 64 bits hold.
    let sizes = (0..<64).map { UInt64(1) << UInt64($0) } + [0b1010_1010_1010_1010, .max]
    for start in [0x10_1000, 0x40_0000_1000] as [UInt64] {
      let regions = sizes.indices.map { index in
        Region(
          name: "\(index)", base: start + UInt64(index) << 16, size: 0x1000, origin: .capture)
      }
      let placement = RegionPlacement(regions, sizes, seed: seed)
      #expect(placement.unmoved == 1 && placement.moves[65] == 0)
      for (index, move) in placement.moves.dropLast().enumerated() {
        #expect(move != 0)
        let distance = Int64(bitPattern: move)
        for size in 1...64 where sizes[index] >> UInt64(size - 1) & 1 == 1 {
          #expect(distance % Int64(size) == 0, "\(size)")
        }
        #expect(distance % 4096 == 0)
      }
    }
  }

  /// Accesses of 3, 5 to 13 bytes in pages: multiples of 184,504,320 bytes, 23 of them below 4 GiB.
  @Test(arguments: 0..<50)
  func `where every place is taken, nothing moves onto another`(seed: UInt64) {
    let step: UInt64 = 4096 * 5 * 7 * 9 * 11 * 13
    let sizes = [UInt64](repeating: 0b1_0101_0101_0100, count: 23)
    let regions = (UInt64(1)...23).map { number in
      Region(name: "\(number)", base: number * step, size: 0x1000, origin: .map)
    }
    let placement = RegionPlacement(regions, sizes, seed: seed)
    let places = zip(regions, placement.moves).map { $0.base &+ $1 }
    #expect(places.sorted() == regions.map(\.base))
    #expect(placement.unmoved == UInt64(placement.moves.count { $0 == 0 }))
  }

  @Test(arguments: 1...200)
  func `regions keep alignment and side of 4 GiB, and never meet`(seed: UInt64) {
    var state = seed
    var regions: [Region] = []
    for index in 0..<20 {
      let size = UInt64(1) << (4 + splitMix(&state) % 26) + splitMix(&state) % 3 * 0x100
      let isLow = splitMix(&state) % 2 == 0
      let base = isLow ? splitMix(&state) % 0xe000_0000 : 1 << 32 + splitMix(&state) % (1 << 40)
      regions.append(Region(name: "\(index)", base: base, size: size, origin: .map))
    }
    let placement = RegionPlacement(regions, [], seed: seed &* 77)
    let moved = zip(regions, placement.moves).map { region, move in
      var result = region
      result.base = region.base &+ move
      return result
    }
    for (before, after) in zip(regions, moved) {
      var alignment: UInt64 = 4096
      while alignment < before.size { alignment *= 2 }
      #expect(before.base % alignment == after.base % alignment)
      let fourGiB: UInt64 = 1 << 32
      #expect((before.base < fourGiB) == (after.base < fourGiB))
      #expect(
        (before.base + before.size - 1 < fourGiB) == (after.base + after.size - 1 < fourGiB))
    }
    // Those that met before still meet at the same distance; others do not.
    for i in regions.indices {
      for j in regions.indices where j > i {
        let met =
          regions[i].base < regions[j].base + regions[j].size
          && regions[j].base < regions[i].base + regions[i].size
        let meets =
          moved[i].base < moved[j].base + moved[j].size
          && moved[j].base < moved[i].base + moved[i].size
        #expect(met == meets)
        if met {
          #expect(moved[i].base &- regions[i].base == moved[j].base &- regions[j].base)
        }
      }
    }
  }

  /// Registers of a type-0 header (PCI Local Bus 3.0, section 6.1).
  @Test func `config space keeps what resets are recognised in`() {
    let function = PCIFunction(bus: 1, device: 0, function: 0)
    let bar = Region(
      name: "bar 2", base: 0x60_1000_0000, size: 0x1000, function: function, bar: 2,
      origin: .capture)
    var config = ConfigReplacement(KeyedPermutation(seed: 1), [bar], [0x11_2000_0000])
    func replaced(_ register: Int, _ bytes: [UInt8]) -> [UInt8] {
      var all = bytes
      config.replace(&all[0...], register: register, function: function.rawValue)
      return all
    }
    #expect(replaced(0x00, [0x86, 0x80, 0x72, 0x15]) != [0x86, 0x80, 0x72, 0x15])
    #expect(replaced(0x00, [0xff, 0xff, 0xff, 0xff]) == [0xff, 0xff, 0xff, 0xff])
    // A function that is not ready (PCIe Base 5.0, section 2.3.1).
    #expect(replaced(0x00, [0x01, 0x00, 0xff, 0xff]) == [0x01, 0x00, 0xff, 0xff])
    for register in [0x04, 0x0c, 0x18 + 0x20, 0x34, 0x40, 0x48, 0x100] {
      #expect(replaced(register, [0x12, 0x34, 0x56, 0x78]) == [0x12, 0x34, 0x56, 0x78])
    }
    // The halves of a 64-bit BAR, its sizing, and another address.
    #expect(replaced(0x18, [0x0c, 0x00, 0x00, 0x10]) == [0x0c, 0x00, 0x00, 0x30])
    #expect(replaced(0x1c, [0x60, 0, 0, 0]) == [0x71, 0, 0, 0])
    #expect(replaced(0x18, [0xff, 0xff, 0xff, 0xff]) == [0xff, 0xff, 0xff, 0xff])
    // An address that no region has: its upper bits go, consistently; a size stays.
    let other = replaced(0x10, [0x0c, 0x08, 0x40, 0x10])
    #expect(other[0] == 0x0c && other[1] & 15 == 8 && other != [0x0c, 0x08, 0x40, 0x10])
    #expect(replaced(0x10, [0x0c, 0x08, 0x40, 0x10]) == other)
    #expect(replaced(0x10, [0x0c, 0, 0xc0, 0xff]) == [0x0c, 0, 0xc0, 0xff])
  }
}

/// Regions of captures that are joined.
///
/// An importer that knows offsets only puts its first region at 0x10_0000_0000, each at a multiple of
/// 1 MiB: in every capture anew.
struct JoinedRegionTests {
  private func log(_ lines: String...) throws(TraceError) -> any BlockSource {
    try ImportFormat.qemuLog.open(
      MemorySource(Array((lines.joined(separator: "\n") + "\n").utf8)), name: "log")
  }

  private func store(_ place: String) -> String { "vfio_region_write  (\(place), 0x1, 4)" }

  /// Addresses and regions of the records.
  private func places(_ source: any BlockSource) throws(TraceError) -> [String] {
    try rows(source).map { row in
      let cells = row.split(separator: ",", omittingEmptySubsequences: false)
      return "\(cells[3]) \(cells[11])"
    }
  }

  private func joined(_ sources: [any BlockSource], merges: Bool) -> any BlockSource {
    merges ? MergedSource(sources) : ConcatenatedSource(sources)
  }

  @Test(arguments: [false, true])
  func `two devices do not lie at one address`(merges: Bool) throws {
    let whole = joined(
      [
        try log(store("0000:01:00.0:region0+0x10")), try log(store("0000:02:00.0:region0+0x14")),
      ], merges: merges)
    #expect(
      try places(whole) == [
        "0x1000000010 0000:01:00.0 region0", "0x1000100014 0000:02:00.0 region0",
      ])
    #expect(whole.context.counters["region_moved_at_join"] == 1)
  }

  @Test func `a device lies where the capture ahead put it`() throws {
    let (first, second) = ("0000:01:00.0:region0+0x10", "0000:02:00.0:region0+0x14")
    let whole = ConcatenatedSource([
      try log(store(first), store(second)), try log(store(second), store(first)),
    ])
    #expect(
      try places(whole) == [
        "0x1000000010 0000:01:00.0 region0", "0x1000100014 0000:02:00.0 region0",
        "0x1000100014 0000:02:00.0 region0", "0x1000000010 0000:01:00.0 region0",
      ])
    #expect(whole.context.regions.count == 2)
    #expect(whole.context.counters["region_moved_at_join"] == 0)
  }

  @Test func `a native trace remembers that an importer chose the base`() throws {
    let natives = try ["01", "02"].map { bus in
      let source = try log(store("0000:\(bus):00.0:region0+0x10"))
      return try NativeTraceReader(MemorySource(try nativeTrace(source)))
    }
    #expect(
      try places(ConcatenatedSource(natives)) == [
        "0x1000000010 0000:01:00.0 region0", "0x1000100010 0000:02:00.0 region0",
      ])
  }

  /// 2 MiB do not fit where the capture ahead had one window of 1 MiB.
  @Test func `a region that is larger than the one ahead moves`() throws {
    let whole = ConcatenatedSource([
      try log(store("0000:01:00.0:region0+0x10"), store("0000:02:00.0:region0+0x10")),
      try log(
        "vfio_region_setup Device 0000:01:00.0, region 0 \"x\", flags: 0x7, offset: 0x0, "
          + "size: 0x200000", store("0000:01:00.0:region0+0x100010")),
    ])
    #expect(
      try places(whole) == [
        "0x1000000010 0000:01:00.0 region0", "0x1000100010 0000:02:00.0 region0",
        "0x1000300010 0000:01:00.0 region0",
      ])
  }

  @Test func `an address of a region's own where an importer put another is an error`() throws {
    let real =
      "memory_region_ops_write cpu 0 mr 0x1 addr 0x1000000ffc value 0x1 size 4 name 'nvme'"
    let whole = ConcatenatedSource([try log(store("0000:01:00.0:region0+0x10")), try log(real)])
    let error = #expect(throws: TraceError.self) { try rows(whole) }
    #expect(error?.code == .range)
    #expect(error?.message.contains("'nvme'") == true)
    #expect(error?.message.contains("'0000:01:00.0 region0'") == true)
  }

  @Test func `BARs at one address under two names are counted and named`() throws {
    let whole = ConcatenatedSource([
      try source("store,0,0x1000,8,0x1,1,,,a\n"), try source("store,0,0x1004,8,0x1,2,,,b\n"),
    ])
    _ = try rows(whole)
    #expect(whole.context.counters["region_overlap_at_join"] == 1)
    #expect(whole.context.blindSpots.contains { $0.hasPrefix("Regions 'a' and 'b' of two") })
  }

  @Test func `a window that grows behind its first block is whole`() throws {
    func access(_ address: UInt64) -> String {
      "memory_region_ops_read cpu 0 mr 0x1 addr 0x\(hex(address)) value 0x0 size 4 name 'uart'"
    }
    let many = Array(repeating: access(0x903_0000), count: Block.capacity).joined(separator: "\n")
    let whole = ConcatenatedSource([try log(many, access(0x903_0100)), try log(access(0x903_0200))])
    _ = try rows(whole)
    // To the end of the last access, and then to what the second one knows.
    #expect(whole.context.regions.regions.map(\.base) == [0x903_0000])
    #expect(whole.context.regions.regions.map(\.size) == [0x204])
    let first = try log(many, access(0x903_0100))
    _ = try rows(first)
    #expect(first.context.regions.regions.map(\.size) == [0x104])
  }
}
