import ArgumentParser
import ArmMemory
import TraceCore
import YAMLInput

/// `mmioscope memattr`: stage 1 combined with stage 2, and how KVM chooses stage 2.
struct MemattrCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memattr",
    abstract: "Effective memory type of a stage-1 and a stage-2 attribute.",
    discussion: """
      The architecture's combination (Arm ARM DDI 0487, D8.6), encoded as PAR_EL1.ATTR.

      Examples:
        mmioscope memattr --s1 0x44 --s2 0x5           Normal-NC under KVM since Linux 6.9
        mmioscope memattr --s1 0x44 --s2 0x1 --fwb     the same mapping before, with FWB
        mmioscope memattr --all > memattr.csv          all 2 x 256 x 16 combinations

      With --kvm: the stage-2 mapping that KVM chooses. Alone it prints every decision as CSV. \
      --kernel explains one: a read of a BAR that vfio-pci maps, on a CPU without FWB and \
      CTR_EL0.DIC, unless options say otherwise; --s1 adds the effective type.

        mmioscope memattr --kvm > kvm.csv              every decision
        mmioscope memattr --kvm --kernel 6.9 --vfio --s1 0x44
        mmioscope memattr --kvm --text --vfio --write    the decisions for these, condensed
        mmioscope memattr --kvm --prot device,nc       the attribute setter alone
      """)

  @Option(help: "Stage-1 MAIR attribute byte, 0 to 0xff.")
  var s1: String?

  @Option(help: "Stage-2 MemAttr[3:0], 0 to 0xf.")
  var s2: String?

  @Flag(help: "HCR_EL2.FWB is 1 (FEAT_S2FWB).")
  var fwb = false

  @Flag(help: "Print CSV of every combination, both values of FWB.")
  var all = false

  @Flag(help: "Print CSV of the properties of each type: required, permitted or forbidden.")
  var properties = false

  @OptionGroup(title: "KVM's stage 2")
  var decision: KVMDecisionOptions

  func validate() throws {
    if properties {
      guard s1 == nil, s2 == nil, !fwb, !all, !decision.kvm, decision.given.isEmpty else {
        throw ValidationError("--properties stands alone")
      }
    } else if decision.kvm {
      guard s2 == nil, !all else {
        throw ValidationError("--kvm chooses stage 2; leave out --s2 and --all")
      }
      try decision.check(stage1: try stage1(), fwb: fwb)
    } else if let option = decision.given.first {
      throw ValidationError("\(option) needs --kvm")
    } else if all {
      guard s1 == nil, s2 == nil, !fwb else {
        throw ValidationError("--all prints every combination; leave out --s1, --s2 and --fwb")
      }
    } else {
      _ = try attribute(s1, option: "--s1", limit: 0xff)
      _ = try attribute(s2, option: "--s2", limit: 0xf)
    }
  }

  func run() throws {
    if properties { return try Console.output(PropertyMatrix.csv()) }
    if decision.kvm {
      return try Console.output(try decision.answer(stage1: try stage1(), fwb: fwb))
    }
    if all { return try Console.output(StageCombination.csv()) }
    let lines = StageCombination.explanation(
      stage1: try attribute(s1, option: "--s1", limit: 0xff),
      stage2: try attribute(s2, option: "--s2", limit: 0xf), fwb: fwb)
    try Console.output(lines.joined(separator: "\n") + "\n")
  }

  private func stage1() throws -> UInt8? {
    s1 == nil ? nil : try attribute(s1, option: "--s1", limit: 0xff)
  }

  private func attribute(_ text: String?, option: String, limit: UInt8) throws -> UInt8 {
    guard let text else { throw ValidationError("give \(option), or --all") }
    guard case .value(let value) = IntegerText(text), value <= limit else {
      throw ValidationError("\(option) '\(text)' is not a number from 0 to 0x\(hex(UInt64(limit)))")
    }
    return UInt8(value)
  }
}
