/// What is gathered lies in one line of the CPU.
///
/// The architecture sets no bound; every known core gathers within a line.
struct GatherLine: GatherRule {
  let info = RuleInfo(
    "practice.gather.line", "Only accesses inside one aligned line are gathered",
    source: "Implementation: 16, 32 or 64 bytes leave Arm server cores as one (Linux "
      + "arch/arm64/include/asm/io.h, __iowrite64_copy)", status: .assumed)

  func forbids(_ pair: Pair) -> Bool {
    let line = UInt64(pair.scene.options.lineBytes)
    return pair.first.address / line != pair.second.address / line
      || (pair.first.addresses.upperBound - 1) / line != pair.first.address / line
      || (pair.second.addresses.upperBound - 1) / line != pair.second.address / line
  }
}
