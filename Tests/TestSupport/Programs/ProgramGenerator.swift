/// Makes a random program; the seed reproduces it.
///
/// - Parameters:
///   - seed: Any number.
///   - maximumEvents: The program has 1 to this many events.
/// - Returns: Regions, settings and events; every access starts in a region.
public func generateProgram(seed: UInt64, maximumEvents: Int = 200) -> NaiveProgram {
  var random = SplitMix64(seed: seed)
  let regions = generateRegions(&random)
  var settings = generateSettings(&random, regions: regions)
  // From the seed itself: the programs of older seeds stay as they are.
  settings.lse2 = seed % 2 == 0
  var generator = EventGenerator(random, regions: regions)
  let count = 1 + generator.random.below(maximumEvents)
  return NaiveProgram(
    seed: seed, regions: regions, settings: settings, events: generator.events(count))
}

/// Two to four windows: below and above 4 GiB, adjacent (at times within one line), not
/// VFIO-eligible, a platform device, ECAM.
func generateRegions(_ random: inout SplitMix64) -> [NaiveRegion] {
  let highSize = UInt64(random.pick([0x2000, 0x1000, 0x1048, 0x1010, 0x1ff4]))
  var candidates = [
    NaiveRegion("uart", base: 0x900_0000, size: 0x1000, kind: "platform"),
    NaiveRegion("low", base: 0xe000_0000, size: 0x2000),
    NaiveRegion("next", base: 0x10_0000_0000 + highSize, size: 0x1000, vfio: random.chance(70)),
    NaiveRegion("plain", base: 0x20_0000_0000, size: 0x2000, vfio: false),
    NaiveRegion("ecam", base: 0x40_0000_0000, size: 0x10_0000, kind: "ecam"),
  ]
  var chosen = [NaiveRegion("high", base: 0x10_0000_0000, size: highSize)]
  for _ in 0..<random.inRange(1...3) {
    chosen.append(candidates.remove(at: random.below(candidates.count)))
  }
  for index in chosen.indices where random.chance(20) {
    chosen[index].stage1 = random.pick(naiveAttributeBytes)
  }
  return chosen
}

/// Settings over all policies, profiles and links.
func generateSettings(_ random: inout SplitMix64, regions: [NaiveRegion]) -> NaiveSettings {
  var settings = NaiveSettings()
  settings.policy = random.pick(
    weighted: [(20, "kvm-device"), (45, "kvm-normal-nc"), (35, "none")])
  settings.fwb = random.chance(50)
  settings.accessors = random.pick(
    weighted: [
      (35, "recorded"), (20, "relaxed"), (10, "linux-writel"), (25, "bursts"), (10, "auto"),
    ])
  if random.chance(25) {
    for _ in 0..<random.inRange(1...2) {
      let name = random.pick(["all"] + regions.map(\.name))
      settings.stage1[name] = random.pick(naiveTypes)
    }
  }
  generateCPU(&random, &settings)
  generateLink(&random, &settings)
  return settings
}

private func generateCPU(_ random: inout SplitMix64, _ settings: inout NaiveSettings) {
  settings.buffers = random.inRange(1...8)
  settings.evict = random.pick(["lru", "fifo"])
  settings.lineBytes = random.pick(weighted: [(1, 16), (1, 32), (3, 64), (1, 128)])
  settings.singleStream = random.chance(15)
  settings.loadBreaksGather = random.chance(40)
  settings.deviceDrainsNC = random.chance(40)
  settings.deviceBusBytes = random.pick([1, 2, 4, 8, 8, 16, 32, 64])
  settings.drainAfterNs = random.chance(40) ? random.pick([0, 10, 60, 300, 2000]) : nil
  settings.ncLoad = random.pick(["access", "line"])
  settings.trapDrains = random.chance(50)
}

private func generateLink(_ random: inout SplitMix64, _ settings: inout NaiveSettings) {
  settings.split = random.pick(["runs", "minimal", "aligned", "qword"])
  settings.ecrc = random.chance(30)
  settings.generation = random.inRange(1...7)
  settings.flit = settings.generation >= 6 || random.chance(20)
  settings.maxPayload = random.pick([128, 256, 512])
  settings.maxReadRequest = random.pick([128, 512, 4096])
  settings.readCompletionBoundary = random.pick([64, 128])
}
