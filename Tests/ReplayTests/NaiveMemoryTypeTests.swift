import TestSupport
import Testing

@Suite struct `Naive model: memory types`: NaiveFixture {
  @Test(arguments: [
    // (policy, region, gathers): stage 1 Normal-NC everywhere; KVM gives stage 2 Normal-NC only
    // where the VMA carries VM_ALLOW_ANY_UNCACHED (Linux, arch/arm64/kvm/mmu.c)
    ("kvm-device", "bar", false), ("kvm-device", "plain", false), ("kvm-device", "uart", false),
    ("kvm-normal-nc", "bar", true), ("kvm-normal-nc", "plain", false),
    ("kvm-normal-nc", "uart", false),
    ("none", "bar", true), ("none", "plain", true), ("none", "uart", true),
  ])
  func `stage 2 comes from the policy and the region`(
    policy: String, region: String, gathers: Bool
  ) throws {
    let base = try #require(windows.first { $0.name == region }).base
    let counts = run(fill(base)) {
      $0.policy = policy
      $0.stage1 = ["all": "normal-nc"]
    }
    #expect(counts[region].mwr == (gathers ? 1 : 8))
  }

  @Test func `a Device stage 1 stays Device under a Normal-NC stage 2`() {
    for fwb in [false, true] {
      let counts = run(fill()) {
        $0.policy = "kvm-normal-nc"
        $0.fwb = fwb
        $0.stage1 = ["bar": "device-ngre"]
      }
      #expect(counts["bar"].mwr == 8)
    }
  }

  @Test func `stage 1 comes from the option, then the map, then the access, then the kind`() {
    func tlps(_ map: UInt8?, _ access: UInt8?, _ option: [String: String]) -> Int {
      let region = NaiveRegion("r", base: bar, size: 64, stage1: map)
      let events = fill().map { event in event.with { $0.attribute = access } }
      let settings = NaiveSettings().with { $0.stage1 = option }
      return NaiveModel.run(events, regions: [region], settings: settings)["r"].mwr
    }
    #expect(tlps(nil, nil, [:]) == 1)
    #expect(tlps(nil, 0x04, [:]) == 8)
    #expect(tlps(0x44, 0x04, [:]) == 1)
    #expect(tlps(0x44, 0x44, ["all": "device-ngnre"]) == 8)
    #expect(tlps(0x04, 0x04, ["all": "device-ngnre", "r": "normal-nc"]) == 1)
    // Defaults of the other kinds: Device.
    #expect(run(fill(uart))["uart"].mwr == 8)
  }

  @Test func `two stages combine as in the architecture's tables`() {
    // Arm ARM DDI 0487, Tables D8-96 and D8-100: columns of the two stage 2s that KVM uses.
    let withNGnRE = [
      "device-ngnrne", "device-ngnre", "device-ngnre", "device-ngnre", "device-ngnre",
      "device-ngnre", "device-ngnre",
    ]
    let withNC = [
      "device-ngnrne", "device-ngnre", "device-ngre", "device-gre", "normal-nc", "normal-nc",
      "normal-nc",
    ]
    for fwb in [false, true] {
      #expect(naiveTypes.map { naiveCombine($0, 1, fwb: fwb) } == withNGnRE)
      #expect(naiveTypes.map { naiveCombine($0, 5, fwb: fwb) } == withNC)
    }
    // Rows of the WT column, and of the columns that only FWB has.
    #expect(naiveCombine("normal-wb", 0xa, fwb: false) == "normal-wt")
    #expect(naiveCombine("device-ngnrne", 6, fwb: true) == "normal-wb")
    #expect(naiveCombine("normal-wt", 7, fwb: true) == "normal-wt")
  }
}
