import Testing
import TraceCore

@testable import Importers

/// The `kvm_mmio` events in the texts of the kernel, trace-cmd and perf.
struct KVMEventTests {
  /// Real lines of a trace-cmd report from an arm64 host.
  private static let report = """
    cpus=3
     qemu-system-aar-152   [001]    49.347513: kvm_mmio:             mmio unsatisfied-read len 4 gpa 0x800ffe8 val 0x0
     qemu-system-aar-153   [000]    49.347600: kvm_mmio:             mmio write len 4 gpa 0x8000490 val 0xc0c0c0c0
     qemu-system-aar-152   [001]    49.347831: kvm_mmio:             mmio read len 4 gpa 0x800ffe8 val 0x3b
     qemu-system-aar-152   [001]    49.357591: kvm_entry:            CAN'T FIND FIELD "vcpu_id"<CANT FIND FIELD rip>PC: 0xffff800080339ce0
     qemu-system-aar-152   [001]    49.357600: kvm_exit:             <CANT FIND FIELD exit_reason>TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0x0000000040a481e4

    """

  @Test func `a read counts once, at its value, and noise is counted by name`() throws {
    let result = try importText(Self.report)
    #expect(result.context.format == "kvm-mmio")
    #expect(
      result.records == [
        "store v0 0x8000490+4 =c0c0c0c0 t49347600000 [mem@0x8000000] l3",
        "load v1 0x800ffe8+4 =3b t49347831000 [mem@0x8000000] l4",
      ])
    #expect(result.counter("other_event_kvm_entry") == 1)
    #expect(result.counter("other_event_kvm_exit") == 1)
    #expect(result.counter("header_line") == 1)
    #expect(result.context.counters.rows.count == 3)
    #expect(result.context.blindSpots.contains { $0.contains("never exits") })
    #expect(result.context.blindSpots.contains { $0.contains("order of first") })
  }

  /// A thread's accesses come from where it left its guest last, and from nowhere once it is back.
  @Test func `an exit's code address is that of the accesses behind it`() throws {
    let arm = "kvm_exit: TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0xffff800080339ce0"
    let x86 = "kvm_exit: vcpu 0 reason EPT_MISCONFIG rip 0xffffffff8106e8f3 info1 0x0"
    let write = "kvm_mmio: mmio write len 4 gpa 0x10 val 0x1"
    let result = try importText(
      Self.line(1, arm) + Self.line(2, x86) + Self.line(1, write) + Self.line(2, write)
        + Self.line(1, "kvm_entry: PC: 0xffff800080339ce4") + Self.line(1, write)
        + Self.line(2, write) + "CPU:0 [LOST 5 EVENTS]\n" + Self.line(2, write))
    let codes = ["pc0xffff800080339ce0", "pc0xffffffff8106e8f3", "", "pc0xffffffff8106e8f3", ""]
    let stores = result.records.filter { $0.hasPrefix("store") }
    #expect(stores.count == codes.count)
    for (record, code) in zip(stores, codes) {
      #expect(code.isEmpty ? !record.contains("pc0x") : record.contains(" \(code) "))
    }
    #expect(!result.context.blindSpots.contains { $0.contains("kvm_exit") })
    let bare = try importText(Self.line(1, write))
    #expect(bare.context.blindSpots.contains { $0.contains("record kvm_exit, too") })
  }

  private static func line(_ pid: Int, _ event: String, task: String = "kvm") -> String {
    "\(task)-\(pid)  [000] 11906.220183: \(event)\n"
  }

  @Test(arguments: [
    ("kvm_mmio: mmio write len 4 gpa 0xfee000b0 val 0x0", "store v0 0xfee000b0+4 =0"),
    ("kvm_mmio: mmio read len 1 gpa 0xfec00000 val 0xff", "load v0 0xfec00000+1 =ff"),
    (
      "kvm_mmio: mmio write len 8 gpa 0x10 val 0xffffffffffffffff",
      "store v0 0x10+8 =ffffffffffffffff"
    ),
    // The value holds 8 bytes at most; of 16 it is not the whole.
    ("kvm_mmio: mmio write len 16 gpa 0x10 val 0x1", "store v0 0x10+16"),
    ("kvm:kvm_mmio: mmio write len 2 gpa 0x10 val 0", "store v0 0x10+2 =0"),
  ])
  func `every form of the arguments is read`(_ event: String, _ expected: String) throws {
    let result = try importText(Self.line(1, event))
    #expect(result.records.count == 1)
    #expect(result.records[0].hasPrefix(expected + " t11906220183000 ["))
  }

  @Test(arguments: [
    ("kvm_mmio: mmio poke len 4 gpa 0x1 val 0x0", "bad-record 1:43"),
    ("kvm_mmio: write len 4 gpa 0x1 val 0x0", "bad-record 1:38"),
    ("kvm_mmio: mmio write len 0 gpa 0x1 val 0x0", "range 1:53"),
    ("kvm_mmio: mmio write len 65 gpa 0x1 val 0x0", "range 1:53"),
    ("kvm_mmio: mmio write len 4 gpa 1 val 0x0", "bad-record 1:59"),
    ("kvm_mmio: mmio write len 4 gpa 0xfffffffffffffffc val 0x0", "range 1:59"),
    ("kvm_mmio: mmio write len 4 gpa 0xfffffffffffffffd val 0x0", "range 1:59"),
    ("kvm_mmio: mmio write len 4 gpa 0x1", "bad-record 1:62"),
    ("kvm_mmio: mmio write len 4 gpa 0x1 val 0x0 0", "bad-record 1:71"),
  ])
  func `a bad record is an error with its place`(_ event: String, _ expected: String) throws {
    let error = importError(Self.line(1, event), as: .kvmMMIO)
    #expect(place(error) == expected, "\(String(describing: error))")
    let skipped = try importText(Self.line(1, event), as: .kvmMMIO, skip: true)
    #expect(skipped.counter("bad_record_skipped") == 1)
  }

  /// 0x1ff has nine bits and 0xffffffff80000000 has 64, so that one and four bytes cut them.
  @Test func `a value wider than its access is cut and counted`() throws {
    let result = try importText(
      Self.line(1, "kvm_mmio: mmio write len 1 gpa 0x10 val 0x1ff")
        + Self.line(1, "kvm_mmio: mmio read len 1 gpa 0x10 val 0xff")
        + Self.line(1, "kvm_mmio: mmio read len 4 gpa 0x10 val 0xffffffff80000000"))
    #expect(result.records.map { $0.split(separator: " ")[3] } == ["=ff", "=ff", "=80000000"])
    #expect(result.counter("wide_value") == 2)
  }

  @Test func `reads are paired by thread, and open ones counted`() throws {
    func mmio(_ pid: Int, _ kind: String, _ address: String) -> String {
      Self.line(pid, "kvm_mmio: mmio \(kind) len 4 gpa \(address) val 0x1")
    }
    let text =
      mmio(1, "unsatisfied-read", "0x10") + mmio(2, "unsatisfied-read", "0x20")
      + mmio(2, "read", "0x20") + mmio(1, "read", "0x10")  // both answered
      + mmio(1, "unsatisfied-read", "0x30") + mmio(1, "unsatisfied-read", "0x34")  // 0x30 open
      + mmio(1, "read", "0x38")  // 0x34 open
      + mmio(3, "read", "0x40")  // answered in the kernel
      + mmio(3, "unsatisfied-read", "0x44")  // open at the end
    let result = try importText(text, as: .kvmMMIO)
    #expect(
      result.records.map { $0.split(separator: " ")[1...2].joined(separator: " ") } == [
        "v0 0x20+4", "v1 0x10+4", "v1 0x38+4", "v2 0x40+4",
      ])
    #expect(result.counter("read_unanswered") == 3)
  }

  /// trace-cmd gives a count without a unit twelve places behind `[CPU]`, and behind its flags where
  /// `-l` was asked for; a loss has blanks or a name in front where several files are reported.
  @Test func `a count of twelve digits has no blank in front`() throws {
    let write = "kvm_mmio:             mmio write len 4 gpa 0xfee000b0 val 0x1\n"
    let result = try importText(
      " qemu-4242  [002] 99999999999: " + write + " qemu-4242  [002]100000000000: " + write
        + "    qemu-4243    2d..1.1234567890123: " + write
        + "    qemu-4243    2d..11234567890123: " + write)
    #expect(
      result.records == [
        "store v0 0xfee000b0+4 =1 [mem@0xfee00000] l1",
        "store v0 0xfee000b0+4 =1 [mem@0xfee00000] l2",
        "store v1 0xfee000b0+4 =1 [mem@0xfee00000] l3",
        "store v1 0xfee000b0+4 =1 [mem@0xfee00000] l4",
      ])
    #expect(result.counter("unknown_line") == 0)
  }

  @Test func `up to eight flags stand in front of a count`() throws {
    let write = "kvm_mmio:             mmio write len 4 gpa 0xfee000b0 val 0x1\n"
    let result = try importText(
      "    qemu-4243    2dNh.21..234567890123: " + write
        + "    qemu-4243    2dNh.21...234567890123: " + write, as: .kvmMMIO, skip: true)
    #expect(result.records == ["store v0 0xfee000b0+4 =1 [mem@0xfee00000] l1"])
    #expect(result.counter("bad_record_skipped") == 1)
  }

  /// Work by the square of its length would take minutes.
  @Test func `a long line of hyphens is read once`() throws {
    let result = try importText(
      String(repeating: "-1 0x ", count: 170_000) + "\n", as: .kvmMMIO, longestLine: 1 << 20)
    #expect(result.counter("unknown_line") == 1)
  }

  @Test func `a thread's name or x86's kvm_entry tells the vCPU`() throws {
    let write = "kvm_mmio: mmio write len 4 gpa 0x10 val 0x1"
    let named = try importText(
      Self.line(70, write, task: " CPU 5/KVM") + Self.line(71, write, task: " CPU 2/KVM"))
    #expect(named.records.map { $0.split(separator: " ")[1] } == ["v5", "v2"])
    #expect(!named.context.blindSpots.contains { $0.contains("order of first") })
    let entered = try importText(
      Self.line(70, "kvm_entry: vcpu 3, rip 0xffffffff8100") + Self.line(70, write)
        + Self.line(71, "kvm_entry: vcpu 1") + Self.line(71, write))
    // Old kernels print `vcpu 1` without what follows: no guess is made.
    #expect(entered.records.map { $0.split(separator: " ")[1] } == ["v3", "v0"])
  }

  /// Linux gives a task's name 15 bytes; QEMU's thread is called this and no more.
  @Test(arguments: [" CPU 5/KVM2", " CPU +5/KVM", " CPU /KVM", " CPU 65536/KVM", " cpu 5/KVM"])
  func `a thread of another name tells no vCPU`(task: String) throws {
    let line = Self.line(70, "kvm_mmio: mmio write len 4 gpa 0x10 val 0x1", task: task)
    let result = try importText(line, as: .kvmMMIO)
    #expect(result.records.map { $0.split(separator: " ")[1] } == ["v0"])
    #expect(result.context.blindSpots.contains { $0.contains("order of first") })
  }

  /// By hand: 100 is vCPU 0; 200 is one of another machine, and 1 is free; 300 is no vCPU and gets 2;
  /// 201, which would be 1, gets 3; then each keeps its number.
  @Test func `vCPUs of two machines have numbers of their own`() throws {
    let write = "kvm_mmio: mmio write len 4 gpa 0x1000 val 0x1"
    func line(_ thread: Int, _ task: String) -> String { Self.line(thread, write, task: task) }
    let lines = [
      line(100, " CPU 0/KVM"), line(200, " CPU 0/KVM"), line(300, "qemu"), line(201, " CPU 1/KVM"),
      line(200, " CPU 0/KVM"), line(100, " CPU 0/KVM"), line(201, " CPU 1/KVM"),
    ]
    let result = try importText(lines.joined())
    #expect(
      result.records.map { $0.split(separator: " ")[1] }
        == ["v0", "v1", "v2", "v3", "v1", "v0", "v3"])
    #expect(result.counter("vcpu_of_other_machine") == 2)
    let one = try importText([lines[0], lines[3], lines[0]].joined())
    #expect(one.records.map { $0.split(separator: " ")[1] } == ["v0", "v1", "v0"])
    #expect(one.counter("vcpu_of_other_machine") == 0)
  }

  @Test func `accesses that KVM does not describe are counted as loss`() throws {
    let text =
      Self.line(1, "kvm_fast_mmio: fast mmio at gpa 0xfe003000")
      + Self.line(1, "kvm_mmio_nisv: ipa 0x10, esr 0x1, far 0x2, pc 0x3")
      + Self.line(1, "kvm_mmio_emulate: Emulate MMIO at: 0x08 (instr: 0, cpsr: 0)")
      + "CPU:1 [LOST 7 EVENTS]\n"
    let result = try importText(text)
    #expect(result.records == ["lost v0 =7 l4"])
    let losses = result.context.counters.rows.filter { $0.severity == .dataLoss }.map(\.name)
    #expect(Set(losses) == ["fast_mmio_dropped", "no_syndrome_dropped"])
    #expect(result.counter("emulate_notice") == 1)
  }
}
