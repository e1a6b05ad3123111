import Foundation
import Testing

@testable import CaptureProbe

/// The doctor on machines made of files.
struct DoctorTests {
  /// A folder that stands for `/`.
  final class FakeRoot {
    let folder: String

    init(_ files: [String: String], programs: [String] = [], folders: [String] = []) throws {
      folder =
        FileManager.default.temporaryDirectory
        .appendingPathComponent("doctor-" + UUID().uuidString).path
      for name in folders + ["/"] {
        try FileManager.default.createDirectory(
          atPath: folder + name, withIntermediateDirectories: true)
      }
      for (name, text) in files { try write(name, text) }
      for name in programs {
        try write(name, "")
        try FileManager.default.setAttributes(
          [.posixPermissions: 0o755], ofItemAtPath: folder + name)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func write(_ name: String, _ text: String) throws {
      let url = URL(fileURLWithPath: folder + name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }

    func report(
      path: String = "/usr/bin", run: @escaping Machine.Runner = { _, _ in nil }
    ) -> [String: CaptureSource] {
      let report = CaptureProbe(Machine(root: folder, path: path, run: run)).report()
      return Dictionary(uniqueKeysWithValues: report.sources.map { ($0.name, $0) })
    }
  }

  @Test func `an empty machine has nothing, and says why`() throws {
    let root = try FakeRoot(["/proc/filesystems": "nodev\tproc\n"])
    let sources = root.report()
    for name in ["tracefs", "rwmmio", "kvm_mmio", "mmiotrace", "vfio", "kvm", "qemu"] {
      let source = try #require(sources[name])
      #expect(source.answer == .no, "\(name)")
      #expect(!source.reason.isEmpty && source.capture.isEmpty && source.importing == nil)
    }
  }

  @Test func `a kernel with every event has the commands for each`() throws {
    let root = try FakeRoot(
      [
        "/sys/kernel/tracing/available_tracers": "blk mmiotrace function nop\n",
        "/dev/kvm": "", "/dev/vfio/vfio": "",
      ],
      folders: [
        "/sys/kernel/tracing/events/rwmmio", "/sys/kernel/tracing/events/kvm/kvm_mmio",
        "/sys/kernel/iommu_groups/0", "/sys/kernel/iommu_groups/1",
        "/sys/bus/pci/drivers/vfio-pci/0000:09:00.0",
      ])
    let sources = root.report()
    for name in ["tracefs", "rwmmio", "kvm_mmio", "mmiotrace", "vfio", "kvm"] {
      #expect(sources[name]?.answer == .yes, "\(name)")
    }
    #expect(
      sources["rwmmio"]?.capture == [
        "echo 65536 > /sys/kernel/tracing/buffer_size_kb   # KiB a CPU; all of this as root",
        "echo 1 > /sys/kernel/tracing/events/rwmmio/enable",
        "cat /sys/kernel/tracing/trace_pipe > rwmmio.txt   # end it with Ctrl-C",
        "echo 0 > /sys/kernel/tracing/events/rwmmio/enable",
      ])
    #expect(sources["rwmmio"]?.importing == "mmioscope import rwmmio.txt -o rwmmio.mmt")
    let vfio = try #require(sources["vfio"])
    #expect(vfio.reason == "2 IOMMU groups; bound to vfio-pci: 0000:09:00.0")
    #expect(vfio.capture.count == 1 && vfio.capture[0].contains("host=0000:09:00.0,x-no-mmap=on"))
  }

  @Test func `tracefs that is not mounted or not readable is unknown`() throws {
    let unmounted = try FakeRoot(["/proc/filesystems": "nodev\ttracefs\n"]).report()
    #expect(unmounted["rwmmio"]?.answer == .unknown)
    #expect(unmounted["tracefs"]?.capture.first?.hasPrefix("mount -t tracefs") == true)
    let locked = try FakeRoot([
      "/proc/filesystems": "nodev\ttracefs\n",
      "/proc/mounts": "proc /proc proc rw 0 0\ntracefs /mnt/tracing tracefs rw 0 0\n",
    ]).report()
    #expect(locked["mmiotrace"]?.answer == .unknown)
    #expect(locked["mmiotrace"]?.reason == "tracefs is mounted at /mnt/tracing, but not readable")
  }

  @Test func `an event that the kernel lacks is told apart from one that cannot be seen`() throws {
    let root = try FakeRoot(["/sys/kernel/debug/tracing/available_tracers": "function nop\n"])
    let sources = root.report()
    #expect(sources["tracefs"]?.answer == .yes)
    #expect(sources["rwmmio"]?.reason.contains("CONFIG_TRACE_MMIO_ACCESS") == true)
    #expect(sources["mmiotrace"]?.answer == .no)
  }

  @Test func `symbols of the kernel say what it has where tracefs needs rights`() throws {
    let locked = [
      "/proc/filesystems": "nodev\ttracefs\n",
      "/proc/mounts": "tracefs /sys/kernel/tracing tracefs rw 0 0\n",
    ]
    func report(_ symbols: String) throws -> [String: CaptureSource] {
      var files = locked
      files["/proc/kallsyms"] = symbols
      return try FakeRoot(files).report()
    }
    let some = try report(
      "0 T __traceiter_sched_switch\n0 t __traceiter_kvm_mmio\t[kvm]\n"
        + "0 t __traceiter_rwmmio_writes\n")
    #expect(some["kvm_mmio"]?.answer == .yes)
    #expect(
      some["kvm_mmio"]?.reason
        == "/proc/kallsyms has __traceiter_kvm_mmio; "
        + "tracefs is mounted at /sys/kernel/tracing, but not readable")
    #expect(some["rwmmio"]?.answer == .no && some["mmiotrace"]?.answer == .no)
    #expect(some["tracefs"]?.answer == .unknown)
    // A list that has nothing of what every kernel has was hidden or cut.
    #expect(try report("0 T start_kernel\n")["rwmmio"]?.answer == .unknown)
  }

  @Test func `other programs that record the same events are named where they are`() throws {
    let root = try FakeRoot(
      ["/sys/kernel/tracing/available_tracers": "nop\n"],
      programs: ["/usr/bin/trace-cmd", "/usr/bin/perf"],
      folders: ["/sys/kernel/tracing/events/rwmmio", "/sys/kernel/tracing/events/kvm/kvm_mmio"])
    let sources = root.report()
    #expect(
      sources["rwmmio"]?.capture.suffix(2) == [
        "trace-cmd record -e rwmmio -o rwmmio.dat   # instead; import reads the .dat",
        "perf record -a -e 'rwmmio:*' && perf script --ns > rwmmio.txt   # instead",
      ])
    #expect(sources["kvm_mmio"]?.capture.contains { $0.contains("-e kvm:kvm_mmio -o") } == true)
    #expect(sources["kvm_mmio"]?.capture.contains { $0.contains("-e 'kvm:kvm_mmio' ") } == true)
  }

  // MARK: QEMU

  /// A machine with one QEMU, whose file holds texts, and what it prints.
  private func qemu(
    _ file: String, printing: [String: String], name: String = "qemu-system-aarch64",
    folder: String = "/opt/q"
  ) throws -> [String: CaptureSource] {
    let root = try FakeRoot([:], programs: [folder + "/" + name])
    try Data(file.utf8).write(to: URL(fileURLWithPath: root.folder + folder + "/" + name))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: root.folder + folder + "/" + name)
    return root.report(path: "/bin:/opt/q") { program, arguments in
      program.hasSuffix(folder + "/" + name) ? printing[arguments.joined(separator: " ")] : nil
    }
  }

  static let events =
    "memory_region_ops_read\nmemory_region_ops_write\nvfio_region_write\nfoo_bar\n"
  /// As QEMU 10.0's util/log.c prints them, with and without CONFIG_TRACE_LOG.
  static let items = "Log items (comma separated):\nguest_errors    log when the guest OS ...\n"
  static let logItems = items + "trace:PATTERN   enable trace events\n"

  @Test func `the back end log is what QEMU prints itself`() throws {
    let sources = try qemu(
      "trace-event", printing: ["-trace help": Self.events, "-d help": Self.logItems])
    let source = try #require(sources["qemu-system-aarch64"])
    #expect(source.answer == .yes)
    #expect(
      source.reason
        == "/opt/q/qemu-system-aarch64: 4 trace events, memory_region_ops_* vfio_region_*; "
        + "back ends: log")
    #expect(
      source.capture == [
        "qemu-system-aarch64 ... -trace 'memory_region_ops_*' -trace 'vfio_region_*' "
          + "-msg timestamp=on -D qemu.log"
      ])
    #expect(source.traits.first?.isCertain == true && source.traits.first?.answer == .yes)
    #expect(sources["qemu-system-aarch64 simple"] == nil)
  }

  /// Texts of QEMU 10.0's trace/control.c; the library as the linker names it.
  @Test(arguments: [
    ("simple", "failed to initialize simple tracing backend.\n"),
    ("ftrace", "failed to initialize ftrace backend.\n"),
    ("syslog", "openlog"), ("ust", "liblttng-ust.so.1"),
  ])
  func `other back ends are concluded from the program's file`(name: String, text: String) throws {
    // The text lies across the border of two pieces.
    let file = "trace-event" + String(repeating: "x", count: (1 << 20) - 16) + text
    let sources = try qemu(
      file, printing: ["-trace help": Self.events, "-d help": Self.items])
    let source = try #require(sources["qemu-system-aarch64"])
    #expect(source.answer == .no && source.capture.isEmpty && source.importing == nil)
    #expect(source.reason.hasSuffix("back ends: \(name)"))
    for trait in source.traits where trait.name != "backend log" && trait.name != "backend dtrace" {
      #expect(trait.answer == (trait.name == "backend " + name ? .yes : .no))
      #expect(!trait.isCertain)
    }
    let simple = sources["qemu-system-aarch64 simple"]
    #expect((simple?.answer == .yes) == (name == "simple"))
    if name == "simple" {
      #expect(simple?.capture.first?.hasSuffix("-trace file=trace.simple") == true)
      #expect(simple?.importing == "mmioscope import trace.simple -o guest.mmt")
    }
  }

  @Test func `SystemTap is named by the list of events`() throws {
    // QEMU 10.0, trace/control.c.
    let note =
      "This list of names of trace points may be incomplete when using the DTrace/SystemTap "
      + "backends.\nRun 'qemu-trace-stap list qemu-system-aarch64' to print the full list.\n"
    let sources = try qemu(
      "trace-event", printing: ["-trace help": Self.events + note, "-d help": Self.items])
    let trait = sources["qemu-system-aarch64"]?.traits.last
    #expect(trait?.answer == .yes && trait?.isCertain == true)
    #expect(sources["qemu-system-aarch64"]?.reason.contains("4 trace events") == true)
  }

  @Test func `a wrapper around QEMU leaves unknown what its file would say`() throws {
    let sources = try qemu(
      "#!/bin/sh\nexec /nix/store/qemu\n",
      printing: ["-trace help": Self.events, "-d help": Self.logItems])
    let source = try #require(sources["qemu-system-aarch64"])
    #expect(source.answer == .yes)
    for trait in source.traits.dropFirst().dropLast() { #expect(trait.answer == .unknown) }
    #expect(sources["qemu-system-aarch64 simple"]?.answer == .unknown)
  }

  @Test(arguments: [
    // include/qemu/qemu-plugin.h of each release.
    ("7.2.22", "plugin API 1: no values, no memory types"),
    ("8.2.0", "plugin API 2: no values, no memory types"),
    ("9.1.0", "plugin API 3: memory types, no values"),
    ("9.2.4", "plugin API 4: values and memory types"),
    ("10.0.2 (Debian 1:10.0.2+ds-2)", "plugin API 4: values and memory types"),
    ("10.1.0", "plugin API 5: values and memory types"),
    ("10.2.0", "plugin API 6: values and memory types"),
    ("11.1.0", "QEMU 11.1 is newer than the plugin API 6 that the plugin knows"),
    ("4.1.0", "QEMU 4.1 is too old for it"),
  ])
  func `plugins, by QEMU's version`(version: String, expected: String) throws {
    let printing = [
      "-trace help": Self.events, "-d help": Self.logItems, "-help": "-plugin [file=]<file>\n",
      "--version": "QEMU emulator version \(version)\nCopyright (c) 2003-2025 Fabrice Bellard\n",
    ]
    let plugin = try #require(
      try qemu("", printing: printing)["qemu-system-aarch64 plugin"])
    #expect(plugin.reason.hasSuffix(expected))
    let answer: CaptureSource.Answer =
      version == "4.1.0" ? .no : version == "11.1.0" ? .unknown : .yes
    #expect(plugin.answer == answer)
    #expect((plugin.capture.count == 1 && plugin.importing != nil) == (answer != .no))
    let other = try qemu("", printing: printing, name: "qemu-system-x86_64")
    #expect(other["qemu-system-x86_64 plugin"]?.answer == .no)
  }

  @Test func `a QEMU that does not run, has no plugins or no events says so`() throws {
    #expect(try qemu("", printing: [:])["qemu-system-aarch64"]?.answer == .unknown)
    let none = try qemu("", printing: ["-trace help": "one_event\n", "-help": "-trace\n"])
    #expect(none["qemu-system-aarch64"]?.answer == .no)
    #expect(none["qemu-system-aarch64 plugin"]?.answer == .no)
    // Red Hat's is outside of PATH.
    let hidden = try qemu(
      "", printing: ["-trace help": Self.events, "-d help": Self.logItems], name: "qemu-kvm",
      folder: "/usr/libexec")
    #expect(hidden["qemu-kvm"]?.answer == .yes)
  }

  @Test func `programs that print, fail, or are not there`() {
    #expect(runProgram("/bin/echo", ["a", "b"]) == "a b\n")
    #expect(runProgram("/bin/sh", ["-c", "echo x >&2; exit 3"]) == "x\n")
    #expect(runProgram("/no/such/program", []) == nil)
    #expect(runProgram("/bin/sh", ["-c", "kill -9 $$"]) == nil)
  }

  /// Each would run for five minutes.
  @Test(arguments: [
    "exec sleep 300", "exec >&- 2>&-; exec sleep 300", "while :; do echo x; sleep 0.1; done",
  ])
  func `a program that does not end is given up in time`(script: String) {
    let start = ContinuousClock.now
    #expect(runProgram("/bin/sh", ["-c", script], within: .milliseconds(500)) == nil)
    #expect(start.duration(to: .now) < .seconds(60))
  }

  @Test func `a program may go on for a while behind its output`() {
    let script = "echo x; exec >&- 2>&-; sleep 0.2"
    #expect(runProgram("/bin/sh", ["-c", script], within: .seconds(60)) == "x\n")
  }

  @Test func `the JSON has every source with the documented keys`() throws {
    let root = try FakeRoot([:])
    let report = CaptureProbe(Machine(root: root.folder, path: "") { _, _ in nil }).report()
    let object = try JSONSerialization.jsonObject(with: Data(report.json.utf8))
    let document = try #require(object as? [String: Any])
    #expect(document["schema_version"] as? Int == 1)
    let sources = try #require(document["sources"] as? [[String: Any]])
    #expect(sources.count == 7)
    for source in sources {
      #expect(source["name"] is String && source["answer"] is String && source["reason"] is String)
    }
    #expect(report.text.contains("qemu"))
  }

  @Test func `the JSON says which back ends are certain`() throws {
    let root = try FakeRoot([:], programs: ["/q/qemu-system-aarch64"])
    let report = CaptureProbe(
      Machine(root: root.folder, path: "/q") { _, arguments in
        arguments == ["-trace", "help"] ? Self.events : nil
      }
    ).report()
    let object = try JSONSerialization.jsonObject(with: Data(report.json.utf8))
    let sources = (object as? [String: Any])?["sources"] as? [[String: Any]]
    let source = sources?.first { $0["name"] as? String == "qemu-system-aarch64" }
    let traits = try #require(source?["traits"] as? [[String: Any]])
    #expect(
      traits.compactMap { $0["name"] as? String }
        == ["log", "simple", "ftrace", "syslog", "ust", "dtrace"].map { "backend " + $0 })
    #expect(traits.allSatisfy { $0["certain"] is Bool && $0["evidence"] is String })
    #expect(report.text.contains("backend simple  unknown"))
  }
}
