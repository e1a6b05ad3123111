/// Makes a failing program small.
///
/// Drops events in ever smaller stretches, then resets one setting at a time to its default, for
/// as long as the failure stays.
///
/// - Parameters:
///   - program: A program for which `fails` is true.
///   - fails: The failure to keep.
/// - Returns: A program that still fails and from which no single event can be dropped.
public func shrink(
  _ program: NaiveProgram, while fails: (NaiveProgram) -> Bool
) -> NaiveProgram {
  var best = program
  var before: NaiveProgram
  repeat {
    before = best
    best = dropEvents(best, while: fails)
    best = simplify(best, while: fails)
  } while best != before
  return best
}

private func dropEvents(
  _ program: NaiveProgram, while fails: (NaiveProgram) -> Bool
) -> NaiveProgram {
  var best = program
  var stretch = max(best.events.count / 2, 1)
  while true {
    var start = 0
    while start < best.events.count {
      var candidate = best
      candidate.events.removeSubrange(start..<min(start + stretch, best.events.count))
      if fails(candidate) { best = candidate } else { start += stretch }
    }
    if stretch == 1 { return best }
    stretch /= 2
  }
}

private func simplify(
  _ program: NaiveProgram, while fails: (NaiveProgram) -> Bool
) -> NaiveProgram {
  var best = program
  for change in simplifications {
    var candidate = best
    change(&candidate)
    if candidate != best, fails(candidate) { best = candidate }
  }
  for index in best.regions.indices.reversed() {
    var candidate = best
    let removed = candidate.regions.remove(at: index)
    let isUsed = best.events.contains { removed.contains($0.address) && $0.size > 0 }
    if !isUsed, fails(candidate) { best = candidate }
  }
  return best
}

private typealias Simplification = @Sendable (inout NaiveProgram) -> Void

private let simplifications: [Simplification] = [
  { $0.settings.fwb = false },
  { $0.settings.policy = "none" },
  { $0.settings.stage1 = [:] },
  { $0.settings.accessors = "recorded" },
  { $0.settings.buffers = 4 },
  { $0.settings.evict = "lru" },
  { $0.settings.lineBytes = 64 },
  { $0.settings.singleStream = false },
  { $0.settings.loadBreaksGather = false },
  { $0.settings.deviceDrainsNC = false },
  { $0.settings.deviceBusBytes = 8 },
  { $0.settings.drainAfterNs = nil },
  { $0.settings.ncLoad = "access" },
  { $0.settings.trapDrains = false },
  { $0.settings.lse2 = true },
  { $0.settings.split = "runs" },
  { $0.settings.ecrc = false },
  {
    $0.settings.flit = false
    $0.settings.generation = 4
  },
  { $0.settings.maxPayload = 256 },
  { $0.settings.maxReadRequest = 512 },
  { $0.settings.readCompletionBoundary = 64 },
  { program in for index in program.events.indices { program.events[index].value = nil } },
  { program in for index in program.events.indices { program.events[index].time = nil } },
  { program in for index in program.events.indices { program.events[index].vcpu = 0 } },
  { program in for index in program.events.indices { program.events[index].attribute = nil } },
  { program in for index in program.regions.indices { program.regions[index].stage1 = nil } },
]
