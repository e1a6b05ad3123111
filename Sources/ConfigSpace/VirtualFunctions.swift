public import TraceCore

/// Routing IDs of a physical function's virtual functions (PCIe Base 5.0, section 9.3.3).
///
/// VF n, from 0, has the ID of its PF plus First VF Offset plus n times VF Stride, modulo 2^16; it
/// may lie on a bus above the PF's.
public struct VirtualFunctions: Sendable, Equatable {
  /// NumVFs, at least 1.
  public var count: UInt16
  /// First VF Offset, at least 1.
  public var offset: UInt16
  /// VF Stride; 0 only where there is one VF.
  public var stride: UInt16

  /// - Returns: nil for numbers that no device can have: VFs none, on the PF, or on one another.
  public init?(count: UInt16, offset: UInt16, stride: UInt16) {
    guard count > 0, offset > 0, stride > 0 || count == 1 else { return nil }
    self.count = count
    self.offset = offset
    self.stride = stride
  }

  /// The number of a function among the VFs; nil where it is none.
  public func number(of candidate: PCIFunction, physical: PCIFunction) -> Int? {
    guard candidate.segment == physical.segment else { return nil }
    let distance = candidate.routingID &- physical.routingID &- offset
    guard distance > 0 else { return 0 }
    guard stride > 0, distance % stride == 0, distance / stride < count else { return nil }
    return Int(distance / stride)
  }

  /// All VFs of the other numbers are among these.
  func includes(_ other: VirtualFunctions) -> Bool {
    offset == other.offset && stride == other.stride && count >= other.count
  }

  /// The function of VF n.
  public func function(_ number: UInt16, physical: PCIFunction) -> PCIFunction {
    let routingID = physical.routingID &+ offset &+ stride &* number
    return PCIFunction(rawValue: UInt32(physical.segment) << 16 | UInt32(routingID))
  }
}

extension FunctionShadow {
  /// VF Enable: SR-IOV Control bit 0; nil without the capability or where not known.
  var virtualFunctionsAreEnabled: Bool? {
    layout[.singleRootIO].flatMap { bytes.bit($0 + 8, 0) }
  }

  /// VF MSE: SR-IOV Control bit 3, the memory enable of every VF (PCIe Base 5.0, 9.3.3.3.4).
  var virtualFunctionsDecode: Bool? {
    layout[.singleRootIO].flatMap { bytes.bit($0 + 8, 3) }
  }

  /// The VFs' numbers; nil where there are none or they are not known.
  var virtualFunctions: VirtualFunctions? {
    guard let start = layout[.singleRootIO], let count = bytes.word(start + 0x10),
      let offset = bytes.word(start + 0x14), let stride = bytes.word(start + 0x16)
    else { return nil }
    return VirtualFunctions(count: count, offset: offset, stride: stride)
  }

  /// VF Enable is set and NumVFs known to be 0: there are none.
  var hasNoVirtualFunctions: Bool {
    layout[.singleRootIO].flatMap { bytes.word($0 + 0x10) } == 0
  }
}
