/// The bytes that a program touches, and what reads and writes do to them.
///
/// Only *contested* bytes are part of a machine's state: those that something reads, that more than
/// one effect writes, or that a reset clears. The final value of any other follows from which
/// effects have arrived.
struct MemoryImage: Sendable {
  /// Where a byte of a location is found.
  private enum Place: Sendable {
    /// Index in the state's bytes.
    case contested(Int)
    /// Written once at most.
    case sole(initial: UInt8, writer: Int?, value: UInt8)
  }

  private struct Key: Hashable, Sendable {
    var peripheral: Int
    var address: UInt64
  }

  private let scene: Scene
  private var places: [Key: Place] = [:]
  /// For each effect, the index in the state of each of its bytes, or -1.
  private var indices: [[Int]] = []
  /// Contested bytes that each function's reset clears.
  private var cleared: [[Int]] = []
  /// Content of the contested bytes at the start.
  private(set) var start: [UInt8] = []

  /// Bytes of a location whose content is kept.
  static let most = 64

  init(_ scene: Scene) {
    self.scene = scene
    var writers: [Key: [Int]] = [:]
    var read: Set<Key> = []
    for effect in scene.effects where effect.kind == .mmio || effect.kind == .memory {
      for address in effect.addresses {
        let key = Key(peripheral: effect.peripheral, address: address)
        if effect.isStore {
          writers[key, default: []].append(effect.index)
        } else {
          read.insert(key)
        }
      }
    }
    let isReset = scene.layout.sites.contains { $0.access.configEffect != .none }
    cleared = Array(repeating: [], count: scene.program.functions.count)
    for location in scene.program.locations {
      let function = scene.program.peripherals[location.peripheral].function
      for byte in 0..<min(location.size, Self.most) {
        let key = Key(
          peripheral: location.peripheral, address: location.address + UInt64(byte))
        guard places[key] == nil else { continue }
        let initial = byte < 8 ? UInt8(truncatingIfNeeded: location.initial >> (8 * byte)) : 0
        let own = writers[key] ?? []
        if isReset && function != nil || read.contains(key) || own.count > 1 {
          if let function { cleared[function].append(start.count) }
          places[key] = .contested(start.count)
          start.append(initial)
        } else {
          places[key] = .sole(
            initial: initial, writer: own.first,
            value: own.first.map { Self.stored($0, key.address, scene) } ?? 0)
        }
      }
    }
    indices = scene.effects.map { effect in
      effect.addresses.map { address in
        if case .contested(let index)? = places[
          Key(peripheral: effect.peripheral, address: address)]
        {
          return index
        }
        return -1
      }
    }
  }

  /// The byte that an effect stores at an address.
  private static func stored(_ effect: Int, _ address: UInt64, _ scene: Scene) -> UInt8 {
    let site = scene.site(of: scene.effects[effect])
    let position = Int(address - site.address)
    return position < site.access.value.count ? site.access.value[position] : 0
  }

  /// Nothing loaded yet; empty where nothing loads.
  var noLoads: [UInt64] {
    let loads = scene.layout.sites.contains { $0.access.direction == .load }
    return loads ? Array(repeating: 0, count: scene.layout.sites.count) : []
  }

  /// The first eight bytes of a location.
  func value(of location: Int, _ state: MachineState) -> UInt64 {
    let named = scene.program.locations[location]
    var result: UInt64 = 0
    for byte in 0..<min(8, named.size) {
      let key = Key(peripheral: named.peripheral, address: named.address + UInt64(byte))
      let value: UInt8 =
        switch places[key] {
        case .contested(let index): state.bytes[index]
        case .sole(_, let writer?, let value) where state.arrived.has(writer): value
        case .sole(let initial, _, _): initial
        case nil: 0
        }
      result |= UInt64(value) << UInt64(8 * byte)
    }
    return result
  }

  // MARK: Arrival

  /// A transaction reaches its endpoint.
  func arrive(_ effects: UInt64, _ state: inout MachineState) {
    for index in effects.bits {
      let effect = scene.effects[index]
      switch effect.kind {
      case .config: if effect.isStore { configure(effect, &state) }
      case .unmap: break
      case .mmio where isOff(effect, state):
        state.lost |= 1 << UInt64(index)
        if !effect.isStore { load(effect, isAnswered: false, &state) }
      case .mmio, .memory:
        effect.isStore ? store(effect, &state) : load(effect, isAnswered: true, &state)
      }
    }
  }

  private func isOff(_ effect: Effect, _ state: MachineState) -> Bool {
    guard state.switchedOff != 0, !effect.isByDevice,
      let function = scene.program.peripherals[effect.peripheral].function
    else { return false }
    return state.switchedOff.has(function)
  }

  private func store(_ effect: Effect, _ state: inout MachineState) {
    let own = indices[effect.index]
    for byte in own.indices where own[byte] >= 0 {
      state.bytes[own[byte]] = Self.stored(
        effect.index, effect.address + UInt64(byte), scene)
    }
  }

  /// All ones where nothing answers.
  private func load(_ effect: Effect, isAnswered: Bool, _ state: inout MachineState) {
    let site = scene.layout.sites[effect.access]
    let skipped = Int(effect.address - site.address)
    let own = indices[effect.index]
    for byte in own.indices {
      if !effect.isSpeculative, skipped + byte < 8 {
        let value = isAnswered ? (own[byte] >= 0 ? state.bytes[own[byte]] : 0) : 0xff
        let shift = UInt64(8 * (skipped + byte))
        state.loaded[effect.access] &= ~(0xff << shift)
        state.loaded[effect.access] |= UInt64(value) << shift
      }
      if isAnswered, site.location.clearsOnRead, own[byte] >= 0 { state.bytes[own[byte]] = 0 }
    }
  }

  /// What a load that a write buffer serves returns: the store's bytes.
  func forwarded(_ load: Int, from store: Int) -> UInt64 {
    let (load, store) = (scene.layout.sites[load], scene.layout.sites[store])
    let skipped = Int(load.address - store.address)
    var result: UInt64 = 0
    for byte in 0..<min(8, load.access.size) where skipped + byte < store.access.value.count {
      result |= UInt64(store.access.value[skipped + byte]) << UInt64(8 * byte)
    }
    return result
  }

  // MARK: Config space

  private func configure(_ effect: Effect, _ state: inout MachineState) {
    let function = scene.program.peripherals[effect.peripheral].function
    let own = function.map { UInt64(1) << UInt64($0) } ?? 0
    switch scene.site(of: effect).access.configEffect {
    case .none: break
    case .memoryDisable: state.switchedOff |= own
    case .memoryEnable: state.switchedOff &= ~own
    case .reset: reset(own, &state)
    case .bridgeReset(let port): reset(functions(below: port), &state)
    }
  }

  private func functions(below port: String) -> UInt64 {
    var mask: UInt64 = 0
    for (index, function) in scene.program.functions.enumerated() where function.bridge == port {
      mask |= 1 << UInt64(index)
    }
    return mask
  }

  /// Registers lose their content, and Memory Space Enable is clear.
  private func reset(_ functions: UInt64, _ state: inout MachineState) {
    state.switchedOff |= functions
    for function in functions.bits {
      for index in cleared[function] { state.bytes[index] = 0 }
    }
  }
}
