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

  /// What makes tracefs be there.
  private var mounting: [String] {
    if case .unmounted = state {
      ["mount -t tracefs nodev /sys/kernel/tracing   # as root"]
    } else {
      []
    }
  }

  var source: CaptureSource {
    var capture = mounting
    if case .unreadable = state {
      capture = ["sudo mmioscope doctor   # looks again, as root"]
    }
    return CaptureSource(
      name: "tracefs", answer: access.answer, reason: access.reason,
      holds: "the place of the kernel's trace events", capture: capture, importing: nil)
  }

  /// What the kernel's symbols say where tracefs may not be read; they need no rights.
  ///
  /// - Parameters:
  ///   - symbol: A function that is there where the event or tracer is.
  ///   - missing: What to say where it is not.
  /// - Returns: nil where the symbols cannot be read.
  private func symbols(
    _ symbol: String, _ missing: String
  ) -> (answer: CaptureSource.Answer, reason: String)? {
    let list = "/proc/kallsyms"
    // The scheduler's trace point is in every kernel that has any. A module's name follows a tab.
    let any = " __traceiter_sched_switch\n"
    let own = ["\n", "\t"].map { " \(symbol)" + $0 }
    guard let found = machine.holds(list, [any] + own), !found.isEmpty else { return nil }
    guard found != [any] else { return (.no, "\(missing) (no \(symbol) in \(list))") }
    return (.yes, "\(list) has \(symbol); \(access.reason)")
  }

  /// An event of tracefs, or a group of them.
  private func event(
    _ path: String, name: String, symbol: String, missing: String, holds: String
  ) -> CaptureSource {
    var (answer, reason) = access
    if case .readable(let folder) = state {
      let place = "\(folder)/events/\(path)"
      answer = machine.exists(place) ? .yes : .no
      reason = answer == .yes ? "\(place) is there" : missing
    } else if answer == .unknown, let known = symbols(symbol, missing) {
      (answer, reason) = known
    }
    var result = CaptureSource(
      name: name, answer: answer, reason: reason, holds: holds, capture: [], importing: nil)
    guard answer != .no else { return result }
    let file = name + ".txt"
    let switched = "\(folder)/events/\(path)/enable"
    result.capture =
      mounting + [
        "echo 65536 > \(folder)/buffer_size_kb   # KiB a CPU; all of this as root",
        "echo 1 > \(switched)",
        "cat \(folder)/trace_pipe > \(file)   # end it with Ctrl-C",
        "echo 0 > \(switched)",
      ]
    let system = path.split(separator: "/").joined(separator: ":")
    if machine.program("trace-cmd") != nil {
      result.capture.append(
        "trace-cmd record -e \(system) -o \(name).dat   # instead; import reads the .dat")
    }
    if machine.program("perf") != nil {
      let pattern = path == system ? system + ":*" : system
      result.capture.append(
        "perf record -a -e '\(pattern)' && perf script --ns > \(file)   # instead")
    }
    result.importing = "mmioscope import \(file) -o \(name).mmt"
    return result
  }

  var rwmmio: CaptureSource {
    event(
      "rwmmio", name: "rwmmio", symbol: "__traceiter_rwmmio_write",
      missing: "no event group rwmmio: needs arm64 and CONFIG_TRACE_MMIO_ACCESS",
      holds: "this kernel's own readl/writel with values and code addresses; no user space")
  }

  var kvmMMIO: CaptureSource {
    event(
      "kvm/kvm_mmio", name: "kvm_mmio", symbol: "__traceiter_kvm_mmio",
      missing: "no event kvm:kvm_mmio: the module kvm is not loaded or has no trace points",
      holds: "guest accesses that trap; a BAR that is mapped into the guest does not")
  }

  var mmiotrace: CaptureSource {
    var (answer, reason) = access
    let missing = "no tracer mmiotrace: needs x86 and CONFIG_MMIOTRACE"
    if case .readable(let folder) = state {
      let tracers = machine.words(folder + "/available_tracers") ?? []
      answer = tracers.contains("mmiotrace") ? .yes : .no
      reason =
        answer == .yes
        ? "\(folder)/available_tracers has it"
        : "not in \(folder)/available_tracers: \(missing)"
    } else if answer == .unknown, let known = symbols("mmio_trace_mapping", missing) {
      (answer, reason) = known
    }
    return CaptureSource(
      name: "mmiotrace", answer: answer, reason: reason,
      holds: "a driver's ioremapped windows with values; no config space; one CPU only",
      capture: answer == .no
        ? []
        : mounting + [
          "echo mmiotrace > \(folder)/current_tracer   # as root, before the driver is loaded",
          "cat \(folder)/trace_pipe > mmiotrace.txt &",
          "modprobe DRIVER; echo nop > \(folder)/current_tracer",
        ],
      importing: answer == .no ? nil : "mmioscope import mmiotrace.txt -o driver.mmt")
  }
}
