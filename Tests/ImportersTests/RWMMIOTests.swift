import Testing
import TraceCore

@testable import Importers

/// The `rwmmio_*` events in the texts of the kernel, trace-cmd and perf.
struct RWMMIOTests {
  /// Each of the 75,000 places looks like an event behind its task, `COMM-PID (TGID) [CPU]`; a look
  /// back to the start of the line from each would take a minute and a half.
  @Test func `a long line of what nearly is an event is read in one go`() throws {
    let line = String(repeating: "x) [0] 1.0: y ", count: 75_000)
    let result = try importText(line + "\n", as: .rwmmio, longestLine: 2 << 20, chunkSize: 1 << 16)
    #expect(result.records.isEmpty)
    #expect(result.counter("unknown_line") == 1)
  }

  /// Arguments of a write, and the record's end that they give.
  private static let write = "a+0x1/0x2 -> b+0x3/0x4 width=32 val=0x7 addr=0xffff800080c2b010"
  private static let record = "0xffff800080c2b010+4 =7"
  private static let page = "[mem@0xffff800080c2b000]"

  /// Every prefix that the three programs write, read off by hand.
  @Test(arguments: [
    ("              dd-113     [001] d.h..    24.719675: rwmmio_write: ", "v1", "t24719675000"),
    // Four flags, as older kernels have.
    ("    kworker/2:0H-29      [002] ....     5.689882: rwmmio_write: ", "v2", "t5689882000"),
    ("          <idle>-0       [127] d.h..    24.719675: rwmmio_write: ", "v127", "t24719675000"),
    ("     CPU 0/KVM-4242    ( 4240) [003] .....    1.000001: rwmmio_write: ", "v3", "t1000001000"),
    ("           <...>-17      (-----) [000] .....  1.000001: rwmmio_write: ", "v0", "t1000001000"),
    // A task may be called like a CPU, or hold what ends other fields.
    ("     x [007] 1.5: y-9    [000] .....  2.000000: rwmmio_write: ", "v0", "t2000000000"),
    ("        a-b: c-12        [000] .....  2.000000: rwmmio_write: ", "v0", "t2000000000"),
    // A clock without a unit.
    ("              dd-113     [001] d.h..    24719675: rwmmio_write: ", "v1", ""),
    // trace-cmd: no flags, the name padded; nanoseconds with -t; flags behind the CPU with -l.
    ("              dd-120   [002]    26.278851: rwmmio_write:         ", "v2", "t26278851000"),
    ("              dd-120   [002]    26.278850880: rwmmio_write:      ", "v2", "t26278850880"),
    ("      dd-120     2d.h..    26.279103: rwmmio_write:         ", "v2", "t26279103000"),
    // perf.
    ("       perf-exec   142 [000]    39.958626:      rwmmio:rwmmio_write: ", "v0", "t39958626000"),
    ("   my  task  142 [000]    39.958626720: rwmmio:rwmmio_write: ", "v0", "t39958626720"),
    ("  dd   142/143 [000]    39.958626720: rwmmio:rwmmio_write: ", "v0", "t39958626720"),
  ])
  func `every form of a line's start is read`(_ prefix: String, vcpu: String, time: String) throws {
    let result = try importText(prefix + Self.write + "\n")
    #expect(result.context.format == "rwmmio")
    let parts = ["store", vcpu, Self.record, time, Self.page, "l1"].filter { !$0.isEmpty }
    #expect(result.records == [parts.joined(separator: " ")])
  }

  private static let prefix = "dd-1 [000] .... 1.000001: "

  @Test(arguments: [
    ("rwmmio_write: f+0x1/0x2 width=8 val=0xff addr=0x1000", "store v0 0x1000+1 =ff", "0x1000"),
    (
      "rwmmio_write: f -> g width=64 val=0xffffffffffffffff addr=0x1ff8",
      "store v0 0x1ff8+8 =ffffffffffffffff", "0x1000"
    ),
    // Zero in the C library's %#llx and in the kernel's.
    ("rwmmio_write: f -> g width=16 val=0 addr=0x1000", "store v0 0x1000+2 =0", "0x1000"),
    ("rwmmio_write: f -> g width=16 val=0x0 addr=0x1000", "store v0 0x1000+2 =0", "0x1000"),
    ("rwmmio_write: f -> g width=16 val=0x0 addr=0", "store v0 0x0+2 =0", "0x0"),
    // A module's symbol; callers without a symbol.
    (
      "rwmmio_write: f+0x1/0x2 [nvme] -> g+0x1/0x9 [nvme] width=32 val=0x1 addr=0x2000",
      "store v0 0x2000+4 =1", "0x2000"
    ),
    (
      "rwmmio_write: 0xffff80000801 -> 0xffff80000802 width=32 val=0x1 addr=0x2000",
      "store v0 0x2000+4 =1 PC0xffff80000802", "0x2000"
    ),
    (
      "rwmmio_write: 0xffff80000801 width=32 val=0x1 addr=0x2000",
      "store v0 0x2000+4 =1 PC0xffff80000801", "0x2000"
    ),
    ("rwmmio_read: f -> g width=32 addr=0x2000", "load v0 0x2000+4", "0x2000"),
  ])
  func `every form of the arguments is read`(
    _ event: String, expected: String, window: String
  ) throws {
    let result = try importText(Self.prefix + event + "\n", as: .rwmmio)
    var parts = expected.split(separator: " ").map(String.init)
    let code = parts.last.flatMap { $0.hasPrefix("PC") ? "pc" + $0.dropFirst(2) : nil }
    if code != nil { parts.removeLast() }
    parts += ["t1000001000"] + (code.map { [$0] } ?? []) + ["[mem@\(window)]", "l1"]
    #expect(result.records == [parts.joined(separator: " ")])
  }

  @Test(arguments: [
    ("rwmmio_write: f -> g width=24 val=0x1 addr=0x2000", "range 1:54"),
    ("rwmmio_write: f -> g width=128 val=0x1 addr=0x2000", "range 1:54"),
    ("rwmmio_write: f -> g val=0x1 addr=0x2000", "bad-record 1:41"),
    ("rwmmio_write: f -> g width=32 addr=0x2000", "bad-record 1:57"),
    ("rwmmio_read: f -> g width=32 val=0x1 addr=0x2000", "bad-record 1:56"),
    ("rwmmio_write: f -> g width=32 val=1 addr=0x2000", "bad-record 1:61"),
    ("rwmmio_write: f -> g width=32 val=0x1 addr=2000", "bad-record 1:70"),
    ("rwmmio_write: f -> g width=32 val=0x1 addr=0x2000 x", "bad-record 1:77"),
    ("rwmmio_write: f -> g width=32 val=0x10000000000000000 addr=0x2000", "range 1:61"),
    ("rwmmio_write: f -> g width=32 val=0x1 addr=0xfffffffffffffffe", "range 1:70"),
    ("rwmmio_write: f -> g width=32 val=0x1 addr=0xfffffffffffffffc", "range 1:70"),
    ("rwmmio_write:", "bad-record 1:40"),
  ])
  func `a bad record is an error with its place`(_ event: String, _ expected: String) throws {
    let line = Self.prefix + event
    let error = importError(line + "\n", as: .rwmmio)
    #expect(place(error) == expected, "\(String(describing: error))")
    #expect(try importText(line, as: .rwmmio).counter("cut_last_line") == 1)
    let skipped = try importText(line + "\n", as: .rwmmio, skip: true)
    #expect(skipped.records.isEmpty && skipped.counter("bad_record_skipped") == 1)
  }

  @Test func `a damaged start must not hide an event`() {
    let line = "dd-1 000] .... 1.000001: rwmmio_read: f -> g width=32 addr=0x2000\n"
    #expect(place(importError("\n" + line, as: .rwmmio)) == "bad-record 2:1")
    let late = "dd-1 [000] .... 18446744074.000000: rwmmio_read: f width=32 addr=0x2000\n"
    #expect(place(importError(late, as: .rwmmio)) == "range 1:17")
  }

  /// Eight lines of a real `trace` file: an interrupt handler runs between a doorbell write and
  /// its post event.
  private static let nested = """
    # tracer: nop
    #
                  dd-113     [001] .....    24.719675: rwmmio_write: nvme_queue_rqs+0xd8/0x178 -> nvme_submit_cmds.part.0+0x190/0x1c0 width=32 val=0x1 addr=0xffff800080c2b010
                  dd-113     [001] d.h..    24.720037: rwmmio_write: nvme_irq+0x24/0x60 -> nvme_poll_cq+0x434/0x468 width=32 val=0x1 addr=0xffff800080c2b014
                  dd-113     [001] d.h..    24.720046: rwmmio_post_write: nvme_irq+0x24/0x60 -> nvme_poll_cq+0x3e8/0x468 width=32 val=0x1 addr=0xffff800080c2b014
                  dd-113     [001] d.h..    24.720101: rwmmio_write: __arm_smmu_tlb_inv_range+0x104/0x1a8 -> arm_smmu_cmdq_issue_cmdlist+0x83c/0x960 width=32 val=0x1afc addr=0xffff800080c24098
                  dd-113     [001] d.h..    24.720112: rwmmio_post_write: __arm_smmu_tlb_inv_range+0x104/0x1a8 -> arm_smmu_cmdq_issue_cmdlist+0x86c/0x960 width=32 val=0x1afc addr=0xffff800080c24098
                  dd-113     [001] d.h..    24.720118: rwmmio_read: __arm_smmu_tlb_inv_range+0x104/0x1a8 -> arm_smmu_cmdq_issue_cmdlist+0x79c/0x960 width=32 addr=0xffff800080c2409c
                  dd-113     [001] d.h..    24.720124: rwmmio_post_read: __arm_smmu_tlb_inv_range+0x104/0x1a8 -> arm_smmu_cmdq_issue_cmdlist+0x768/0x960 width=32 val=0x1afc addr=0xffff800080c2409c
                  dd-113     [001] .....    24.720169: rwmmio_post_write: nvme_queue_rqs+0xd8/0x178 -> nvme_submit_cmds.part.0+0x160/0x1c0 width=32 val=0x1 addr=0xffff800080c2b010

    """

  @Test func `a handler's accesses nest between a write and its post event`() throws {
    let result = try importText(Self.nested)
    #expect(
      result.records == [
        "store v1 0xffff800080c2b010+4 =1 t24719675000 [mem@0xffff800080c2b000] l3",
        "store v1 0xffff800080c2b014+4 =1 t24720037000 [mem@0xffff800080c2b000] l4",
        "store v1 0xffff800080c24098+4 =1afc t24720101000 [mem@0xffff800080c24000] l6",
        "load v1 0xffff800080c2409c+4 =1afc t24720118000 [mem@0xffff800080c24000] l8",
      ])
    #expect(result.context.counters.rows.map(\.name) == ["header_line"])
    #expect(result.counter("header_line") == 2)
  }

  /// A short name for an event: task and CPU, kind, address, value.
  private func event(
    _ pid: Int, _ cpu: Int, _ kind: String, _ address: String, _ value: Int? = nil
  )
    -> String
  {
    let number = value.map { " val=0x" + hex(UInt64($0)) } ?? ""
    return
      "t-\(pid) [00\(cpu)] .... 1.000000: rwmmio_\(kind): fn width=32\(number) addr=\(address)\n"
  }

  @Test func `a read waits for its value, and what follows waits behind it`() throws {
    let text =
      event(5, 0, "read", "0x1000") + event(5, 0, "write", "0x1004", 1)
      + event(6, 1, "read", "0x1000") + event(6, 1, "post_read", "0x1000", 2)
      + event(5, 0, "read", "0x1000") + event(5, 0, "post_read", "0x1000", 3)
      + event(5, 0, "post_write", "0x1004", 1) + event(5, 0, "post_read", "0x1000", 4)
    // The inner read of equal address takes the first value, as brackets do.
    #expect(
      try importText(text, as: .rwmmio).records.map { $0.prefix { $0 != "t" } } == [
        "load v0 0x1000+4 =4 ", "s", "load v1 0x1000+4 =2 ", "load v0 0x1000+4 =3 ",
      ])
    #expect(try importText(text, as: .rwmmio).context.counters.rows.isEmpty)
  }

  @Test func `a task that moved to another CPU ends its read there`() throws {
    let moved = event(5, 0, "read", "0x1000") + event(5, 1, "post_read", "0x1000", 2)
    #expect(try importText(moved, as: .rwmmio).records[0].hasPrefix("load v0 0x1000+4 =2"))
    // The idle tasks of all CPUs have the same number and do not move.
    let idle = event(0, 0, "read", "0x1000") + event(0, 1, "post_read", "0x1000", 2)
    let result = try importText(idle, as: .rwmmio)
    #expect(result.records == ["load v0 0x1000+4 t1000000000 [mem@0x1000] l1"])
    #expect(result.counter("post_without_access") == 1)
    #expect(result.counter("read_without_value") == 1)
  }

  @Test func `an inner access whose end was lost is closed with the outer one`() throws {
    let text =
      event(5, 0, "read", "0x1000") + event(5, 0, "read", "0x1004")
      + event(5, 0, "post_read", "0x1000", 2) + event(5, 0, "write", "0x1008", 3)
    let result = try importText(text, as: .rwmmio)
    #expect(result.records.count == 3)
    #expect(result.records[1] == "load v0 0x1004+4 t1000000000 [mem@0x1000] l2")
    #expect(result.counter("read_without_value") == 1)
    #expect(result.counter("write_without_post") == 1)
  }

  @Test func `a loss is a record at its place and ends the pairs of its CPU`() throws {
    let text =
      event(5, 0, "read", "0x1000") + event(6, 1, "read", "0x1000") + "CPU:0 [LOST 3200 EVENTS]\n"
      + event(5, 0, "post_read", "0x1000", 2) + event(6, 1, "post_read", "0x1000", 3)
      + "CPU:1 [LOST EVENTS]\nCPU:2 [17 EVENTS DROPPED]\nCPU:2 [EVENTS DROPPED]\n"
      + "swapper 0 [003] 1.0: PERF_RECORD_LOST lost 5\n"
    let result = try importText(text, as: .rwmmio)
    #expect(
      result.records == [
        "load v0 0x1000+4 t1000000000 [mem@0x1000] l1",
        "load v1 0x1000+4 =3 t1000000000 [mem@0x1000] l2", "lost v0 =c80 l3", "lost v1 l6",
        "lost v2 =11 l7", "lost v2 l8", "lost v3 =5 t1000000000 l9",
      ])
    #expect(result.counter("read_without_value") == 1)
    #expect(result.counter("post_without_access") == 1)
    #expect(place(importError("CPU:x [LOST EVENTS]\n", as: .rwmmio)) == "bad-record 1:5")
    #expect(place(importError("CPU:1 [LOST 3\n", as: .rwmmio)) == "bad-record 1:14")
  }

  @Test func `a report of several files tells losses behind a name or blanks`() throws {
    let result = try importText(
      "CPU:0 [SUBBUFFER START]\n" + event(5, 2, "write", "0x1000", 1)
        + "       CPU:2 [77 EVENTS DROPPED]\ninst1: CPU:1 [EVENTS DROPPED]\n"
        + "inst1: CPU:10 [SUBBUFFER START]\nnothing CPU:1 [EVENTS DROPPED]\n", as: .rwmmio)
    #expect(result.records.dropFirst() == ["lost v2 =4d l3", "lost v1 l4"])
    #expect(result.counter("page_start_line") == 2)
    #expect(result.counter("unknown_line") == 1)
  }

  /// `trace-cmd report --ts-diff`: the first event has blanks where others have the difference.
  @Test func `a difference of stamps in front of the name is passed over`() throws {
    let start = "              dd-120   [002]    26.278"
    let write = "rwmmio_write:         f+0xd8 -> g+0x190 width=32 val=0x2 addr=0x1018\n"
    let result = try importText(
      start + "851:          " + write + start + "951: (+100)   " + write + start
        + "961: (+10)    " + write)
    #expect(result.records.count == 3 && result.counter("unknown_line") == 0)
    #expect(result.callers == Array(repeating: "f+0xd8 -> g+0x190", count: 3))
  }

  @Test func `reads that never end are given up in order, none is dropped`() throws {
    let text = (0..<600).map { event(5, 0, "read", "0x\(hex(UInt64(4096 + 4 * $0)))") }.joined()
    let result = try importText(text, as: .rwmmio)
    #expect(result.records.count == 600)
    for (index, record) in result.records.enumerated() {
      #expect(record.hasPrefix("load v0 0x\(hex(UInt64(4096 + 4 * index)))+4 t"))
    }
    #expect(result.counter("read_without_value") == 600)
  }

  /// 300 CPUs begin a read and a write each before the first of them ends.
  @Test func `as many accesses may be open as there are CPUs`() throws {
    let text = (0..<300).map {
      "t-\(100 + $0) [\($0)] .... 1.000000: rwmmio_read: fn width=32 addr=0x1000\n"
        + "t-\(100 + $0) [\($0)] .... 1.000000: rwmmio_write: fn width=32 val=0x1 addr=0x1004\n"
    }
    let ends = (0..<300).map {
      "t-\(100 + $0) [\($0)] .... 2.000000: rwmmio_post_write: fn width=32 val=0x1 addr=0x1004\n"
        + "t-\(100 + $0) [\($0)] .... 2.000000: rwmmio_post_read: fn width=32 val=0x\(hex(UInt64($0))) "
        + "addr=0x1000\n"
    }
    let result = try importText((text + ends).joined(), as: .rwmmio)
    #expect(result.context.counters.rows.isEmpty)
    #expect(result.records.count == 600)
    for cpu in 0..<300 {
      #expect(result.records[2 * cpu].hasPrefix("load v\(cpu) 0x1000+4 =\(hex(UInt64(cpu))) t1"))
    }
  }

  /// While a read is under way, another CPU does 1,000 writes; then its value comes.
  @Test func `a read gets its value whatever other CPUs do meanwhile`() throws {
    let write = event(6, 1, "write", "0x2000", 1) + event(6, 1, "post_write", "0x2000", 1)
    let text =
      event(5, 0, "read", "0x1000") + String(repeating: write, count: 1000)
      + event(5, 0, "post_read", "0x1000", 0xabc)
    let result = try importText(text, as: .rwmmio)
    #expect(result.records.count == 1001)
    #expect(result.records[0].hasPrefix("load v0 0x1000+4 =abc t1000000000"))
    #expect(result.records.dropFirst().allSatisfy { $0.hasPrefix("store v1 0x2000+4 =1 ") })
    #expect(result.context.counters.rows.isEmpty)
  }

  /// Of 512 records that are held the read is the first: it goes when the 513th comes.
  @Test(arguments: [511, 512])
  func `a read that holds up too many records goes without its value`(writes: Int) {
    let block = Block()
    let builder = BlockBuilder(block)
    builder.reset(firstRecord: 0, into: block)
    var queue = AccessQueue(limit: 512)
    builder.withAppender { appender in
      var read = AccessQueue.Entry(record: RecordClass(.load, size: 4), address: 0x1000, pid: 5)
      read.isOpen = true
      queue.push(read, &appender)
      for _ in 0..<writes {
        queue.push(
          AccessQueue.Entry(record: RecordClass(.store, size: 4, vcpu: 1), address: 0x2000),
          &appender)
      }
      let source = EventSource(pid: 5, cpu: 0)
      let isKnown = queue.complete(0x1000, size: 4, source, value: 7, &appender)
      #expect(isKnown == (writes == 511))
      while !queue.isEmpty { queue.drain(into: &appender) }
    }
    #expect(block.count == writes + 1)
    #expect(queue.abandoned == (writes == 511 ? 0 : 1))
    #expect(block.values.count == (writes == 511 ? 4 : 0))
  }

  /// A byte of 0x1ff has 0xff left, a word of 0x10001 has 1.
  @Test func `a value wider than its access is cut and counted`() throws {
    let text =
      Self.prefix + "rwmmio_write: f width=8 val=0x1ff addr=0x1000\n"
      + Self.prefix + "rwmmio_post_write: f width=8 val=0x1ff addr=0x1000\n"
      + Self.prefix + "rwmmio_read: f width=16 addr=0x1002\n"
      + Self.prefix + "rwmmio_post_read: f width=16 val=0x10001 addr=0x1002\n"
      + Self.prefix + "rwmmio_write: f width=8 val=0xff addr=0x1000\n"
    let result = try importText(text, as: .rwmmio)
    #expect(result.records.map { $0.split(separator: " ")[3] } == ["=ff", "=1", "=ff"])
    #expect(result.counter("wide_value") == 2)
  }

  /// Behind a task's name stands a hyphen (kernel, trace-cmd) or a blank (perf).
  @Test(arguments: ["dd-1x52  [000] ....", "16 [000] ....", "  16 [000] ....", "dd/16 [000] ...."])
  func `a task's number without its name is a damaged start`(start: String) {
    let line = "\(start) 1.000001: rwmmio_write: f width=32 val=0x1 addr=0x1000\n"
    #expect(place(importError(line, as: .rwmmio)) == "bad-record 1:1")
  }

  @Test func `a task may have no name in front of the hyphen`() throws {
    let line = "    -16 [003] .... 1.000001: rwmmio_write: f width=32 val=0x1 addr=0x1000\n"
    #expect(try importText(line, as: .rwmmio).records.first?.hasPrefix("store v3 0x1000+4") == true)
  }

  @Test func `marks of both programs are kept, other events counted by name`() throws {
    let text = """
                init-1       [000] .....    17.577148: tracing_mark_write:   reset: phase  2
                init-1     [000]    17.577149: print:                tracing_mark_write: b
                init-1     [000]    17.577150: print:                other_function: c
                  dd-138   [001]    36.090933: sched_switch:         dd:138 [120] D ==> swapper/1:0 [120]
                  dd-138   [001]    36.090934: kvm_mmio:             mmio write len 4 gpa 0x1 val 0x1
                  dd-138   [001]    36.090935: func <-parent
      cpus=3

      """
    let result = try importText(text, as: .rwmmio)
    #expect(
      result.records == [
        "mark v0 t17577148000 '  reset: phase  2' l1", "mark v0 t17577149000 'b' l2",
        "mark v0 t17577150000 'c' l3",
      ])
    #expect(result.counter("header_line") == 1)
    #expect(result.counter("other_event_sched_switch") == 1)
    #expect(result.counter("unknown_line") == 1)
    let foreign = result.context.counters.rows.first { $0.name == "other_event_kvm_mmio" }
    #expect(foreign?.severity == .dataLoss)
  }

  @Test func `a map with virtual bases names the windows`() throws {
    let map = [Region(name: "nvme", base: 0xffff_8000_80c2_a000, size: 0x4000, origin: .map)]
    let text = Self.prefix + "rwmmio_write: " + Self.write + "\n"
    let result = try importText(text, as: .rwmmio, map: map)
    #expect(result.records == ["store v0 \(Self.record) t1000001000 [nvme] l1"])
    #expect(!result.context.blindSpots.contains { $0.contains("single pages") })
    let unmapped = try importText(text, as: .rwmmio)
    #expect(unmapped.context.blindSpots.contains { $0.contains("single pages") })
  }

  @Test func `stamps that go back are counted CPU by CPU`() throws {
    let text = [(0, "2.0"), (1, "1.0"), (0, "1.5"), (0, "1.75"), (1, "0.5")].map { cpu, time in
      "t-5 [00\(cpu)] .... \(time): rwmmio_write: f width=32 val=0x1 addr=0x1000\n"
    }.joined()
    #expect(try importText(text, as: .rwmmio).counter("clock_backwards") == 2)
  }
}
