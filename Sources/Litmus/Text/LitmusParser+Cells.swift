import Ordering
import TraceCore

/// The table: a header of agents, rows of instructions.
extension LitmusParser {
  /// Columns of a program at most.
  private static let columnLimit = 64

  mutating func columns(into draft: inout ProgramDraft) throws(TraceError) {
    repeat {
      guard draft.columns.count < Self.columnLimit else {
        throw scanner.error("more than \(Self.columnLimit) columns", at: token.offset)
      }
      let name = try takeName("a column's title")
      guard !draft.columns.contains(where: { $0.name.text == name.text }) else {
        throw scanner.error("a second column \(name.shown)", at: name.offset)
      }
      var column = ProgramDraft.Column(name: name)
      if try skipSymbol(":") { column.function = try takeName("the function's name") }
      draft.columns.append(column)
    } while try skipSymbol("|")
    try takeSymbol(";")
    while try isRow() { try row(into: &draft) }
  }

  /// Rows end where a claim stands.
  private func isRow() throws(TraceError) -> Bool {
    if token.kind == .end || token.isSymbol("~") { return false }
    guard token.kind == .word, Self.isQuantifier(token.text) else { return true }
    return try following().isSymbol(":")
  }

  private mutating func row(into draft: inout ProgramDraft) throws(TraceError) {
    for index in draft.columns.indices {
      if !token.isSymbol("|"), !token.isSymbol(";") {
        draft.columns[index].steps += try cell()
      }
      let isLast = index == draft.columns.count - 1
      if isLast, token.isSymbol("|") {
        throw scanner.error(
          "more cells than columns: expected ';', found '|'", at: token.offset)
      }
      try takeSymbol(isLast ? ";" : "|")
    }
  }

  private mutating func cell() throws(TraceError) -> [ProgramDraft.Step] {
    var label: Token?
    if token.isName, try following().isSymbol(":") {
      label = try take()
      try advance()
    }
    guard token.kind == .word else { throw expected("an instruction") }
    let word = try take()
    let steps = try instruction(word, label)
    if let label, !steps.contains(where: { if case .access = $0 { true } else { false } }) {
      throw scanner.error("only a load or store can have a label", at: label.offset)
    }
    return steps
  }

  private mutating func instruction(
    _ word: Token, _ label: Token?
  ) throws(TraceError) -> [ProgramDraft.Step] {
    let name = word.text.uppercased()
    if let mnemonic = Mnemonic.byName[name] { return [try access(mnemonic, word, label)] }
    if let accessor = LinuxAccessor.byName[word.text] {
      return try linux(accessor, word, label)
    }
    if let barrier = BarrierName.linux[name.lowercased()] { return [.done(.barrier(barrier))] }
    switch name {
    case "DMB", "DSB":
      guard token.kind == .word,
        let barrier = BarrierName.barrier(name, token.text.uppercased())
      else {
        throw expected("one of " + BarrierName.operands.map(\.name).joined(separator: ", "))
      }
      try advance()
      return [.done(.barrier(barrier))]
    case "DC":
      guard try skipWord("zva") else { throw expected("'ZVA'") }
      try takeSymbol(",")
      return [try zeroBlock(word, label)]
    case "CBNZ": return [.control(try takeName("a register"))]
    case "TLBI": return [.done(.unmap)]
    case "CFGW", "CFGW.T", "CFGW.Z": return [try configWrite(word, label)]
    case "CFGR", "CFGR.T", "CFGR.Z": return [try configRead(word, label)]
    default: throw unknown(word)
    }
  }

  /// A claim comes right behind the rows, so that a wrong word may have been meant as its first.
  private func unknown(_ word: Token) -> TraceError {
    let isClaim = token.isSymbol("(")
    let names = Self.quantifierNames + (isClaim ? [] : Self.instructions)
    return scanner.error(
      (isClaim ? "unknown claim " : "unknown instruction ") + word.shown
        + suggestion(for: word.text, in: names), at: word.offset)
  }

  private static let instructions =
    Mnemonic.all.map(\.name) + LinuxAccessor.byName.keys.sorted()
    + BarrierName.linux.keys.sorted() + ["DMB", "DSB", "DC", "CBNZ", "TLBI", "CFGW", "CFGR"]

  // MARK: Loads and stores

  private func blank(
    _ direction: Access.Direction, _ form: Access.Form, _ order: Access.Order
  ) -> Access {
    Access(label: "", direction: direction, location: 0, size: 0, form: form, order: order)
  }

  /// An access, with the registers that were read since the one before.
  private mutating func draft(
    _ access: Access, _ target: ProgramDraft.AccessDraft.Target, _ word: Token, _ label: Token?
  ) -> ProgramDraft.Step {
    defer { uses = [] }
    return .access(
      .init(
        label: label, target: target, offsetInText: word.offset, uses: uses, access: access))
  }

  /// A register that the access depends on.
  private mutating func usedRegister() throws(TraceError) -> String {
    uses.append(try takeName("a register"))
    return uses[uses.count - 1].text
  }

  private mutating func access(
    _ mnemonic: Mnemonic, _ word: Token, _ label: Token?
  ) throws(TraceError) -> ProgramDraft.Step {
    let isStore = mnemonic.direction == .store
    var access = blank(mnemonic.direction, mnemonic.form, mnemonic.order)
    access.size = mnemonic.size ?? 0
    var values: [Token] = []
    if isStore {
      values = try storedValues(isPair: mnemonic.form == .pair)
    } else {
      access.register = try loadedRegister()
    }
    let target = try memoryOperand(&access)
    let canBeAny = mnemonic.form == .recorded
    try trailing(&access, hasSize: mnemonic.size != nil, canBeAny: canBeAny)
    guard access.size > 0 else { throw expected("'size BYTES'") }
    if isStore { access.value = try value(values, size: access.size) }
    return draft(access, .location(target), word, label)
  }

  private mutating func linux(
    _ accessor: LinuxAccessor, _ word: Token, _ label: Token?
  ) throws(TraceError) -> [ProgramDraft.Step] {
    let mnemonic = Mnemonic(word.text, accessor.direction, .single, size: accessor.size)
    let step = try access(mnemonic, word, label)
    guard let barrier = accessor.barrier else { return [step] }
    let barrierStep = ProgramDraft.Step.done(.barrier(barrier))
    return accessor.direction == .store ? [barrierStep, step] : [step, barrierStep]
  }

  private mutating func zeroBlock(
    _ word: Token, _ label: Token?
  ) throws(TraceError) -> ProgramDraft.Step {
    var access = blank(.store, .zeroBlock, .plain)
    access.size = 64
    let target = try memoryOperand(&access)
    try trailing(&access, hasSize: true, canBeAny: false)
    access.value = [UInt8](repeating: 0, count: 64)
    return draft(access, .location(target), word, label)
  }

  /// `#1,` or, of a pair, `#1,#2,`; a pair may also be given as one wide number.
  private mutating func storedValues(isPair: Bool) throws(TraceError) -> [Token] {
    var values: [Token] = []
    repeat {
      guard try skipSymbol("#") else {
        if values.isEmpty, token.kind == .word {
          throw scanner.error(
            "expected '#VALUE', found \(token.shown); a data dependency is written after the "
              + "address: '#1,[X] data \(clipped(token.text))'", at: token.offset)
        }
        throw expected("'#VALUE'")
      }
      guard token.kind == .word else { throw expected("a number") }
      values.append(try take())
      try takeSymbol(",")
    } while isPair && values.count < 2 && !token.isSymbol("[")
    return values
  }

  /// A register, or XZR or WZR: none.
  private mutating func loadedRegister() throws(TraceError) -> String? {
    let register = try takeName("a register")
    try takeSymbol(",")
    if token.isName {
      throw scanner.error(
        "expected '[', found \(token.shown); a load of several registers names one, which gets "
          + "all bytes", at: token.offset)
    }
    return register.isWord("xzr") || register.isWord("wzr") ? nil : register.text
  }

  /// `[X]`, `[X+8]`, `[X,r0]`; a register makes an address dependency.
  private mutating func memoryOperand(_ access: inout Access) throws(TraceError) -> Token {
    try takeSymbol("[")
    let location = try takeName("a location")
    if try skipSymbol("+") {
      access.offset = Int(try takeNumber("an offset", 0...4095))
    }
    while try skipSymbol(",") {
      access.addressDependencies.append(try usedRegister())
    }
    try takeSymbol("]")
    return location
  }

  /// `size N`, `addr r0`, `data r0`, `form F`, `acquire`, `acquire-pc`, `release`.
  private mutating func trailing(
    _ access: inout Access, hasSize: Bool, canBeAny: Bool
  ) throws(TraceError) {
    while token.kind == .word {
      let word = token.text.lowercased()
      if word == "size", !hasSize {
        try advance()
        access.size = try takeSize(64)
      } else if word == "addr" {
        try advance()
        access.addressDependencies.append(try usedRegister())
      } else if word == "data", access.direction == .store {
        try advance()
        access.dataDependencies.append(try usedRegister())
      } else if canBeAny, word == "form" {
        try advance()
        guard let row = AccessWords.forms.first(where: { $0.name == token.text }) else {
          throw expected("one of " + AccessWords.forms.map(\.name).joined(separator: ", "))
        }
        access.form = row.form
        try advance()
      } else if canBeAny, let row = AccessWords.orders.first(where: { $0.name == word }) {
        access.order = row.order
        try advance()
      } else {
        throw expected("'addr REGISTER', 'data REGISTER', 'size BYTES', '|' or ';'")
      }
    }
  }

  // MARK: Values

  /// Little-endian bytes: one number, or one for each half of a pair.
  private func value(_ numbers: [Token], size: Int) throws(TraceError) -> [UInt8] {
    var bytes: [UInt8] = []
    for number in numbers {
      bytes += try self.bytes(number, size: size / numbers.count)
    }
    return bytes + [UInt8](repeating: 0, count: size - bytes.count)
  }

  private func bytes(_ number: Token, size: Int) throws(TraceError) -> [UInt8] {
    guard var bytes = Self.bytes(number.text) else {
      throw scanner.error("expected a number, found \(number.shown)", at: number.offset)
    }
    while bytes.last == 0 { bytes.removeLast() }
    guard bytes.count <= size else {
      throw scanner.error(
        "\(number.shown) does not fit in \(size) byte" + (size == 1 ? "" : "s"),
        at: number.offset)
    }
    return bytes + [UInt8](repeating: 0, count: size - bytes.count)
  }

  /// Little-endian bytes of a decimal number below 2^64 or a hexadecimal one of any length.
  private static func bytes(_ text: String) -> [UInt8]? {
    guard text.hasPrefix("0x") || text.hasPrefix("0X") else {
      guard let number = number(text) else { return nil }
      return (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    }
    let digits = text.utf8.dropFirst(2).map { UInt8(ascii: $0) }
    guard !digits.isEmpty, !digits.contains(nil) else { return nil }
    let nibbles = Array(digits.compactMap(\.self).reversed())
    return stride(from: 0, to: nibbles.count, by: 2).map { index in
      nibbles[index] | (index + 1 < nibbles.count ? nibbles[index + 1] << 4 : 0)
    }
  }

  // MARK: Config space

  /// `CFGW d,FLR`, `CFGW d,+0x48,#1 size 2`, `CFGW [C+4],MEM=0`.
  private mutating func configWrite(
    _ word: Token, _ label: Token?
  ) throws(TraceError) -> ProgramDraft.Step {
    var access = blank(.store, .single, .plain)
    access.configPath = Self.path(word)
    let target = try configTarget(&access)
    var hasOffset = token.isSymbol("]")
    if case .location = target { hasOffset = true }
    var number: Token?
    while try skipSymbol(",") {
      if try skipSymbol("+") {
        access.offset = Int(try takeNumber("an offset", 0...4095))
        hasOffset = true
      } else if try skipSymbol("#") {
        guard token.kind == .word else { throw expected("a number") }
        number = try take()
      } else {
        access.configEffect = try configEffect()
      }
    }
    let register = ConfigEffectName.register(of: access.configEffect)
    if !hasOffset {
      guard access.configEffect != .none else {
        throw expected("',FLR', ',SBR', ',MEM=0', ',MEM=1' or ',+OFFSET'")
      }
      access.offset = register.offset
    }
    try trailing(&access, hasSize: false, canBeAny: true)
    if access.size == 0 { access.size = register.size }
    access.value = try configValue(number, register, size: access.size)
    return draft(access, target, word, label)
  }

  private func configValue(
    _ number: Token?, _ register: ConfigEffectName, size: Int
  ) throws(TraceError) -> [UInt8] {
    if let number { return try bytes(number, size: size) }
    return (0..<size).map {
      $0 < 8 ? UInt8(truncatingIfNeeded: register.value >> UInt64(8 * $0)) : 0
    }
  }

  /// `CFGR r0,d`, `CFGR r0,d,+0x48`.
  private mutating func configRead(
    _ word: Token, _ label: Token?
  ) throws(TraceError) -> ProgramDraft.Step {
    var access = blank(.load, .single, .plain)
    access.configPath = Self.path(word)
    let register = try takeName("a register")
    access.register = register.isWord("xzr") || register.isWord("wzr") ? nil : register.text
    try takeSymbol(",")
    let target = try configTarget(&access)
    if try skipSymbol(",") {
      try takeSymbol("+")
      access.offset = Int(try takeNumber("an offset", 0...4095))
    }
    try trailing(&access, hasSize: false, canBeAny: true)
    if access.size == 0 { access.size = 4 }
    return draft(access, target, word, label)
  }

  private static func path(_ word: Token) -> Access.ConfigPath {
    switch word.text.suffix(2).uppercased() {
    case ".T": .trapped
    case ".Z": .trappedWithZap
    default: .ecam
    }
  }

  private mutating func configTarget(
    _ access: inout Access
  ) throws(TraceError) -> ProgramDraft.AccessDraft.Target {
    if token.isSymbol("[") { return .location(try memoryOperand(&access)) }
    return .config(try takeName("a function, or '[LOCATION]'"))
  }

  private mutating func configEffect() throws(TraceError) -> Access.ConfigEffect {
    let word = token
    guard word.kind == .word else { throw expected("'FLR', 'SBR', 'MEM=0', 'MEM=1' or '+OFFSET'") }
    try advance()
    switch word.text.uppercased() {
    case "FLR", "RESET": return .reset
    case "SBR":
      return .bridgeReset(try skipSymbol("=") ? try takeName("the port's name").text : "")
    case "MEM":
      try takeSymbol("=")
      return try takeNumber("0 or 1", 0...1) == 0 ? .memoryDisable : .memoryEnable
    default:
      throw scanner.error(
        "expected 'FLR', 'SBR', 'MEM=0', 'MEM=1' or '+OFFSET', found \(word.shown)",
        at: word.offset)
    }
  }
}

extension UInt8 {
  /// The value of a hexadecimal digit; nil for anything else.
  fileprivate init?(ascii digit: UInt8) {
    switch digit {
    case 0x30...0x39: self = digit - 0x30
    case 0x41...0x46: self = digit - 0x37
    case 0x61...0x66: self = digit - 0x57
    default: return nil
    }
  }
}
