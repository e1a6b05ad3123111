/// QEMU's binaries: the trace events that each has, where it can send them, whether it takes plugins.
struct QEMUProbe {
  private static let binaries = [
    "qemu-system-aarch64", "qemu-system-x86_64", "qemu-system-riscv64", "qemu-system-ppc64",
    "qemu-kvm",
  ]
  /// Where Red Hat's systems keep theirs, outside of `PATH`.
  private static let folder = "/usr/libexec"
  /// Groups of events that make a capture, by how their names begin.
  private static let groups: [(prefix: String, pattern: String)] = [
    ("memory_region_ops_", "memory_region_ops_*"), ("pci_cfg_", "pci_cfg_*"),
    ("vfio_region_", "vfio_region_*"), ("vfio_pci_", "vfio_pci_*"),
    ("pci_update_mappings", "pci_update_mappings*"),
  ]
  /// QEMU's versions, from one on, and their plugin API (include/qemu/qemu-plugin.h): what the
  /// package's plugin can record with it.
  private static let interfaces: [(version: [Int], number: Int, records: String)] = [
    ([10, 2], 6, "values and memory types"), ([10, 1], 5, "values and memory types"),
    ([9, 2], 4, "values and memory types"), ([9, 1], 3, "memory types, no values"),
    ([8, 2], 2, "no values, no memory types"), ([4, 2], 1, "no values, no memory types"),
  ]

  private let machine: Machine

  init(_ machine: Machine) { self.machine = machine }

  var sources: [CaptureSource] {
    let found = Self.binaries.flatMap { name in
      program(name).map { sources(name, $0) } ?? []
    }
    guard found.isEmpty else { return found }
    return [
      CaptureSource(
        name: "qemu", answer: .no,
        reason: "none of \(Self.binaries.joined(separator: ", ")) in PATH or \(Self.folder)",
        holds: "", capture: [], importing: nil)
    ]
  }

  private func program(_ name: String) -> String? {
    let other = Self.folder + "/" + name
    return machine.program(name) ?? (machine.isExecutable(other) ? other : nil)
  }

  private func sources(_ name: String, _ program: String) -> [CaptureSource] {
    guard let help = machine.output(program, ["-trace", "help"]) else {
      return [
        CaptureSource(
          name: name, answer: .unknown, reason: "\(program) does not run", holds: "", capture: [],
          importing: nil)
      ]
    }
    let backends = TraceBackends(machine, program, traceHelp: help)
    var result = [logged(name, program, help, backends)]
    if !patterns(help).isEmpty, backends["simple"] != .no {
      result.append(simple(name, help, backends))
    }
    result.append(plugin(name, program))
    return result
  }

  private func patterns(_ help: String) -> [String] {
    let events = Self.events(help)
    return Self.groups.filter { group in
      events.contains { $0.hasPrefix(group.prefix) }
    }.map(\.pattern)
  }

  private func enabling(_ help: String) -> String {
    patterns(help).map { "-trace '\($0)'" }.joined(separator: " ")
  }

  // MARK: Back ends

  /// The back end `log`, and what there is in all.
  private func logged(
    _ name: String, _ program: String, _ help: String, _ backends: TraceBackends
  ) -> CaptureSource {
    let count = Self.events(help).count
    let patterns = patterns(help)
    var result = CaptureSource(
      name: name, answer: .unknown, reason: "", holds: "", capture: [], importing: nil,
      traits: backends.traits)
    guard !patterns.isEmpty else {
      result.answer = count == 0 ? .unknown : .no
      result.reason =
        count == 0
        ? "\(program) -trace help lists no events"
        : "\(program) has \(count) trace events, but none for MMIO"
      return result
    }
    result.answer = backends["log"]
    let ends = backends.traits.filter { $0.answer == .yes }.map { $0.name.dropFirst(8) }
    result.reason =
      "\(program): \(count) trace events, \(patterns.joined(separator: " ")); back ends: "
      + (ends.isEmpty ? "none found" : ends.joined(separator: " "))
    result.holds =
      "accesses that QEMU emulates or traps, with values, and config space, as text"
    guard result.answer != .no else { return result }
    result.capture = ["\(name) ... \(enabling(help)) -msg timestamp=on -D qemu.log"]
    result.importing = "mmioscope import qemu.log -o guest.mmt"
    return result
  }

  private func simple(
    _ name: String, _ help: String, _ backends: TraceBackends
  ) -> CaptureSource {
    let trait = backends.traits.first { $0.name == "backend simple" }
    return CaptureSource(
      name: name + " simple", answer: backends["simple"], reason: trait?.evidence ?? "",
      holds: "the same events, in a binary file that is smaller and faster to write",
      capture: ["\(name) ... \(enabling(help)) -trace file=trace.simple"],
      importing: "mmioscope import trace.simple -o guest.mmt")
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

  // MARK: Plugins

  /// TCG plugins: the option is documented only where they were built in.
  private func plugin(_ name: String, _ program: String) -> CaptureSource {
    var result = CaptureSource(
      name: name + " plugin", answer: .unknown, reason: "\(program) -help prints nothing",
      holds: "every access of an emulated arm64 guest, barriers and memory types, program order",
      capture: [], importing: nil)
    guard let help = machine.output(program, ["-help"]) else { return result }
    guard help.split(separator: "\n").contains(where: { $0.hasPrefix("-plugin") }) else {
      result.answer = .no
      result.reason = "\(program) -help lists no -plugin: it was built without TCG plugins"
      return result
    }
    guard name == "qemu-system-aarch64" else {
      result.answer = .no
      result.reason = "\(program) takes plugins, but the package's is for qemu-system-aarch64"
      return result
    }
    let (answer, interface) = interface(program)
    result.answer = answer
    result.reason = "\(program) -help lists -plugin; \(interface)"
    guard answer != .no else { return result }
    result.capture = [
      "qemu-system-aarch64 ... -plugin mmioscope.so,out=trace.plugin   # to build it: Capture/README.md"
    ]
    result.importing = "mmioscope import trace.plugin -o guest.mmt"
    return result
  }

  /// What the package's plugin gets from a QEMU of this version.
  private func interface(_ program: String) -> (CaptureSource.Answer, String) {
    guard let version = Self.version(machine.output(program, ["--version"]) ?? ""),
      let newest = Self.interfaces.first
    else { return (.unknown, "its version is not known") }
    let text = "QEMU " + version.map(String.init).joined(separator: ".")
    if newest.version.lexicographicallyPrecedes(version) {
      return (
        .unknown, "\(text) is newer than the plugin API \(newest.number) that the plugin knows"
      )
    }
    guard
      let found = Self.interfaces.first(where: { !version.lexicographicallyPrecedes($0.version) })
    else { return (.no, "\(text) is too old for it") }
    return (.yes, "\(text), plugin API \(found.number): \(found.records)")
  }

  /// Major and minor number, of "QEMU emulator version 10.0.2 (...)".
  static func version(_ text: String) -> [Int]? {
    let words = text.split { $0 == " " || $0 == "\n" }
    guard let place = words.firstIndex(of: "version"), place + 1 < words.count else { return nil }
    let numbers = words[place + 1].split(separator: ".").prefix(2).map { Int($0) }
    guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
    return [major, minor]
  }
}
