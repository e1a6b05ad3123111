import TraceCore

/// Generations of how KVM chooses the stage-2 type of device memory, by Linux release.
public enum KVMKernel: String, Sendable, CaseIterable {
  /// Device-nGnRE, whatever the VMA says: up to 6.8.
  case deviceOnly = "6.8"
  /// Normal-NC where the VMA carries VM_ALLOW_ANY_UNCACHED: 6.9 to 6.16.
  ///
  /// A. Agrawal's series of 24 February 2024, v9, message-id
  /// 20240224150546.368-1-ankita@nvidia.com.
  case normalNC = "6.9"
  /// Device memory that the host maps cacheable stays cacheable: 6.17 on.
  ///
  /// A. Agrawal's series of June 2025, message-id 20250620120946.2991-1-ankita@nvidia.com. It was
  /// under review when 6.16 took no more features (8 June 2025), so 6.17 is the first release.
  case cacheablePFNMap = "6.17"

  /// The releases: `up to 6.8`, `6.9 to 6.16` or `6.17 on`.
  public var releases: String {
    switch self {
    case .deviceOnly: "up to 6.8"
    case .normalNC: "6.9 to 6.16"
    case .cacheablePFNMap: "6.17 on"
    }
  }

  /// The name in tables: `-6.8`, `6.9-6.16` or `6.17-`.
  public var name: String {
    switch self {
    case .deviceOnly: "-6.8"
    case .normalNC: "6.9-6.16"
    case .cacheablePFNMap: "6.17-"
    }
  }

  /// The generation of an upstream release; a distribution's backports are not known.
  ///
  /// - Parameter release: `6.8` or `6.8.12`.
  public init?(release: some StringProtocol) {
    let parts = release.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      part.isDecimal ? UInt16(part) : nil
    }
    guard 2...3 ~= parts.count, numbers.count == parts.count else { return nil }
    switch (numbers[0], numbers[1]) {
    case (..<6, _), (6, ..<9): self = .deviceOnly
    case (6, ..<17): self = .normalNC
    default: self = .cacheablePFNMap
    }
  }
}
