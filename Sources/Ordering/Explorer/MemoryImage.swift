/// The bytes that a program touches, and what reads and writes do to them.
struct MemoryImage: Sendable {
  /// Offset in the image of each location's first byte, by location.
  private var offsets: [Int] = []
  private(set) var start: [UInt8] = []
  private let sites: [Site]
  private let program: Program

  init(_ scene: Scene) {
    program = scene.program
    sites = scene.layout.sites
    var known: [Key: Int] = [:]
    for location in program.locations {
      // Aliases share bytes; contiguous ones are laid out by the first name that has them.
      let first = known[Key(location, 0)]
      let offset = first ?? start.count
      offsets.append(offset)
      for byte in 0..<min(location.size, Self.most) where known[Key(location, byte)] == nil {
        known[Key(location, byte)] = start.count
        start.append(byte < 8 ? UInt8(truncatingIfNeeded: location.initial >> (8 * byte)) : 0)
      }
    }
    places = known
  }

  private let places: [Key: Int]
  /// Bytes of a location whose content is kept.
  static let most = 64

  private struct Key: Hashable, Sendable {
    var peripheral: Int
    var address: UInt64

    init(_ location: Location, _ byte: Int) {
      peripheral = location.peripheral
      address = location.address + UInt64(byte)
    }
  }

  private func place(_ effect: Effect, _ byte: Int) -> Int? {
    places[Key(sites[effect.access].location, Int(effect.address - sites[effect.access].location.address) + byte)]
  }

  /// Nothing loaded yet.
  var noLoads: [UInt64] { Array(repeating: 0, count: sites.count) }

  /// The first eight bytes of a location.
  func value(of location: Int, _ state: MachineState) -> UInt64 {
    let named = program.locations[location]
    var result: UInt64 = 0
    for byte in 0..<min(8, named.size) {
      guard let place = places[Key(named, byte)] else { continue }
      result |= UInt64(state.bytes[place]) << UInt64(8 * byte)
    }
    return result
  }

  /// A transaction reaches its endpoint.
  func arrive(_ effects: UInt64, _ scene: Scene, _ state: inout MachineState) {
    for index in effects.bits {
      let effect = scene.effects[index]
      if effect.kind == .config { configure(effect, &state) }
      let function = effect.kind == .mmio ? scene.program.peripherals[effect.peripheral].function : nil
      if let function, !effect.isByDevice, state.switchedOff.has(function) {
        state.lost |= 1 << UInt64(index)
        if !effect.isStore { load(effect, nil, &state) }
      } else if effect.isStore {
        store(effect, &state)
      } else {
        load(effect, scene, &state)
      }
    }
  }

  private func store(_ effect: Effect, _ state: inout MachineState) {
    let site = sites[effect.access]
    let skipped = Int(effect.address - site.address)
    for byte in 0..<effect.size {
      guard let place = place(effect, byte) else { continue }
      let position = skipped + byte
      state.bytes[place] = position < site.access.value.count ? site.access.value[position] : 0
    }
  }

  /// All ones where nothing answers.
  private func load(_ effect: Effect, _ scene: Scene?, _ state: inout MachineState) {
    let site = sites[effect.access]
    let skipped = Int(effect.address - site.address)
    for byte in 0..<effect.size {
      let place = place(effect, byte)
      if !effect.isSpeculative, skipped + byte < 8 {
        let value = scene == nil ? 0xff : place.map { state.bytes[$0] } ?? 0
        let shift = UInt64(8 * (skipped + byte))
        state.loaded[effect.access] &= ~(0xff << shift)
        state.loaded[effect.access] |= UInt64(value) << shift
      }
      if scene != nil, site.location.clearsOnRead, let place { state.bytes[place] = 0 }
    }
  }

  /// A load that a write buffer serves returns the store's bytes.
  func forwarded(_ load: Int, from store: Int) -> UInt64 {
    let (load, store) = (sites[load], sites[store])
    let skipped = Int(load.address - store.address)
    var result: UInt64 = 0
    for byte in 0..<min(8, load.access.size) where skipped + byte < store.access.value.count {
      result |= UInt64(store.access.value[skipped + byte]) << UInt64(8 * byte)
    }
    return result
  }

  // MARK: Config space

  private func configure(_ effect: Effect, _ state: inout MachineState) {
    let access = sites[effect.access].access
    guard effect.isStore else { return }
    switch access.configEffect {
    case .none: break
    case .memoryDisable: state.switchedOff |= mask(ofFunctionAt: effect)
    case .memoryEnable: state.switchedOff &= ~mask(ofFunctionAt: effect)
    case .reset: reset(mask(ofFunctionAt: effect), &state)
    case .bridgeReset(let port): reset(functions(below: port), &state)
    }
  }

  private func mask(ofFunctionAt effect: Effect) -> UInt64 {
    program.peripherals[effect.peripheral].function.map { 1 << UInt64($0) } ?? 0
  }

  private func functions(below port: String) -> UInt64 {
    var mask: UInt64 = 0
    for (index, function) in program.functions.enumerated() where function.bridge == port {
      mask |= 1 << UInt64(index)
    }
    return mask
  }

  /// Registers lose their content, and Memory Space Enable is clear.
  private func reset(_ functions: UInt64, _ state: inout MachineState) {
    state.switchedOff |= functions
    for location in program.locations {
      guard let function = program.peripherals[location.peripheral].function,
        functions.has(function), program.peripherals[location.peripheral].kind == .mmio
      else { continue }
      for byte in 0..<min(location.size, Self.most) {
        if let place = places[Key(location, byte)] { state.bytes[place] = 0 }
      }
    }
  }
}
