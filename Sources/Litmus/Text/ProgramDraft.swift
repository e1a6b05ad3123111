import ArmMemory
import Ordering
import TraceCore

/// A program while its text is read: names are there, indices not yet.
struct ProgramDraft {
  /// An access, with the names that it uses.
  struct AccessDraft {
    enum Target {
      /// `[X+8]`.
      case location(Token)
      /// `d`: the config space of a function.
      case config(Token)
    }
    var label: Token?
    var target: Target
    /// Of the mnemonic, for errors about the access as a whole.
    var offsetInText: Int
    /// Registers that it depends on.
    var uses: [Token] = []
    /// `.bridgeReset` without a port's name: the function's own port.
    var access: Access
  }

  enum Step {
    case done(Instruction)
    /// A branch on a register.
    case control(Token)
    case access(AccessDraft)
  }

  struct Column {
    var name: Token
    /// Name of the function that the agent is.
    var function: Token?
    var steps: [Step] = []
  }

  var program: Program
  var columns: [Column] = []
  /// Peripherals whose function is not looked up yet.
  var owners: [(peripheral: Int, function: Token)] = []
  /// Peripherals that a location mentioned before, or instead of, a declaration.
  var implied: Set<Int> = []
  private var usedLabels: Set<String> = []

  init(name: String) { program = Program(name: name) }

  func peripheral(_ name: String) -> Int? {
    program.peripherals.firstIndex { $0.name == name }
  }

  // MARK: Names to indices

  func functionIndex(_ name: Token, _ scanner: Scanner) throws(TraceError) -> Int {
    let names = program.functions.map(\.name)
    guard let index = names.firstIndex(of: name.text) else {
      throw scanner.error(
        "unknown function \(name.shown)" + suggestion(for: name.text, in: names)
          + (names.isEmpty ? "; declare it with '\(clipped(name.text)): function'" : ""),
        at: name.offset)
    }
    return index
  }

  func locationIndex(_ name: Token, _ scanner: Scanner) throws(TraceError) -> Int {
    let names = program.locations.map(\.name)
    guard let index = names.firstIndex(of: name.text) else {
      throw scanner.error(
        "unknown location \(name.shown)" + suggestion(for: name.text, in: names), at: name.offset)
    }
    return index
  }

  /// Turns the columns into agents; labels what has no label.
  mutating func finish(_ scanner: Scanner) throws(TraceError) {
    for (peripheral, function) in owners {
      program.peripherals[peripheral].function = try functionIndex(function, scanner)
    }
    try collectLabels(scanner)
    for column in columns {
      var agent = Agent(name: column.name.text)
      if let function = column.function {
        agent.kind = .device(function: try functionIndex(function, scanner))
      }
      for step in column.steps {
        switch step {
        case .done(let instruction): agent.instructions.append(instruction)
        case .control(let register):
          try check([register], agent, scanner)
          agent.instructions.append(.control(register.text))
        case .access(let draft):
          try check(draft.uses, agent, scanner)
          agent.instructions.append(.access(try resolve(draft, scanner)))
        }
      }
      program.agents.append(agent)
    }
  }

  /// A dependency on a register that nothing has loaded would order nothing.
  private func check(
    _ registers: [Token], _ agent: Agent, _ scanner: Scanner
  ) throws(TraceError) {
    let loaded = agent.loadedRegisters
    for register in registers where !loaded.contains(register.text) {
      throw scanner.error(
        "no earlier load of agent '\(clipped(agent.name))' fills \(register.shown)"
          + suggestion(for: register.text, in: loaded), at: register.offset)
    }
  }

  private mutating func collectLabels(_ scanner: Scanner) throws(TraceError) {
    for column in columns {
      for case .access(let draft) in column.steps {
        guard let label = draft.label else { continue }
        guard usedLabels.insert(label.text).inserted else {
          throw scanner.error("a second access labelled \(label.shown)", at: label.offset)
        }
      }
    }
  }

  /// `a`, `b`, ..., `z`, `aa`, ...: the first that is free.
  private mutating func freeLabel() -> String {
    var number = 0
    while true {
      var text = ""
      var rest = number
      repeat {
        text = String(Unicode.Scalar(UInt8(ascii: "a") + UInt8(rest % 26))) + text
        rest = rest / 26 - 1
      } while rest >= 0
      if usedLabels.insert(text).inserted { return text }
      number += 1
    }
  }

  private mutating func resolve(
    _ draft: AccessDraft, _ scanner: Scanner
  ) throws(TraceError) -> Access {
    var access = draft.access
    access.label = draft.label?.text ?? freeLabel()
    switch draft.target {
    case .location(let name):
      access.location = try locationIndex(name, scanner)
    case .config(let name):
      let function = try functionIndex(name, scanner)
      access.location = configLocation(of: function)
      if access.configEffect == .bridgeReset("") {
        guard let port = program.functions[function].bridge else {
          throw scanner.error(
            "function \(name.shown) is below no port; declare it with 'function below PORT'",
            at: name.offset)
        }
        access.configEffect = .bridgeReset(port)
      }
    }
    let location = program.locations[access.location]
    guard access.lies(in: location) else {
      throw scanner.error(
        "bytes \(access.offset) to \(access.offset + access.size - 1) of "
          + "'\(clipped(location.name))', which has \(location.size)", at: draft.offsetInText)
    }
    return access
  }

  /// The first location in a function's config space; a whole one where none is declared.
  ///
  /// It is mapped as Linux maps config space, Device-nGnRnE (pci_remap_cfgspace).
  private mutating func configLocation(of function: Int) -> Int {
    let declared = program.locations.firstIndex { location in
      let peripheral = program.peripherals[location.peripheral]
      return peripheral.kind == .ecam && peripheral.function == function
    }
    if let declared { return declared }
    let name = program.functions[function].name + ".cfg"
    program.peripherals.append(
      Peripheral(name: name, kind: .ecam, function: function, acknowledgesAtEndpoint: true))
    program.locations.append(
      Location(
        name: name, peripheral: program.peripherals.count - 1, address: 0, size: 4096,
        attributes: AccessAttributes(.deviceNGnRnE)))
    return program.locations.count - 1
  }
}
