import ArmMemory
import Ordering
import TraceCore

/// The section in braces: functions, peripherals, locations.
extension LitmusParser {
  mutating func locations(into draft: inout ProgramDraft) throws(TraceError) {
    try takeSymbol("{")
    while !token.isSymbol("}") {
      if try skipSymbol(";") { continue }
      try entry(into: &draft)
      guard token.isSymbol(";") || token.isSymbol("}") else { throw expected("';' or '}'") }
    }
    try advance()
  }

  private mutating func entry(into draft: inout ProgramDraft) throws(TraceError) {
    let name = try takeName("a name, or '}'")
    try takeSymbol(":")
    // A peripheral may be called `memory`; then an offset follows.
    let keyword = try following().isSymbol("+") ? "" : token.kind == .word ? token.text : ""
    switch keyword {
    case "function": try function(name, &draft)
    case "mmio": try peripheral(name, .mmio, &draft)
    case "ecam": try peripheral(name, .ecam, &draft)
    case "coherent": try peripheral(name, .memory, &draft)
    case "memory": try flag(name, &draft)
    default: try location(name, &draft)
    }
  }

  /// `d: function below rp0`.
  private mutating func function(
    _ name: Token, _ draft: inout ProgramDraft
  ) throws(TraceError) {
    guard !draft.program.functions.contains(where: { $0.name == name.text }) else {
      throw scanner.error("a second function \(name.shown)", at: name.offset)
    }
    try advance()
    var function = DeviceFunction(name: name.text)
    if try skipWord("below") { function.bridge = try takeName("the port's name").text }
    draft.program.functions.append(function)
  }

  /// `bar: mmio of d tc 1 endpoint-ack`.
  private mutating func peripheral(
    _ name: Token, _ kind: Peripheral.Kind, _ draft: inout ProgramDraft
  ) throws(TraceError) {
    try advance()
    var peripheral = Peripheral(
      name: name.text, kind: kind, acknowledgesAtEndpoint: kind == .ecam)
    var owner: Token?
    var given: Set<String> = []
    while token.kind == .word {
      try note(token.text.replacing("no-endpoint", with: "endpoint"), &given)
      switch token.text {
      case "of":
        try advance()
        owner = try takeName("the function's name")
      case "tc":
        try advance()
        peripheral.trafficClass = Int(try takeNumber("a traffic class", 0...7))
      case "endpoint-ack", "no-endpoint-ack":
        peripheral.acknowledgesAtEndpoint = try take().text == "endpoint-ack"
      default: throw expected("'of', 'tc', 'endpoint-ack', 'no-endpoint-ack' or ';'")
      }
    }
    let index = try declare(peripheral, name, &draft)
    if let owner { draft.owners.append((index, owner)) }
  }

  /// Adds a peripheral, or says more about one that locations use already.
  private func declare(
    _ peripheral: Peripheral, _ name: Token, _ draft: inout ProgramDraft
  ) throws(TraceError) -> Int {
    guard let known = draft.peripheral(name.text) else {
      draft.program.peripherals.append(peripheral)
      return draft.program.peripherals.count - 1
    }
    guard draft.implied.remove(known) != nil else {
      throw scanner.error("a second peripheral \(name.shown)", at: name.offset)
    }
    guard peripheral.kind == draft.program.peripherals[known].kind else {
      throw scanner.error(
        "peripheral \(name.shown) is declared after a location in it", at: name.offset)
    }
    draft.program.peripherals[known] = peripheral
    return known
  }

  /// `F: memory = 0`: coherent memory with one location, both of that name.
  private mutating func flag(_ name: Token, _ draft: inout ProgramDraft) throws(TraceError) {
    try advance()
    try checkNew(name, draft)
    let index = try declare(Peripheral(name: name.text, kind: .memory), name, &draft)
    let size = try skipWord("size") ? try takeSize(4096) : 8
    try add(
      Location(
        name: name.text, peripheral: index, address: 0, size: size,
        attributes: AccessAttributes(.normalWB)),
      name, &draft)
  }

  /// `X: bar+0x40 size 4 stage1 normal-nc stage2 normal-nc`.
  private mutating func location(
    _ name: Token, _ draft: inout ProgramDraft
  ) throws(TraceError) {
    let peripheral = try takeName("a peripheral, or 'function', 'mmio', 'ecam', 'memory'")
    guard token.isSymbol("+") else {
      let words = ["function", "mmio", "ecam", "coherent", "memory"]
      let hint = nearestName(to: peripheral.text, in: words).map { "; did you mean '\($0)'?" } ?? ""
      throw scanner.error(
        "expected '+OFFSET' after the peripheral \(peripheral.shown), found \(token.shown)" + hint,
        at: token.offset)
    }
    try advance()
    let address = try takeNumber("an offset", 0...1 << 62)
    guard try skipWord("size") else { throw expected("'size BYTES'") }
    let size = try takeSize(4096)
    let index = draft.peripheral(peripheral.text) ?? imply(peripheral.text, &draft)
    try add(
      Location(
        name: name.text, peripheral: index, address: address, size: size,
        attributes: AccessAttributes(.normalWB)),
      name, &draft)
  }

  /// A peripheral that is not declared is MMIO, but for one called `memory`.
  private func imply(_ name: String, _ draft: inout ProgramDraft) -> Int {
    let kind = name == "memory" ? Peripheral.Kind.memory : .mmio
    draft.program.peripherals.append(Peripheral(name: name, kind: kind))
    draft.implied.insert(draft.program.peripherals.count - 1)
    return draft.program.peripherals.count - 1
  }

  private func checkNew(_ name: Token, _ draft: ProgramDraft) throws(TraceError) {
    guard !draft.program.locations.contains(where: { $0.name == name.text }) else {
      throw scanner.error("a second location \(name.shown)", at: name.offset)
    }
  }

  /// Reads the location's properties and adds it.
  private mutating func add(
    _ location: Location, _ name: Token, _ draft: inout ProgramDraft
  ) throws(TraceError) {
    try checkNew(name, draft)
    var location = location
    var mapping = MappingWords()
    while !token.isSymbol(";"), !token.isSymbol("}") {
      try property(of: &location, &mapping)
    }
    let isMemory = draft.program.peripherals[location.peripheral].kind == .memory
    location.attributes = try attributes(mapping, name, isMemory: isMemory)
    draft.program.locations.append(location)
  }

  /// How a location is mapped, as far as it has been read.
  private struct MappingWords {
    var stage1: Token?
    var stage2: Token?
    var policy: Token?
    var fwb = false
    var xs: Bool?
    /// Properties that were given; `xs0` and `xs1` are one.
    var given: Set<String> = []
  }

  /// Takes note of a property; a second one of its kind would take the place of the first unseen.
  private func note(_ property: String, _ given: inout Set<String>) throws(TraceError) {
    guard given.insert(property).inserted else {
      throw scanner.error("a second '\(property)'", at: token.offset)
    }
  }

  private mutating func property(
    of location: inout Location, _ mapping: inout MappingWords
  ) throws(TraceError) {
    if token.isSymbol("=") {
      try note("=", &mapping.given)
      try advance()
      let limit = location.size >= 8 ? UInt64.max : 1 << UInt64(8 * location.size) - 1
      location.initial = try takeNumber("a value", 0...limit)
      return
    }
    let word = token
    let words = [
      "stage1", "stage2", "policy", "fwb", "xs0", "xs1", "clears-on-read", "ro", "ido",
    ]
    guard word.kind == .word, words.contains(word.text) else {
      throw scanner.error(
        "expected a property of the location, '=' or ';', found \(word.shown)"
          + suggestion(for: word.text, in: words), at: word.offset)
    }
    try note(word.text.hasPrefix("xs") ? "xs" : word.text, &mapping.given)
    try advance()
    switch word.text {
    case "stage1": mapping.stage1 = try takeName("a memory type or a MAIR byte")
    case "stage2": mapping.stage2 = try takeName("a memory type or a MemAttr value")
    case "policy": mapping.policy = try takeName("a policy")
    case "fwb": mapping.fwb = true
    case "xs0": mapping.xs = false
    case "xs1": mapping.xs = true
    case "clears-on-read": location.clearsOnRead = true
    case "ro": location.relaxedOrdering = true
    default: location.idBasedOrdering = true
    }
  }

  // MARK: Attributes

  private func attributes(
    _ mapping: MappingWords, _ name: Token, isMemory: Bool
  ) throws(TraceError) -> AccessAttributes {
    guard mapping.stage1 != nil || isMemory else {
      throw scanner.error(
        "location \(name.shown) needs 'stage1 TYPE'", at: name.offset)
    }
    let stage1 = try mapping.stage1.map { (token) throws(TraceError) in try stage1Byte(token) }
    let stage2 = try stage2Field(mapping)
    guard
      var attributes = AccessAttributes(
        stage1: stage1 ?? MemoryType.normalWB.attributeByte, stage2: stage2, fwb: mapping.fwb)
    else {
      let place = mapping.stage2 ?? mapping.stage1 ?? name
      throw scanner.error(
        "a reserved encoding in the attributes of \(name.shown)", at: place.offset)
    }
    if let xs = mapping.xs { attributes.xs = xs }
    return attributes
  }

  private func stage1Byte(_ token: Token) throws(TraceError) -> UInt8 {
    if let type = MemoryType(name: token.text) { return type.attributeByte }
    guard let number = Self.number(token.text), number < 256 else {
      throw scanner.error(
        "stage 1 is \(token.shown): expected a memory type or a byte"
          + suggestion(for: token.text, in: MemoryType.allCases.map(\.name)), at: token.offset)
    }
    guard MemoryAttributes(mair: UInt8(number)) != nil else {
      throw scanner.error("MAIR byte \(token.shown) is reserved", at: token.offset)
    }
    return UInt8(number)
  }

  /// MemAttr[3:0] of stage 2; nil without one.
  private func stage2Field(_ mapping: MappingWords) throws(TraceError) -> UInt8? {
    if let policy = mapping.policy {
      guard mapping.stage2 == nil else {
        throw scanner.error("give 'stage2' or 'policy', not both", at: policy.offset)
      }
      guard let known = KVMPolicy(rawValue: policy.text) else {
        throw scanner.error(
          "unknown policy \(policy.shown)"
            + suggestion(for: policy.text, in: KVMPolicy.allCases.map(\.rawValue)),
          at: policy.offset)
      }
      return known.memAttr(vfioEligible: true, fwb: mapping.fwb)
    }
    guard let token = mapping.stage2 else { return nil }
    if let type = MemoryType(name: token.text) {
      guard let field = Self.stage2Field(type, fwb: mapping.fwb) else {
        throw scanner.error("stage 2 has no encoding of \(token.shown) with FWB", at: token.offset)
      }
      return field
    }
    guard let number = Self.number(token.text), number < 16 else {
      throw scanner.error(
        "stage 2 is \(token.shown): expected a memory type or 0x0 to 0xf"
          + suggestion(for: token.text, in: MemoryType.allCases.map(\.name)), at: token.offset)
    }
    guard Stage2Attribute(memAttr: UInt8(number), fwb: mapping.fwb) != nil else {
      throw scanner.error("MemAttr \(token.shown) is reserved", at: token.offset)
    }
    return UInt8(number)
  }

  /// The encoding of a type at stage 2 (Arm ARM DDI 0487, Tables D8-96, D8-100): KVM's for the
  /// types that it uses.
  static func stage2Field(_ type: MemoryType, fwb: Bool) -> UInt8? {
    switch type {
    case .deviceNGnRnE: 0x0
    case .deviceNGnRE: 0x1
    case .deviceNGRE: 0x2
    case .deviceGRE: 0x3
    case .normalNC: 0x5
    case .normalWT: fwb ? nil : 0xa
    case .normalWB: fwb ? 0x6 : 0xf
    }
  }
}
