public import TraceCore

public struct ConfigAccess {
  public var function: PCIFunction
  public var register: UInt16
  public var size: Int
  public var value: UInt32?
  public var isWrite: Bool
  public var timeNs: UInt64
  public var record: UInt64
  public init(
    function: PCIFunction, register: UInt16, size: Int, value: UInt32?, isWrite: Bool,
    timeNs: UInt64, record: UInt64
  ) {
    self.function = function
    self.register = register
    self.size = size
    self.value = value
    self.isWrite = isWrite
    self.timeNs = timeNs
    self.record = record
  }
}
