import ArmMemory
import Testing
import TraceCore

@Suite struct KVMTests {
  // Decision table of stage2_set_prot_attr (Linux 6.9): DEVICE, NORMAL_NC, X -> result. FWB=0
  // and FWB=1 encodings: NORMAL 0xf / 6, NORMAL_NC 5 / 5, DEVICE_nGnRE 1 / 1.
  struct Row: CustomTestStringConvertible {
    let device: Bool
    let normalNC: Bool
    let execute: Bool
    let memAttr: (UInt8, UInt8)
    let error: Stage2ProtectionError?
    var testDescription: String { "DEVICE \(device) NORMAL_NC \(normalNC) X \(execute)" }
  }

  static let rows = [
    Row(device: true, normalNC: true, execute: true, memAttr: (0, 0), error: .deviceAndNormalNC),
    Row(device: true, normalNC: true, execute: false, memAttr: (0, 0), error: .deviceAndNormalNC),
    Row(device: true, normalNC: false, execute: true, memAttr: (0, 0), error: .executableDevice),
    Row(device: false, normalNC: true, execute: true, memAttr: (0, 0), error: .executableNormalNC),
    Row(device: true, normalNC: false, execute: false, memAttr: (1, 1), error: nil),
    Row(device: false, normalNC: true, execute: false, memAttr: (5, 5), error: nil),
    Row(device: false, normalNC: false, execute: true, memAttr: (0xf, 6), error: nil),
    Row(device: false, normalNC: false, execute: false, memAttr: (0xf, 6), error: nil),
  ]

  @Test(arguments: rows, [false, true])
  func `the attribute setter follows the kernel's decision table`(row: Row, fwb: Bool) {
    var protection: KVMProtection = [.read]
    if row.device { protection.insert(.device) }
    if row.normalNC { protection.insert(.normalNC) }
    if row.execute { protection.insert(.execute) }
    do throws(Stage2ProtectionError) {
      let leaf = try stage2SetProtAttr(protection, fwb: fwb)
      #expect(row.error == nil)
      #expect(leaf.memAttr == (fwb ? row.memAttr.1 : row.memAttr.0))
      #expect(leaf.executeNever == !row.execute)
    } catch {
      #expect(error == row.error)
    }
  }

  // By hand: MemAttr 5 << 2 = 0x14, S2AP read 0x40 and write 0x80, SH ISH 0x300, AF 0x400,
  // XN bit 54.
  @Test func `descriptor bits are where the architecture puts them`() throws {
    let both = try stage2SetProtAttr([.read, .write, .normalNC], fwb: false)
    #expect(both.descriptorBits == 0x40_0000_0000_07d4)
    let readOnly = try stage2SetProtAttr([.read, .execute], fwb: true)
    #expect(readOnly.descriptorBits == 0x758)
  }

  @Test(
    arguments: [
      (KVMPolicy.kvmDevice, false, 1), (.kvmDevice, true, 1), (.kvmNormalNC, false, 1),
      (.kvmNormalNC, true, 5),
    ] as [(KVMPolicy, Bool, UInt8)])
  func `only the series gives an eligible mapping Normal-NC`(
    policy: KVMPolicy, eligible: Bool, memAttr: UInt8
  ) {
    for fwb in [false, true] {
      #expect(policy.memAttr(vfioEligible: eligible, fwb: fwb) == memAttr)
    }
    #expect(KVMPolicy.none.memAttr(vfioEligible: eligible, fwb: false) == nil)
  }

  @Test func `every policy's protection passes the attribute setter`() throws {
    for policy in KVMPolicy.allCases {
      for eligible in [false, true] {
        guard let protection = policy.protection(vfioEligible: eligible) else { continue }
        let leaf = try stage2SetProtAttr(protection, fwb: true)
        #expect(leaf.memAttr == policy.memAttr(vfioEligible: eligible, fwb: true))
      }
    }
  }

  @Test func `a window that is no BAR is eligible only through the map`() {
    func eligible(_ kind: Region.Kind, _ vfio: Bool?, _ origin: Region.Origin) -> Bool {
      KVMPolicy.isEligible(
        Region(name: "r", base: 0, size: 4096, kind: kind, vfioEligible: vfio, origin: origin))
    }
    #expect(eligible(.bar, nil, .capture))
    #expect(!eligible(.bar, false, .map))
    for kind in [Region.Kind.platform, .ecam, .config] {
      #expect(!eligible(kind, nil, .map))
      #expect(!eligible(kind, true, .capture))
      #expect(eligible(kind, true, .map))
    }
  }
}

@Suite struct EffectiveTypeTests {
  // Rows by hand from the two tables; the stage is the first that says Device.
  @Test(
    arguments: [
      (0x44, .kvmDevice, true, .deviceNGnRE, 2), (0x44, .kvmNormalNC, true, .normalNC, nil),
      (0x44, .kvmNormalNC, false, .deviceNGnRE, 2), (0x04, .kvmNormalNC, true, .deviceNGnRE, 1),
      (0x0c, .kvmDevice, true, .deviceNGnRE, 1), (0x0c, .kvmNormalNC, true, .deviceGRE, 1),
      (0xff, .kvmNormalNC, true, .normalNC, nil), (0xff, .none, true, .normalWB, nil),
      (0x00, .none, false, .deviceNGnRnE, 1),
    ] as [(UInt8, KVMPolicy, Bool, MemoryType, Int?)])
  func `policy and stage 1 give the type and the faulting stage`(
    row: (byte: UInt8, policy: KVMPolicy, eligible: Bool, type: MemoryType, stage: Int?)
  ) {
    for fwb in [false, true] {
      let resolved = EffectiveType.resolve(
        stage1Byte: row.byte, policy: row.policy, vfioEligible: row.eligible, fwb: fwb)
      #expect(resolved.memoryType == row.type)
      #expect(resolved.faultStage == row.stage)
      #expect(!resolved.reservedStage1)
    }
  }

  @Test func `a reserved stage-1 byte reads as Device-nGnRnE and is flagged`() {
    for policy in KVMPolicy.allCases {
      let resolved = EffectiveType.resolve(
        stage1Byte: 0xe0, policy: policy, vfioEligible: true, fwb: false)
      #expect(resolved.memoryType == .deviceNGnRnE)
      #expect(resolved.faultStage == 1)
      #expect(resolved.parByte == 0)
      #expect(resolved.reservedStage1)
    }
  }

  @Test func `the PAR byte agrees with the full combination`() {
    for byte in UInt8.min...UInt8.max where MemoryAttributes(mair: byte) != nil {
      for fwb in [false, true] {
        let resolved = EffectiveType.resolve(
          stage1Byte: byte, policy: .kvmNormalNC, vfioEligible: true, fwb: fwb)
        let combined = StageCombination.combine(stage1: byte, stage2: 5, fwb: fwb)
        #expect(resolved.parByte == combined.parByte)
      }
    }
  }

  @Test func `a decoded byte encodes to itself`() {
    for byte in UInt8.min...UInt8.max {
      guard let attributes = MemoryAttributes(mair: byte) else { continue }
      #expect(attributes.parByte == byte)
    }
  }
}
