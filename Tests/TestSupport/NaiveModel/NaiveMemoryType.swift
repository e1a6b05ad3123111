/// The seven memory types, strongest first.
///
/// In a combination of two stages the stronger wins: Device beats Normal, nG beats G, nR beats R,
/// nE beats E, NC beats WT beats WB (Arm ARM DDI 0487, Table D8-96;
/// S2CombineS1MemAttrs).
public let naiveTypes = [
  "device-ngnrne", "device-ngnre", "device-ngre", "device-gre", "normal-nc", "normal-wt",
  "normal-wb",
]

/// The canonical MAIR bytes, in the order of ``naiveTypes`` (Arm ARM DDI 0487, MAIR_EL1).
public let naiveAttributeBytes: [UInt8] = [0x00, 0x04, 0x08, 0x0c, 0x44, 0xbb, 0xff]

/// The type of a canonical MAIR byte.
public func naiveType(ofAttribute byte: UInt8) -> String {
  guard let index = naiveAttributeBytes.firstIndex(of: byte) else {
    preconditionFailure("not one of the seven canonical attribute bytes: \(byte)")
  }
  return naiveTypes[index]
}

/// The effective type of two stages (Arm ARM DDI 0487, Tables D8-96, D8-100 and D8-101).
///
/// - Parameters:
///   - stage1: One of ``naiveTypes``.
///   - stage2: MemAttr: 0 to 3, 5, and 0xa and 0xf (FWB off) or 6 and 7 (FWB on).
///   - fwb: Stage 2 forces Write-Back (FEAT_S2FWB).
/// - Returns: One of ``naiveTypes``.
public func naiveCombine(_ stage1: String, _ stage2: UInt8, fwb: Bool) -> String {
  switch (stage2, fwb) {
  case (6, true): "normal-wb"
  case (7, true): stage1
  default: naiveStronger(stage1, naiveTypes[naiveStage2Types[stage2, default: 99]])
  }
}

/// Stage-2 MemAttr to an index in ``naiveTypes``.
private let naiveStage2Types: [UInt8: Int] = [0: 0, 1: 1, 2: 2, 3: 3, 5: 4, 0xa: 5, 0xf: 6]

private func naiveStronger(_ first: String, _ second: String) -> String {
  guard let one = naiveTypes.firstIndex(of: first), let two = naiveTypes.firstIndex(of: second)
  else { preconditionFailure("unknown memory type: \(first) or \(second)") }
  return naiveTypes[min(one, two)]
}

/// A Device type: unaligned accesses fault.
func naiveIsDevice(_ type: String) -> Bool { type.hasPrefix("device-") }

/// A type whose stores may be merged; write-through and write-back behave as Normal-NC.
func naiveGathers(_ type: String) -> Bool { type == "device-gre" || !naiveIsDevice(type) }
