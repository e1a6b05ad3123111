/// Makes events that collide: few windows, copy loops, overlaps, several vCPUs in turn.
struct EventGenerator {
  var random: SplitMix64
  private let regions: [NaiveRegion]
  /// vCPU numbers, at times with gaps.
  private let vcpus: [Int]
  /// Whether accesses hold a stage-1 attribute: never, one a region, or any.
  private let attributeMode: String
  private let regionAttributes: [UInt8]
  private let hasTimes: Bool
  private let hasValues: Bool
  private var time: UInt64 = 1000
  /// The copy loop of each vCPU: its last store, and stores to come.
  private var loops: [Int: (last: NaiveEvent, rest: Int)] = [:]

  init(_ seeded: SplitMix64, regions: [NaiveRegion]) {
    var random = seeded
    self.regions = regions
    let numbers = random.pick([[0, 1, 2, 3], [0, 1, 2, 3], [5, 0, 300, 17]])
    vcpus = Array(numbers.prefix(random.pick([1, 1, 2, 4])))
    attributeMode = random.pick(["none", "none", "region", "any"])
    regionAttributes = regions.map { _ in random.pick(naiveAttributeBytes) }
    hasTimes = random.chance(90)
    hasValues = random.chance(50)
    self.random = random
  }

  mutating func events(_ count: Int) -> [NaiveEvent] {
    (0..<count).map { _ in event(of: random.pick(vcpus)) }
  }

  private mutating func event(of vcpu: Int) -> NaiveEvent {
    var event = untimedEvent(of: vcpu)
    event.vcpu = vcpu
    if event.op == "store" || event.op == "load" { event.attribute = attribute(of: event) }
    if event.size > 0, hasValues || event.op.hasPrefix("config"), random.chance(90) {
      event.value = (0..<event.size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
    event.time = nextTime()
    return event
  }

  private mutating func untimedEvent(of vcpu: Int) -> NaiveEvent {
    if let loop = loops[vcpu], loop.rest > 0, random.chance(85) {
      return remember(following(loop.last), vcpu, rest: loop.rest - 1)
    }
    let kind = random.pick(
      weighted: [
        (34, "loop"), (22, "store"), (14, "load"), (4, "st64b"), (3, "ld64b"), (11, "barrier"),
        (6, "config"), (2, "lost"), (2, "mark"), (2, "reset"),
      ])
    switch kind {
    case "loop":
      return remember(access("store", vcpu), vcpu, rest: random.inRange(1...20))
    case "store":
      let store = access("store", vcpu).with { $0.release = random.chance(12) }
      return remember(store, vcpu, rest: 0)
    case "st64b": return remember(wide("store"), vcpu, rest: 0)
    case "load": return access("load", vcpu).with { $0.acquire = random.chance(15) }
    case "ld64b": return wide("load")
    case "barrier": return .barrier(random.pick(barriers))
    case "config": return config()
    case "reset":
      return NaiveEvent("reset").with {
        $0.function = "0000:01:00.0"
        $0.text = "flr"
      }
    default: return NaiveEvent(kind).with { $0.text = kind == "mark" ? "here" : "" }
    }
  }

  private let barriers = [
    "dmb.sy", "dmb.st", "dmb.ld", "dsb.sy", "dsb.st", "dsb.ld", "isb", "dgh", "acq",
    "rel", "acqrel",
  ]

  private mutating func remember(_ store: NaiveEvent, _ vcpu: Int, rest: Int) -> NaiveEvent {
    loops[vcpu] = (store, rest)
    return store
  }

  /// The copy loop's next store, or the same once more where the region ends.
  private func following(_ store: NaiveEvent) -> NaiveEvent {
    let next = store.address + UInt64(store.size)
    let fits = fits(next, store.size)
    return .store(fits ? next : store.address, store.size).with { $0.single64 = store.single64 }
  }

  /// The access lies in regions from its first to its last byte.
  private func fits(_ address: UInt64, _ size: Int) -> Bool {
    let last = address + UInt64(size) - 1
    return regions.contains { $0.contains(address) } && regions.contains { $0.contains(last) }
  }

  private mutating func access(_ op: String, _ vcpu: Int) -> NaiveEvent {
    let size = self.size()
    var address = self.address()
    if let last = loops[vcpu]?.last.address, random.chance(45) {
      address = last &+ UInt64(random.below(96)) &- 32
    }
    if random.chance(80) { address -= address % UInt64(size) }
    if !fits(address, size) { address = fallback(size) }
    return .store(address, size).with { $0.op = op }
  }

  private mutating func wide(_ op: String) -> NaiveEvent {
    var address = self.address()
    if random.chance(85) { address -= address % 64 }
    if !fits(address, 64) { address = fallback(64) }
    return .store(address, 64).with {
      $0.op = op
      $0.single64 = true
    }
  }

  /// An aligned address in a region, away from its ends.
  private mutating func fallback(_ size: Int) -> UInt64 {
    (random.pick(regions).base / 64 + 2) * 64 / UInt64(size) * UInt64(size) + UInt64(size)
  }

  private mutating func size() -> Int {
    switch random.pick(weighted: [(80, "power"), (12, "odd"), (8, "any")]) {
    case "power": random.pick([8, 8, 8, 8, 4, 4, 4, 1, 2, 16, 16, 32, 64])
    case "odd": random.pick([3, 5, 6, 7, 12, 24, 48])
    default: random.inRange(1...64)
    }
  }

  /// In one of a few small windows of a region: its start, around 4 KiB, its end.
  private mutating func address() -> UInt64 {
    let region = random.pick(regions)
    let windows: [UInt64] = [0, 0, 0x40, 0xfc0, region.size - 0x60]
    return region.base + random.pick(windows) + UInt64(random.below(0x90))
  }

  private mutating func config() -> NaiveEvent {
    let size = random.pick([1, 2, 4, 4])
    let register = UInt64(random.pick([0, 4, 0x10, 0x3c, 0x78, 0x7c]) + random.below(4))
    return .config(
      random.pick(["config_read", "config_write"]),
      random.pick(["0000:01:00.0", "0000:01:00.0", "0000:01:00.1"]),
      register / UInt64(size) * UInt64(size), size)
  }

  private mutating func attribute(of event: NaiveEvent) -> UInt8? {
    switch attributeMode {
    case "region":
      regions.firstIndex { $0.contains(event.address) }.map { regionAttributes[$0] }
    case "any": random.chance(80) ? random.pick(naiveAttributeBytes) : nil
    default: nil
    }
  }

  /// Small steps, now and then a long one, a step back, or no stamp.
  private mutating func nextTime() -> UInt64? {
    guard hasTimes, !random.chance(3) else { return nil }
    switch random.below(100) {
    case 0..<5: time += UInt64(random.below(5000))
    case 5..<10: time -= min(time, UInt64(random.below(400)))
    case 10..<40: break
    default: time += UInt64(random.below(40))
    }
    return time
  }
}
