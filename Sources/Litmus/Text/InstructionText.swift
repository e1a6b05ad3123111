import Ordering
import TraceCore

/// Instructions as a text writes them.
struct InstructionText {
  private let program: Program

  init(_ program: Program) { self.program = program }

  func text(_ instruction: Instruction) -> String {
    switch instruction {
    case .barrier(let barrier): BarrierName.text(barrier)
    case .control(let register): "CBNZ " + name(register)
    case .unmap: "TLBI"
    case .access(let access): name(access.label) + ": " + self.text(access)
    }
  }

  /// An access without its label.
  func text(_ access: Access) -> String {
    let peripheral = program.peripherals[program.locations[access.location].peripheral]
    if peripheral.kind == .ecam { return config(access) }
    return memory(access)
  }

  // MARK: Loads and stores

  private func memory(_ access: Access) -> String {
    if access.form == .zeroBlock, access.size == 64, access.order == .plain,
      access.direction == .store, access.value == [UInt8](repeating: 0, count: 64)
    {
      return "DC ZVA," + operand(access) + dependencies(access)
    }
    let mnemonic = Mnemonic.all.first { row in
      row.direction == access.direction && row.form == access.form && row.order == access.order
        && (row.size == access.size || row.size == nil)
    }
    var text = mnemonic?.name ?? (access.direction == .store ? "ST" : "LD")
    text += " " + (access.direction == .store ? stored(access) : registerName(access.register))
    text += "," + operand(access)
    if mnemonic?.size == nil { text += " size \(access.size)" }
    if mnemonic == nil { text += traits(access, usual: .recorded) }
    return text + dependencies(access)
  }

  /// Form, where it is not the usual one, and order in words.
  private func traits(_ access: Access, usual: Access.Form) -> String {
    let form = AccessWords.forms.first { $0.form == access.form && $0.form != usual }
    let order = AccessWords.orders.first { $0.order == access.order }
    return (form.map { " form " + $0.name } ?? "") + (order.map { " " + $0.name } ?? "")
  }

  /// The value, repeated or cut to the access's size.
  private func value(_ access: Access) -> [UInt8] {
    guard !access.value.isEmpty else { return [UInt8](repeating: 0, count: access.size) }
    return (0..<access.size).map { access.value[$0 % access.value.count] }
  }

  private func stored(_ access: Access) -> String {
    let value = value(access)
    guard access.form == .pair, access.order == .plain, access.size % 2 == 0 else {
      return "#" + number(value)
    }
    let half = access.size / 2
    return "#" + number(value[..<half]) + ",#" + number(value[half...])
  }

  private func operand(_ access: Access) -> String {
    let offset = access.offset == 0 ? "" : "+" + number(UInt64(access.offset))
    return "[" + name(program.locations[access.location].name) + offset + "]"
  }

  private func dependencies(_ access: Access) -> String {
    access.addressDependencies.map { " addr " + name($0) }.joined()
      + access.dataDependencies.map { " data " + name($0) }.joined()
  }

  // MARK: Config space

  private func config(_ access: Access) -> String {
    let register = ConfigEffectName.register(of: access.configEffect)
    let isWrite = access.direction == .store
    var text = (isWrite ? "CFGW" : "CFGR") + suffix(access.configPath) + " "
    if !isWrite { text += registerName(access.register) + "," }
    let function = impliedFunction(access)
    text += function.map { name(program.functions[$0].name) } ?? operand(access)
    let isUsualOffset = access.offset == (isWrite ? register.offset : 0)
    let isUsual = isUsualOffset && (!isWrite || access.configEffect != .none)
    if function != nil, !isUsual { text += ",+0x" + hex(UInt64(access.offset), width: 2) }
    if isWrite {
      text += effect(access, function)
      let value = value(access)
      let usual = (0..<access.size).map { index in
        index < 8 ? UInt8(truncatingIfNeeded: register.value >> UInt64(8 * index)) : 0
      }
      if value != usual { text += ",#" + number(value) }
    }
    if access.size != (isWrite ? register.size : 4) { text += " size \(access.size)" }
    text += traits(access, usual: .single)
    return text + dependencies(access)
  }

  private func suffix(_ path: Access.ConfigPath) -> String {
    switch path {
    case .ecam: ""
    case .trapped: ".T"
    case .trappedWithZap: ".Z"
    }
  }

  private func effect(_ access: Access, _ function: Int?) -> String {
    switch access.configEffect {
    case .none: return ""
    case .reset: return ",FLR"
    case .memoryDisable: return ",MEM=0"
    case .memoryEnable: return ",MEM=1"
    case .bridgeReset(let port):
      let own = function.flatMap { program.functions[$0].bridge }
      return ",SBR" + (own == port ? "" : "=" + name(port))
    }
  }

  /// The function whose first config location this is.
  private func impliedFunction(_ access: Access) -> Int? {
    let peripheral = program.peripherals[program.locations[access.location].peripheral]
    guard let function = peripheral.function else { return nil }
    let first = program.locations.firstIndex { location in
      let other = program.peripherals[location.peripheral]
      return other.kind == .ecam && other.function == function
    }
    return first == access.location ? function : nil
  }
}
