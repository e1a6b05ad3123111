import Tables
import TraceCore

extension StageCombination {
  /// All 2 x 256 x 16 combinations as CSV, columns `fwb,s1_mair,s2_memattr,result,name`.
  ///
  /// FWB is 0 or 1, the other numbers are hexadecimal with 0x; `result` is PAR_EL1.ATTR or
  /// `RESERVED`.
  public static func csv() -> String {
    var csv = CSVText(header: ["fwb", "s1_mair", "s2_memattr", "result", "name"])
    for fwb in [false, true] {
      for stage1 in UInt8.min...UInt8.max {
        for stage2 in UInt8(0)..<16 {
          let result = combine(stage1: stage1, stage2: stage2, fwb: fwb)
          let byte = result.parByte.map { "0x" + hex(UInt64($0), width: 2) } ?? "RESERVED"
          csv.add([
            fwb ? "1" : "0", "0x" + hex(UInt64(stage1), width: 2), "0x" + hex(UInt64(stage2)), byte,
            result.name,
          ])
        }
      }
    }
    return csv.text
  }

  /// One pair in words, one line each.
  ///
  /// - Parameters:
  ///   - stage1: MAIR attribute byte.
  ///   - stage2: MemAttr[3:0], 0 to 15.
  ///   - fwb: HCR_EL2.FWB.
  /// - Returns: Both stages decoded, the combined type, its PAR byte, and why.
  /// - Precondition: `stage2` is below 16.
  public static func explanation(stage1: UInt8, stage2: UInt8, fwb: Bool) -> [String] {
    let result = combine(stage1: stage1, stage2: stage2, fwb: fwb)
    let first = MemoryAttributes(mair: stage1)
    let second = Stage2Attribute(memAttr: stage2, fwb: fwb)
    var lines = [
      "stage 1   0x" + hex(UInt64(stage1), width: 2) + "  " + (first?.name ?? "reserved"),
      "stage 2   0x" + hex(UInt64(stage2)) + "   " + (second?.name ?? "reserved")
        + (fwb ? " (FWB=1)" : " (FWB=0)"),
      "combined  " + result.name,
    ]
    if let byte = result.parByte { lines.append("PAR ATTR  0x" + hex(UInt64(byte), width: 2)) }
    if let type = result.memoryType { lines.append("replay    " + type.name) }
    lines.append("why       " + reason(first, second))
    return lines
  }

  private static func reason(_ stage1: MemoryAttributes?, _ stage2: Stage2Attribute?) -> String {
    guard let stage1 else { return "the stage-1 encoding is reserved: the result is unpredictable" }
    guard let stage2 else { return "the stage-2 encoding is reserved: the result is unpredictable" }
    switch (stage2, stage1.isDevice) {
    case (.device, true):
      return "both stages are Device: the stronger one wins (nG over G, nR over R, nE over E)"
    case (.device, false): return "stage 2 is Device and Device beats Normal"
    case (.normal, true): return "stage 1 is Device and Device beats Normal"
    case (.normal, false):
      return "both stages are Normal: in each half NC beats WT beats WB; hints are stage 1's"
    case (.nonCacheableUnlessDevice, true): return "FWB 101 keeps a stage-1 Device type"
    case (.nonCacheableUnlessDevice, false): return "FWB 101 makes any Normal type Normal-NC"
    case (.forceWriteBack, _): return "FWB 110 forces Normal write-back"
    case (.stage1, _): return "FWB 111 takes stage 1's attributes"
    }
  }
}
