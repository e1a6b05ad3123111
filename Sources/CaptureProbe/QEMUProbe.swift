/// QEMU's binaries, the trace events that each has, and whether it takes plugins.
struct QEMUProbe {
  private static let binaries = [
    "qemu-system-aarch64", "qemu-system-x86_64", "qemu-system-riscv64", "qemu-system-ppc64",
  ]
  /// Groups of events that make a capture, by how their names begin.
  private static let groups: [(prefix: String, pattern: String)] = [
    ("memory_region_ops_", "memory_region_ops_*"), ("pci_cfg_", "pci_cfg_*"),
    ("vfio_region_", "vfio_region_*"), ("vfio_pci_", "vfio_pci_*"),
    ("pci_update_mappings", "pci_update_mappings*"),
  ]

  private let machine: Machine

  init(_ machine: Machine) { self.machine = machine }

  var sources: [CaptureSource] {
    let found = Self.binaries.compactMap { name in
      machine.program(name).map { source(name, $0) }
    }
    guard found.isEmpty else { return found }
    return [
      CaptureSource(
        name: "qemu", answer: .no,
        reason: "none of \(Self.binaries.joined(separator: ", ")) in PATH", holds: "",
        capture: [], importing: nil)
    ]
  }

  private func source(_ name: String, _ program: String) -> CaptureSource {
    var result = CaptureSource(
      name: name, answer: .unknown, reason: "", holds: "", capture: [], importing: nil)
    guard let help = machine.output(program, ["-trace", "help"]) else {
      result.reason = "\(program) does not run"
      return result
    }
    let events = Self.events(help)
    let patterns = Self.groups.filter { group in
      events.contains { $0.hasPrefix(group.prefix) }
    }.map(\.pattern)
    guard !patterns.isEmpty else {
      result.answer = events.isEmpty ? .unknown : .no
      result.reason =
        events.isEmpty
        ? "\(program) -trace help lists no events"
        : "\(program) has \(events.count) trace events, but none for MMIO"
      return result
    }
    result.answer = .yes
    result.reason =
      "\(program): \(events.count) trace events, \(patterns.joined(separator: " ")); "
      + plugins(program)
    result.holds =
      "accesses that QEMU emulates or traps, with values, and config space; the command needs the "
      + "back end 'log', QEMU's default"
    result.capture = [
      "\(name) ... " + patterns.map { "-trace '\($0)'" }.joined(separator: " ")
        + " -msg timestamp=on -D qemu.log"
    ]
    result.importing = "mmioscope import qemu.log -o guest.mmt"
    return result
  }

  /// Names of events: lines of one word, as `-trace help` prints them.
  static func events(_ help: String) -> [Substring] {
    help.split(separator: "\n").filter { line in
      line.contains("_")
        && line.utf8.allSatisfy { byte in
          byte == UInt8(ascii: "_") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        }
    }
  }

  /// The option is documented only where plugins were built in.
  private func plugins(_ program: String) -> String {
    guard let help = machine.output(program, ["-help"]) else { return "plugins unknown" }
    let hasPlugins = help.split(separator: "\n").contains { $0.hasPrefix("-plugin") }
    return hasPlugins ? "plugins can be loaded" : "no plugins"
  }
}
