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
      sources["rwmmio"]?.capture.contains(
        "echo 1 > /sys/kernel/tracing/events/rwmmio/enable   # as root") == true)
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

  @Test func `QEMU's events and plugins are what it prints itself`() throws {
    let root = try FakeRoot([:], programs: ["/opt/q/qemu-system-aarch64"])
    let help = "memory_region_ops_read\nmemory_region_ops_write\nvfio_region_write\nfoo_bar\n"
    let run: Machine.Runner = { program, arguments in
      guard program.hasSuffix("/opt/q/qemu-system-aarch64") else { return nil }
      if arguments == ["-trace", "help"] { return help }
      return arguments == ["-help"] ? "-plugin [file=]<file>\n" : nil
    }
    let source = try #require(root.report(path: "/bin:/opt/q", run: run)["qemu-system-aarch64"])
    #expect(source.answer == .yes)
    #expect(
      source.reason
        == "/opt/q/qemu-system-aarch64: 4 trace events, memory_region_ops_* vfio_region_*; "
        + "plugins can be loaded")
    #expect(
      source.capture == [
        "qemu-system-aarch64 ... -trace 'memory_region_ops_*' -trace 'vfio_region_*' "
          + "-msg timestamp=on -D qemu.log"
      ])
    #expect(root.report(path: "/opt/q") { _, _ in nil }["qemu-system-aarch64"]?.answer == .unknown)
    let none = root.report(path: "/opt/q") { _, _ in "one_event\n" }["qemu-system-aarch64"]
    #expect(none?.answer == .no)
  }

  @Test func `programs that print, fail, or are not there`() {
    #expect(runProgram("/bin/echo", ["a", "b"]) == "a b\n")
    #expect(runProgram("/bin/sh", ["-c", "echo x >&2; exit 3"]) == "x\n")
    #expect(runProgram("/no/such/program", []) == nil)
    #expect(runProgram("/bin/sh", ["-c", "kill -9 $$"]) == nil)
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
}
