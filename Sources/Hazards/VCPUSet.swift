/// Numbers of vCPUs; cheap to add to, where most are below 64.
public struct VCPUSet: Sendable, Equatable {
  private var low: UInt64 = 0
  private var others: Set<UInt16> = []

  public init() {}

  @inline(__always)
  public mutating func insert(_ vcpu: UInt16) {
    if vcpu < 64 { low |= 1 << UInt64(vcpu) } else { others.insert(vcpu) }
  }

  /// In ascending order.
  public var sorted: [UInt16] {
    (0..<64).filter { low >> UInt64($0) & 1 == 1 } + others.sorted()
  }
}
