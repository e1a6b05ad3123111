import ConfigSpace
import Resets
import Testing
import TraceCore

/// Sequences written by hand after Linux 6.18 drivers/pci/pci.c, dpc.c, and QEMU hw/vfio/pci.c.
@Suite struct SequenceTests {
  /// What a method does between the prologue and the device wait.
  enum Reset: CaseIterable {
    case flr, afFLR, pm, bus, cxlBus

    var id: String {
      switch self {
      case .flr: "linux-flr"
      case .afFLR: "linux-af-flr"
      case .pm: "linux-pm"
      case .bus: "linux-bus"
      case .cxlBus: "linux-cxl-bus"
      }
    }

    /// - Returns: The record that resets.
    func run(_ stream: inout Stream) -> UInt64 {
      let port = Stream.port
      switch self {
      case .flr:
        stream.read(0x6a, 2, 0x20)
        stream.read(0x6a, 2, 0)
        stream.read(0x68, 2, 0)
        let record = stream.write(0x68, 2, 0x8000)
        stream.sleep(ms: 100)
        return record
      case .afFLR:
        stream.read(0xa4, 2, 0)
        let record = stream.write(0xa4, 1, 1)
        stream.sleep(ms: 100)
        return record
      case .pm:
        stream.read(0x44, 2, 0)
        let record = stream.write(0x44, 2, 3)
        stream.sleep(ms: 10)
        stream.write(0x44, 2, 0)
        stream.sleep(ms: 10)
        return record
      case .bus, .cxlBus:
        if self == .cxlBus {
          stream.read(0x24c, 2, 0, of: port)
          stream.write(0x24c, 2, 1, of: port)
        } else {
          // A read shows that SBR is not masked.
          stream.read(0x24c, 2, 1, of: port)
        }
        stream.read(0x3e, 2, 2, of: port)
        let record = stream.write(0x3e, 2, 0x42, of: port)
        stream.sleep(ms: 2)
        stream.write(0x3e, 2, 0x02, of: port)
        stream.sleep(ms: 20)
        stream.read(0x72, 2, 0x2011, of: port)
        stream.sleep(ms: 100)
        return record
      }
    }
  }

  @Test(arguments: Reset.allCases)
  func `each method of Linux is named, with every step seen`(reset: Reset) throws {
    var stream = Stream()
    stream.save()
    stream.commandOff()
    let record = reset.run(&stream)
    stream.deviceWait()
    stream.restore()
    let sequences = stream.finish()
    #expect(sequences.count == 1)
    let sequence = try #require(sequences.first)
    #expect(sequence.method.id == reset.id)
    #expect(sequence.missing == [])
    #expect(sequence.resetRecord == record)
    #expect(sequence.first == 0 && sequence.last == stream.record - 1)
    #expect(sequence.devices == [Stream.endpoint])
    #expect(sequence[.save]?.count == 16)
    #expect(sequence[.readyPoll]?.count == 2)
  }

  @Test(arguments: [(UInt16(0x68), UInt8(2), UInt32(0x8000)), (0x68, 4, 0x8000), (0x69, 1, 0x80)])
  func `an FLR of any width is the same method`(
    register: UInt16, size: UInt8, value: UInt32
  ) throws {
    var stream = Stream()
    stream.save()
    stream.commandOff()
    stream.read(0x68, 4, 0)
    stream.write(register, size, value)
    stream.sleep(ms: 100)
    stream.deviceWait()
    stream.restore()
    let sequence = try #require(stream.finish().first)
    #expect(sequence.method.id == "linux-flr")
    // The double word read holds Device Control and Device Status both.
    #expect(sequence.missing == [])
  }

  /// What a test leaves out of the FLR sequence, and the step that is then missing.
  @Test(arguments: [
    (0, SequenceStep.pendingPoll), (1, .controlRead), (2, .wait), (3, .readyPoll), (4, .restore),
    (5, .memoryOn),
  ])
  func `a step that is left out is missing, alone`(omitted: Int, step: SequenceStep) throws {
    var stream = Stream()
    stream.save()
    stream.commandOff()
    if omitted != 0 { stream.read(0x6a, 2, 0) }
    if omitted != 1 { stream.read(0x68, 2, 0) }
    stream.write(0x68, 2, 0x8000)
    if omitted != 2 { stream.sleep(ms: 100) }
    if omitted != 3 { stream.deviceWait() }
    if omitted == 4 {
      stream.write(0x04, 2, 0x0406)
    } else if omitted == 5 {
      stream.write(0x10, 4, 0xc000_0000)
    } else {
      stream.restore()
    }
    let sequence = try #require(stream.finish().first)
    #expect(sequence.method.id == "linux-flr")
    // The save reads Device Control too, so that its read is never missing there.
    #expect(sequence.missing == (step == .controlRead ? [] : [step]))
  }

  @Test func `VFIO's close saves nothing before it resets`() throws {
    var stream = Stream()
    stream.save()
    stream.write(0x04, 2, 0x0402)
    stream.commandOff()
    stream.read(0x6a, 2, 0)
    stream.read(0x68, 2, 0)
    stream.write(0x68, 2, 0x8000)
    stream.sleep(ms: 100)
    stream.deviceWait()
    stream.restore()
    let sequence = try #require(stream.finish().first)
    #expect(sequence.method.id == "vfio-close-flr")
    #expect(sequence.missing == [])
  }

  @Test func `a write by hand is named so, whatever was saved long before`() throws {
    var stream = Stream()
    stream.save()
    stream.write(0x04, 2, 0x0406)
    stream.read(0x68, 2, 0)
    stream.write(0x68, 2, 0x8000)
    let sequence = try #require(stream.finish().first)
    #expect(sequence.method == .bare)
    #expect(sequence[.save] == nil && sequence[.commandOff] == nil)
    #expect(sequence.missing == [.pendingPoll, .wait, .readyPoll, .restore, .memoryOn])
  }

  @Test func `QEMU's VM reset clears Command and lets the kernel reset`() throws {
    var stream = Stream()
    stream.write(0x04, 2, 0x0000)
    stream.notice("vfio_pci_reset_flr")
    stream.restore()
    let sequence = try #require(stream.finish().first)
    #expect(sequence.method.id == "qemu-vm-reset")
    #expect(sequence.missing == [])
  }

  @Test(arguments: [
    ("vfio_pci_hot_reset", "vfio-hot-reset"), ("vfio_pci_reset_pm", "vfio-device-reset"),
    ("vfio_pci_reset_flr", "vfio-device-reset"),
  ])
  func `a notice alone is a reset of VFIO`(notice: String, id: String) throws {
    var stream = Stream()
    stream.notice(notice)
    #expect(stream.finish().map(\.method.id) == [id])
  }

  @Test func `DPC's recovery waits, clears the status and waits for the link`() throws {
    var stream = Stream()
    stream.read(0x208, 2, 0x0001, of: Stream.port)
    stream.read(0x72, 2, 0x0011, of: Stream.port)
    stream.write(0x208, 2, 0x0001, of: Stream.port)
    stream.read(0x72, 2, 0x2011, of: Stream.port)
    stream.sleep(ms: 100)
    stream.deviceWait()
    stream.write(0x10, 4, 0xc000_0000)
    stream.write(0x04, 4, 0x0406)
    let sequence = try #require(stream.finish().first)
    #expect(sequence.method.id == "linux-dpc")
    #expect(sequence.missing == [])
    #expect(sequence.events.map(\.kind) == [.dpcTrigger, .dpcRelease])
  }

  @Test func `D3hot and back without Command is no reset by method pm`() throws {
    var stream = Stream()
    stream.write(0x44, 2, 3)
    stream.sleep(ms: 50)
    stream.write(0x44, 2, 0)
    let sequence = try #require(stream.finish().first)
    #expect(sequence.method.id == "power-state")
    #expect(sequence[.release] != nil)
  }

  @Test func `sizing BARs is a sequence without a reset`() throws {
    var stream = Stream()
    stream.write(0x04, 2, 0x0000)
    stream.write(0x10, 4, .max)
    stream.read(0x10, 4, 0xfe00_0000)
    stream.write(0x10, 4, 0xc000_0000)
    stream.read(0x14, 4, 0)
    stream.write(0x14, 4, .max)
    stream.read(0x14, 4, 0)
    stream.write(0x14, 4, 0)
    stream.read(0x3d, 1, 1)
    let sequence = try #require(stream.finish().first)
    #expect(sequence.method.id == "bar-sizing")
    #expect(sequence.resetRecord == nil)
    #expect(sequence.first == 1 && sequence.last == 7)
    #expect(sequence[.sizing]?.count == 2)
  }

  @Test func `sizings beyond the limit are not kept`() {
    var stream = Stream(limit: 3)
    for _ in 0..<5 {
      stream.write(0x10, 4, .max)
      stream.read(0x3d, 1, 1)
    }
    #expect(stream.finish().count == 3)
  }

  @Test func `two resets of one function are two sequences`() {
    var stream = Stream()
    for _ in 0..<2 {
      stream.save()
      stream.commandOff()
      stream.write(0x68, 2, 0x8000)
      stream.sleep(ms: 100)
      stream.deviceWait()
      stream.restore()
    }
    #expect(stream.finish().map(\.method.id) == ["linux-flr", "linux-flr"])
  }

  // Any stream ends, keeps within its bounds, and has a sequence for each reset.
  @Test func `a stream of nonsense is followed to its end`() {
    var state: UInt64 = 0x9e37_79b9
    func random(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    var stream = Stream()
    let registers: [UInt16] = [
      0, 4, 6, 0x10, 0x14, 0x3c, 0x3e, 0x44, 0x68, 0x6a, 0xa4, 0x208, 0x24c,
    ]
    for _ in 0..<20_000 {
      let function = PCIFunction(
        bus: UInt8(random(2)), device: UInt8(random(30)), function: UInt8(random(8)))
      let target = [function, Stream.endpoint, Stream.port][Int(random(3))]
      let register = registers[Int(random(UInt64(registers.count)))]
      let value = UInt32(truncatingIfNeeded: [0, 0x400, 0x8000, 3, 0x42, 2, .max][Int(random(7))])
      let size = [UInt8(1), 2, 4][Int(random(3))]
      stream.sleep(ms: random(20))
      if random(3) == 0 {
        stream.read(register, size, value, of: target)
      } else {
        stream.write(register, size, value, of: target)
      }
    }
    let resets = stream.events.filter(\.kind.issuesReset).map(\.record)
    let sequences = stream.finish()
    #expect(!resets.isEmpty)
    #expect(sequences.compactMap(\.resetRecord).sorted() == resets.sorted())
    #expect(sequences.allSatisfy { $0.first <= $0.last })
  }

  @Test func `every method has steps, and marks among them`() {
    #expect(Set(ResetMethod.all.map(\.id)).count == ResetMethod.all.count)
    for method in ResetMethod.all {
      #expect(method.steps.contains(.reset), "\(method.id)")
      #expect(method.marks.isSubset(of: Set(method.steps)), "\(method.id)")
      #expect(!method.source.isEmpty && !method.events.isEmpty)
    }
  }
}
