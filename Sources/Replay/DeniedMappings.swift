import ArmMemory
import Hazards
import TraceCore

extension Engine {
  /// Logs a block's accesses whose stage 1 asks for Normal memory where KVM keeps it Device.
  ///
  /// - Parameters:
  ///   - block: The block.
  ///   - classes: Its classes under this scenario.
  ///   - reason: Why KVM keeps a region Device, by its number.
  mutating func logDeniedMappings(
    _ block: Block, _ classes: [ResolvedClass], reason: (Int) -> MappingDenial
  ) {
    var counts = [UInt64](repeating: 0, count: classes.count)
    var firsts = counts
    var record = block.firstRecord
    for run in block.runTokens.indices {
      let token = Int(block.runTokens[run])
      if counts[token] == 0 { firsts[token] = record }
      counts[token] += UInt64(block.runCounts[run])
      record += UInt64(block.runCounts[run])
    }
    let denied = classes.indices.filter {
      counts[$0] > 0 && classes[$0].traits.contains(.deniedNormal)
    }
    for token in denied.sorted(by: { firsts[$0] < firsts[$1] }) {
      let entry = classes[token]
      log.add(
        .deniedNormal,
        Incident(
          record: firsts[token], region: entry.region, vcpu: entry.vcpuName,
          first: counts[token], second: reason(entry.region).rawValue))
    }
  }
}

extension MappingDenial {
  /// Why KVM does not give a region Normal-NC.
  init(_ region: Region) {
    switch region.kind {
    case .ecam: self = .configWindow
    case .platform, .config: self = .platformWindow
    case .bar: self = region.origin == .map ? .mapSaysNo : .notMappable
    }
  }
}
