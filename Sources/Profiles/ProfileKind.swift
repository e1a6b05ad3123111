/// What a profile describes; also the first part of its keys: `cpu.buffers`.
public enum ProfileKind: String, Sendable, CaseIterable {
  case cpu, rc, link, device
  /// How a machine treats failed accesses; no part of ``ModelSettings/values``.
  case platform
}
