import ArmMemory
import Litmus
import Ordering
import Testing
import TraceCore

/// One cell, one instruction; the expected ones are written out by hand.
struct InstructionTests {
  private static func store(
    _ size: Int, _ form: Access.Form = .single, _ order: Access.Order = .plain,
    value: [UInt8] = [1], location: Int = 0
  ) -> Access {
    Access(
      label: "a", direction: .store, location: location, size: size, form: form, order: order,
      value: value + [UInt8](repeating: 0, count: size - value.count))
  }

  private static func load(
    _ size: Int, _ form: Access.Form = .single, _ order: Access.Order = .plain
  ) -> Access {
    Access(
      label: "a", direction: .load, location: 0, size: size, form: form, order: order,
      register: "r0")
  }

  static let accesses: [(String, Access)] = [
    ("STRB #1,[X]", store(1)), ("STRH #1,[X]", store(2)), ("STR.W #1,[X]", store(4)),
    ("STR.X #1,[X]", store(8)), ("str.x #1,[X]", store(8)), ("STR.Q #1,[X]", store(16, .vector)),
    ("STP.W #1,#2,[X]", store(8, .pair, value: [1, 0, 0, 0, 2])),
    ("STP.X #1,#2,[X]", store(16, .pair, value: [1, 0, 0, 0, 0, 0, 0, 0, 2])),
    ("STP.Q #1,[X]", store(32, .pair)),
    ("STLRB #1,[X]", store(1, .single, .release)), ("STLR.X #1,[X]", store(8, .single, .release)),
    ("ST1 #1,[X] size 64", store(64, .vector)), ("ST64B #1,[X]", store(64, .single64)),
    ("ST64BV #1,[X]", store(64, .single64WithStatus)), ("STXR.W #1,[X]", store(4, .exclusive)),
    ("SWP.W #1,[X]", store(4, .exclusive)), ("STLXR.W #1,[X]", store(4, .exclusive, .release)),
    ("STR.Z #1,[X] size 32", store(32, .scalable)), ("SETP #1,[X] size 24", store(24, .memoryCopy)),
    ("ST #1,[X] size 16", store(16, .recorded)),
    ("ST #1,[X] size 4 form pair release", store(4, .pair, .release)),
    ("DC ZVA,[X]", store(64, .zeroBlock, value: [])),
    (
      "STR.X #0x1122334455667788,[X]",
      store(8, value: [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])
    ),
    (
      "STR.Q #0x0123456789abcdef0011,[X]",
      store(16, .vector, value: [0x11, 0, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01])
    ),
    ("LDRB r0,[X]", load(1)), ("LDRH r0,[X]", load(2)), ("LDR.W r0,[X]", load(4)),
    ("LDR.X r0,[X]", load(8)), ("LDR.Q r0,[X]", load(16, .vector)),
    ("LDP.X r0,[X]", load(16, .pair)), ("LDAR.W r0,[X]", load(4, .single, .acquire)),
    ("LDAPR.W r0,[X]", load(4, .single, .acquirePC)), ("LD64B r0,[X]", load(64, .single64)),
    ("LDXR.W r0,[X]", load(4, .exclusive)), ("LDAXR.W r0,[X]", load(4, .exclusive, .acquire)),
    ("LDR.Z r0,[X] size 64", load(64, .scalable)), ("LD1 r0,[X] size 32", load(32, .vector)),
  ]

  @Test(arguments: accesses) func `a mnemonic says size, form and order`(
    row: (text: String, access: Access)
  ) throws {
    #expect(try Fixture.instructions(row.text) == [.access(row.access)])
  }

  @Test func `offsets, dependencies and labels`() throws {
    // A register has to be loaded before anything can depend on it.
    let loads = (0..<3).map { "LDR.W r\($0),[X]" }
    var store = Self.store(4)
    store.label = "z"
    store.offset = 8
    store.addressDependencies = ["r0", "r1"]
    store.dataDependencies = ["r2"]
    for text in ["z: STR.W #1,[X+8] addr r0 addr r1 data r2", "z: STR.W #1,[X+0x8,r0,r1] data r2"] {
      let program = try Fixture.parse(Fixture.text(loads + [text])).program
      #expect(program.agents[0].instructions.last == .access(store), "\(text)")
    }
    var load = Self.load(4)
    load.register = nil
    #expect(try Fixture.instructions("LDR.W WZR,[X]") == [.access(load)])
  }

  /// The block is found by rounding down (Arm ARM DDI 0487, C5.3), so any byte of X will do.
  @Test func `DC ZVA takes the address of any byte`() throws {
    var access = Self.store(64, .zeroBlock, value: [])
    for offset in [8, 63] {
      access.offset = offset
      #expect(try Fixture.instructions("DC ZVA,[X+\(offset)]") == [.access(access)])
    }
    #expect(Fixture.failure(Fixture.text(["DC ZVA,[X+64]"])) != nil)
  }

  static let others: [(String, Instruction)] = [
    ("DMB SY", .barrier(Barrier(.dmbSY))), ("DMB ST", .barrier(Barrier(.dmbST))),
    ("DMB LD", .barrier(Barrier(.dmbLD))), ("DMB ISH", .barrier(Barrier(.dmbSY, .innerShareable))),
    ("DMB ISHST", .barrier(Barrier(.dmbST, .innerShareable))),
    ("DMB OSHLD", .barrier(Barrier(.dmbLD, .outerShareable))),
    ("dsb oshst", .barrier(Barrier(.dsbST, .outerShareable))),
    ("DSB SY", .barrier(Barrier(.dsbSY))), ("ISB", .barrier(Barrier(.isb))),
    ("DGH", .barrier(Barrier(.dgh))), ("TLBI", .unmap),
    // arch/arm64/include/asm/barrier.h.
    ("wmb", .barrier(Barrier(.dsbST))), ("rmb", .barrier(Barrier(.dsbLD))),
    ("mb", .barrier(Barrier(.dsbSY))), ("dma_wmb", .barrier(Barrier(.dmbST, .outerShareable))),
    ("dma_rmb", .barrier(Barrier(.dmbLD, .outerShareable))),
    ("smp_mb", .barrier(Barrier(.dmbSY, .innerShareable))),
  ]

  @Test(arguments: others) func `what is no access`(
    row: (text: String, instruction: Instruction)
  ) throws {
    #expect(try Fixture.instructions(row.text) == [row.instruction])
  }

  @Test func `a branch depends on a register that was loaded`() throws {
    let program = try Fixture.parse(Fixture.text(["LDR.W r0,[X]", "CBNZ r0"])).program
    #expect(program.agents[0].instructions.last == .control("r0"))
  }

  @Test func `Linux accessors bring their barriers`() throws {
    // arch/arm64/include/asm/io.h: __io_bw() is dma_wmb(), __io_ar() starts with dma_rmb().
    let before = Instruction.barrier(Barrier(.dmbST, .outerShareable))
    let after = Instruction.barrier(Barrier(.dmbLD, .outerShareable))
    for (letter, size) in [("b", 1), ("w", 2), ("l", 4), ("q", 8)] {
      let store = Instruction.access(Self.store(size))
      let load = Instruction.access(Self.load(size))
      #expect(try Fixture.instructions("write\(letter) #1,[X]") == [before, store])
      #expect(try Fixture.instructions("write\(letter)_relaxed #1,[X]") == [store])
      #expect(try Fixture.instructions("read\(letter) r0,[X]") == [load, after])
      #expect(try Fixture.instructions("read\(letter)_relaxed r0,[X]") == [load])
    }
  }

  // MARK: Config space

  /// Offset, size and value by the registers' layout (PCI Express Base Specification, 7.5.1 and
  /// 7.5.3.4): Command, Bridge Control, Device Control.
  static let configWrites: [(String, Access.ConfigEffect, Int, [UInt8])] = [
    ("CFGW d,FLR", .reset, 0x78, [0, 0x80]),
    ("CFGW d,SBR", .bridgeReset("rp0"), 0x3e, [0x40, 0]),
    ("CFGW d,SBR=rp1", .bridgeReset("rp1"), 0x3e, [0x40, 0]),
    ("CFGW d,MEM=0", .memoryDisable, 4, [0, 0]), ("CFGW d,MEM=1", .memoryEnable, 4, [2, 0]),
    ("CFGW d,+0x48", .none, 0x48, [0, 0, 0, 0]),
    ("CFGW d,+0x48,#0x102 size 2", .none, 0x48, [2, 1]),
    ("CFGW d,+0x10,FLR", .reset, 0x10, [0, 0x80]),
  ]

  @Test(arguments: configWrites) func `a config write goes to the function's config space`(
    row: (text: String, effect: Access.ConfigEffect, offset: Int, value: [UInt8])
  ) throws {
    for (suffix, path) in [
      ("CFGW", Access.ConfigPath.ecam), ("CFGW.T", .trapped), ("CFGW.Z", .trappedWithZap),
    ] {
      let text = row.text.replacing("CFGW", with: suffix)
      let program = try Fixture.parse(Fixture.text([text])).program
      #expect(program.locations.count == 4 && program.peripherals.count == 3)
      #expect(
        program.peripherals[2]
          == Peripheral(name: "d.cfg", kind: .ecam, function: 0, acknowledgesAtEndpoint: true))
      #expect(
        program.locations[3]
          == Location(
            name: "d.cfg", peripheral: 2, address: 0, size: 4096,
            attributes: AccessAttributes(.deviceNGnRnE)))
      let access = Access(
        label: "a", direction: .store, location: 3, offset: row.offset, size: row.value.count,
        value: row.value, configEffect: row.effect, configPath: path)
      #expect(program.agents[0].instructions == [.access(access)], "\(text)")
    }
  }

  @Test func `a config read, and two functions with a space each`() throws {
    let text = Fixture.text(
      ["CFGR r0,d", "CFGR r1,e,+0x10 size 2", "CFGW d,MEM=1"], locations: "e: function")
    let program = try Fixture.parse(text).program
    #expect(program.locations.map(\.name) == ["X", "Y", "F", "d.cfg", "e.cfg"])
    let accesses = program.agents[0].instructions.compactMap {
      if case .access(let access) = $0 { access } else { nil }
    }
    #expect(accesses.map(\.location) == [3, 4, 3])
    #expect(accesses.map(\.offset) == [0, 16, 4] && accesses.map(\.size) == [4, 2, 2])
  }

  @Test func `a declared config space is the one that is used`() throws {
    let text = Fixture.text(
      ["CFGW d,FLR"],
      locations: "c: ecam of d tc 2 no-endpoint-ack; C: c+0 size 256 stage1 device-ngnre")
    let program = try Fixture.parse(text).program
    #expect(
      program.peripherals.last
        == Peripheral(name: "c", kind: .ecam, function: 0, trafficClass: 2))
    guard case .access(let access) = program.agents[0].instructions[0] else {
      Issue.record("no access")
      return
    }
    #expect(access.location == 3 && program.locations.count == 4)
  }
}
