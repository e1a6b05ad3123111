/// Forming configuration requests: one DW, one completion, always non-posted.
extension TLP {
  /// How far a configuration request goes.
  public enum ConfigType: Int, Sendable, CaseIterable {
    /// To a function on the link's own bus.
    case local = 0
    /// To a bus further down; the last bridge makes it type 0.
    case forwarded = 1
  }

  /// A read of bytes of one register's DW.
  ///
  /// - Parameters:
  ///   - function: Bus 15:8, device 7:3, function 2:0.
  ///   - register: Byte offset, 0 to 4095.
  ///   - bytes: 1 to 4, within the DW.
  ///   - type: Type 0 or 1.
  ///   - label: Requester ID and tag; traffic class and attributes are 0.
  /// - Returns: The request.
  public static func configRead(
    function: UInt16, register: Int, bytes: Int, type: ConfigType = .local, label: Label = Label()
  ) -> TLP {
    config(
      type == .local ? .configRead0 : .configRead1, function, register, bytes: bytes, label: label)
  }

  /// A write of bytes of one register's DW; parameters as for a read.
  public static func configWrite(
    function: UInt16, register: Int, bytes: Int, type: ConfigType = .local, label: Label = Label()
  ) -> TLP {
    config(
      type == .local ? .configWrite0 : .configWrite1, function, register, bytes: bytes,
      label: label)
  }

  private static func config(
    _ type: TLPType, _ function: UInt16, _ register: Int, bytes: Int, label: Label
  ) -> TLP {
    precondition(0...4095 ~= register, "config space has 4096 bytes")
    precondition(bytes > 0 && register & 3 + bytes <= 4, "a config access lies within a DW")
    return TLP(
      type, .config(function: function, register: UInt16(register & ~3)), dwords: 1,
      enables: ByteEnables(address: UInt64(register), bytes: bytes), payloadBytes: bytes,
      label: label)
  }
}
