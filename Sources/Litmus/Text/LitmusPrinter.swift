import ArmMemory
public import Ordering
import TraceCore

extension LitmusTest {
  /// The test in canonical form: what ``parse(_:file:)`` reads as the same test.
  ///
  /// It is the same where the program is one that a text can say: values as long as their
  /// accesses, conditions of at least two parts, no control characters in names.
  public var text: String {
    let short = LitmusPrinter(self, saysAll: false).text
    let parsed = try? LitmusTest.parse(Array(short.utf8), file: "")
    if parsed?.first?.program == program { return short }
    return LitmusPrinter(self, saysAll: true).text
  }
}

extension Claim {
  /// As in a text: `forbidden (b -> a)`.
  public var text: String { quantifier.word + " (" + condition.canonicalText + ")" }
}

extension Quantifier {
  /// The word that a text has for it.
  public var word: String {
    switch self {
    case .allowed: "allowed"
    case .forbidden: "forbidden"
    case .required: "required"
    }
  }
}

/// Writes a test.
struct LitmusPrinter {
  private let test: LitmusTest
  /// Peripherals and config spaces that could be left out are declared.
  private let saysAll: Bool

  init(_ test: LitmusTest, saysAll: Bool) {
    self.test = test
    self.saysAll = saysAll
  }

  private var program: Program { test.program }

  var text: String {
    let table = rows().map { " " + $0 + ";" }
    return
      (header + ["{"] + declarations.map { "  " + $0 + ";" } + ["}"] + table
      + test.claims.map(\.text)).joined(separator: "\n") + "\n"
  }

  private var header: [String] {
    let isPlain =
      !program.name.isEmpty && !program.name.hasPrefix("\"") && !program.name.contains("(*")
      && program.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    var lines = ["MMIO " + (isPlain ? program.name : quoted(program.name))]
    if !program.title.isEmpty { lines.append(quoted(program.title)) }
    lines += test.sources.map { "Source=" + plain($0) }
    let standard = ExplorerOptions()
    for entry in MachineSwitch.all
    where entry.value(in: test.options) != entry.value(in: standard) {
      lines.append(entry.key + "=" + entry.value(in: test.options))
    }
    return lines
  }

  // MARK: Declarations

  private var declarations: [String] {
    var lines = program.functions.map { function in
      name(function.name) + ": function" + (function.bridge.map { " below " + name($0) } ?? "")
    }
    for (index, peripheral) in program.peripherals.enumerated() where isDeclared(index) {
      lines.append(declaration(of: peripheral))
    }
    for location in program.locations where saysAll || !isImplied(location) {
      lines.append(declaration(of: location))
    }
    return lines
  }

  /// A flag in memory of its own says it all in its location.
  private func isFlag(_ location: Location) -> Bool {
    let peripheral = program.peripherals[location.peripheral]
    return peripheral == Peripheral(name: location.name, kind: .memory) && location.address == 0
      && program.locations.count { $0.peripheral == location.peripheral } == 1
  }

  /// A config space that its first access declares.
  private func isImplied(_ location: Location) -> Bool {
    let peripheral = program.peripherals[location.peripheral]
    guard peripheral.kind == .ecam, let function = peripheral.function else { return false }
    let name = program.functions[function].name + ".cfg"
    let usual = Location(
      name: name, peripheral: location.peripheral, address: 0, size: 4096,
      attributes: AccessAttributes(.deviceNGnRnE))
    return location == usual
      && peripheral
        == Peripheral(name: name, kind: .ecam, function: function, acknowledgesAtEndpoint: true)
  }

  private func isDeclared(_ index: Int) -> Bool {
    let peripheral = program.peripherals[index]
    let locations = program.locations.filter { $0.peripheral == index }
    if locations.contains(where: isFlag) { return false }
    if saysAll { return true }
    if locations.contains(where: isImplied) { return false }
    return peripheral != Peripheral(name: peripheral.name, kind: .mmio) || locations.isEmpty
  }

  private func declaration(of peripheral: Peripheral) -> String {
    let kind =
      switch peripheral.kind {
      case .mmio: "mmio"
      case .ecam: "ecam"
      case .memory: "coherent"
      }
    var words = [name(peripheral.name) + ":", kind]
    if let function = peripheral.function {
      words += ["of", name(program.functions[function].name)]
    }
    if peripheral.trafficClass != 0 { words += ["tc", String(peripheral.trafficClass)] }
    if peripheral.acknowledgesAtEndpoint != (peripheral.kind == .ecam) {
      words.append(peripheral.acknowledgesAtEndpoint ? "endpoint-ack" : "no-endpoint-ack")
    }
    return words.joined(separator: " ")
  }

  private func declaration(of location: Location) -> String {
    let peripheral = program.peripherals[location.peripheral]
    var words = [name(location.name) + ":"]
    if isFlag(location) {
      words.append("memory")
      if location.size != 8 { words += ["size", String(location.size)] }
    } else {
      let offset = "0x" + hex(location.address, width: 2)
      words += [name(peripheral.name) + "+" + offset, "size", String(location.size)]
    }
    words += mapping(location.attributes, isMemory: peripheral.kind == .memory)
    if location.initial != 0 { words += ["=", number(location.initial)] }
    if location.clearsOnRead { words.append("clears-on-read") }
    if location.relaxedOrdering { words.append("ro") }
    if location.idBasedOrdering { words.append("ido") }
    return words.joined(separator: " ")
  }

  /// Stages that combine to the attributes: the type alone, or Normal-NC made Device by stage 2.
  private func mapping(_ attributes: AccessAttributes, isMemory: Bool) -> [String] {
    let type = attributes.memoryType
    var words: [String] = []
    if attributes.faultStage == 2 {
      words = ["stage1", MemoryType.normalNC.name, "stage2", type.name]
    } else if !isMemory || type != .normalWB {
      words = ["stage1", type.name]
    }
    // Write-back in both halves has XS=0, every other name XS=1.
    if attributes.xs == (type == .normalWB) { words.append(attributes.xs ? "xs1" : "xs0") }
    return words
  }

  // MARK: Table

  private func rows() -> [String] {
    let columns = program.agents.map { agent in
      var cells = [name(agent.name)]
      if case .device(let function) = agent.kind {
        cells[0] += ":" + name(program.functions[function].name)
      }
      return cells + agent.instructions.map { InstructionText(program).text($0) }
    }
    let height = columns.map(\.count).max() ?? 0
    return (0..<height).map { row in
      columns.map { column in
        let width = column.map(\.unicodeScalars.count).max() ?? 0
        let cell = row < column.count ? column[row] : ""
        return cell + String(repeating: " ", count: width - cell.unicodeScalars.count + 1)
      }.joined(separator: "| ")
    }
  }
}

// MARK: Names and numbers

/// Words that mean something in a condition.
private let reservedWords: Set = ["true", "not", "and", "or"]

/// A name as it is written: in quotes where it is no plain word.
func name(_ text: String) -> String {
  text.isWord && !reservedWords.contains(text.lowercased()) ? text : quoted(text)
}

/// A register's name; `XZR` and `WZR` stand for none.
func registerName(_ register: String?) -> String {
  guard let register else { return "XZR" }
  return ["xzr", "wzr"].contains(register.lowercased()) ? quoted(register) : name(register)
}

func quoted(_ text: String) -> String {
  "\"" + plain(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
}

/// Control characters cannot be written.
private func plain(_ text: String) -> String {
  String(
    String.UnicodeScalarView(
      text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
}

/// Decimal below ten, else hexadecimal.
func number(_ value: UInt64) -> String { value < 10 ? String(value) : "0x" + hex(value) }

/// A value of any length, little-endian.
func number(_ bytes: some BidirectionalCollection<UInt8>) -> String {
  let digits = bytes.reversed().map { hex(UInt64($0), width: 2) }.joined()
  let significant = digits.drop { $0 == "0" }
  if significant.isEmpty { return "0" }
  return significant.count == 1 && significant < "a" ? String(significant) : "0x" + significant
}
