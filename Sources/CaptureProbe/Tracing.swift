/// The kernel's own traces: tracefs and what it offers.
struct Tracing {
  private enum State {
    /// Mounted here and readable.
    case readable(String)
    case unreadable(String)
    case unmounted
    case missing
  }

  private let machine: Machine
  private let state: State

  init(_ machine: Machine) {
    self.machine = machine
    let mounts = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"]
    if let folder = mounts.first(where: { machine.text($0 + "/available_tracers") != nil }) {
      state = .readable(folder)
    } else if let folder = Self.mounted(machine) {
      state = .unreadable(folder)
    } else if machine.words("/proc/filesystems")?.contains("tracefs") ?? true {
      state = .unmounted
    } else {
      state = .missing
    }
  }

  /// Where /proc/mounts says that tracefs is.
  private static func mounted(_ machine: Machine) -> String? {
    let lines = machine.text("/proc/mounts")?.split(separator: "\n") ?? []
    return lines.map { $0.split(separator: " ") }.first { $0.count > 2 && $0[2] == "tracefs" }
      .map { String($0[1]) }
  }

  private var folder: String {
    switch state {
    case .readable(let folder), .unreadable(let folder): folder
    case .unmounted, .missing: "/sys/kernel/tracing"
    }
  }

  /// Whether tracefs can be read, and the reason.
  private var access: (answer: CaptureSource.Answer, reason: String) {
    switch state {
    case .readable(let folder): (.yes, "tracefs is readable at \(folder)")
    case .unreadable(let folder): (.unknown, "tracefs is mounted at \(folder), but not readable")
    case .unmounted: (.unknown, "tracefs is not mounted")
    case .missing: (.no, "the kernel has no tracefs (/proc/filesystems): CONFIG_FTRACE is off")
    }
  }

  var source: CaptureSource {
    var capture: [String] = []
    if case .unmounted = state {
      capture = ["mount -t tracefs nodev /sys/kernel/tracing   # as root"]
    } else if case .unreadable = state {
      capture = ["sudo mmioscope doctor   # looks again, as root"]
    }
    return CaptureSource(
      name: "tracefs", answer: access.answer, reason: access.reason,
      holds: "the place of the kernel's trace events", capture: capture, importing: nil)
  }

  /// An event of tracefs.
  private func event(
    _ path: String, name: String, missing: String, holds: String, enable: [String]
  ) -> CaptureSource {
    var (answer, reason) = access
    if case .readable(let folder) = state {
      let place = "\(folder)/events/\(path)"
      answer = machine.exists(place) ? .yes : .no
      reason = answer == .yes ? "\(place) is there" : missing
    }
    let file = name + ".txt"
    let commands =
      enable.map { "echo 1 > \(folder)/events/\($0)/enable   # as root" } + [
        "cat \(folder)/trace_pipe > \(file)   # end it with Ctrl-C"
      ]
    return CaptureSource(
      name: name, answer: answer, reason: reason, holds: holds,
      capture: answer == .no ? [] : ["echo 65536 > \(folder)/buffer_size_kb"] + commands,
      importing: answer == .no ? nil : "mmioscope import \(file) -o \(name).mmt")
  }

  var rwmmio: CaptureSource {
    event(
      "rwmmio", name: "rwmmio",
      missing: "no event group rwmmio: needs arm64 and CONFIG_TRACE_MMIO_ACCESS",
      holds: "this kernel's own readl/writel with values and code addresses; no user space",
      enable: ["rwmmio"])
  }

  var kvmMMIO: CaptureSource {
    event(
      "kvm/kvm_mmio", name: "kvm_mmio",
      missing: "no event kvm:kvm_mmio: the module kvm is not loaded or has no trace points",
      holds: "guest accesses that trap; a BAR that is mapped into the guest does not",
      enable: ["kvm/kvm_mmio"])
  }

  var mmiotrace: CaptureSource {
    var (answer, reason) = access
    if case .readable(let folder) = state {
      let tracers = machine.words(folder + "/available_tracers") ?? []
      answer = tracers.contains("mmiotrace") ? .yes : .no
      reason =
        answer == .yes
        ? "\(folder)/available_tracers has it"
        : "not in \(folder)/available_tracers: needs x86 and CONFIG_MMIOTRACE"
    }
    return CaptureSource(
      name: "mmiotrace", answer: answer, reason: reason,
      holds: "a driver's ioremapped windows with values; no config space; one CPU only",
      capture: answer == .no
        ? []
        : [
          "echo mmiotrace > \(folder)/current_tracer   # as root, before the driver is loaded",
          "cat \(folder)/trace_pipe > mmiotrace.txt &",
          "modprobe DRIVER; echo nop > \(folder)/current_tracer",
        ],
      importing: answer == .no ? nil : "mmioscope import mmiotrace.txt -o driver.mmt")
  }
}
