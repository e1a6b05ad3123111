/// Everything that many records of a trace have in common: one entry of a block's dictionary.
///
/// A record is its class, an address, a time and, where the class says so, a value, a code
/// address and a source line. Bursts of equal records then cost one byte a *run*
/// (see the article on the native trace).
public struct RecordClass: Hashable, Sendable {
  /// The columns in which records of this class have an entry.
  public struct Columns: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A time stamp was recorded.
    @inlinable public static var time: Columns { Columns(rawValue: 1) }
    /// `size` bytes in the value column.
    @inlinable public static var value: Columns { Columns(rawValue: 2) }
    /// The value is in the small column that reset recognition reads, not in the large one.
    @inlinable public static var configValue: Columns { Columns(rawValue: 4) }
    /// A code address.
    @inlinable public static var codeAddress: Columns { Columns(rawValue: 8) }
    /// A source line.
    @inlinable public static var line: Columns { Columns(rawValue: 16) }
  }

  public var operation: Operation
  /// Bytes accessed, 1 to 64; 0 for records that are no access.
  public var size: UInt8
  public var vcpu: UInt16
  public var flags: AccessFlags
  /// Of a barrier record.
  public var barrier: Barrier?
  /// Stage-1 MAIR attribute byte of the access, where the capture holds it.
  public var attribute: UInt8?
  /// Index in the trace's region table.
  public var region: RegionID?
  /// The function of a config access or reset.
  public var function: PCIFunction?
  /// Index in the trace's string table: kind of a reset, text of a mark.
  public var text: UInt32?
  public var columns: Columns

  /// Bytes of a record's value in either value column; records without a size have eight.
  public var valueBytes: Int {
    guard columns.contains(.value) || columns.contains(.configValue) else { return 0 }
    return size == 0 ? 8 : Int(size)
  }

  @inlinable
  @inline(__always)
  public init(
    _ operation: Operation, size: UInt8 = 0, vcpu: UInt16 = 0, flags: AccessFlags = [],
    barrier: Barrier? = nil, attribute: UInt8? = nil, region: RegionID? = nil,
    function: PCIFunction? = nil, text: UInt32? = nil, columns: Columns = []
  ) {
    self.operation = operation
    self.size = size
    self.vcpu = vcpu
    self.flags = flags
    self.barrier = barrier
    self.attribute = attribute
    self.region = region
    self.function = function
    self.text = text
    self.columns = columns
  }

  /// Two words that identify the class; ``init(packed:)`` is the inverse.
  ///
  /// Word 0: operation 3:0, size 10:4, vCPU 26:11, flags 30:27, barrier 38:31 (0xff none),
  /// attribute 46:39 with 47 = known, region 63:48 (0xffff none). Word 1: function 31:0 with
  /// 0xffff_ffff = none, text 55:32 (0xff_ffff none), columns 63:56.
  public var packed: (UInt64, UInt64) { packed(with: columns) }

  /// ``packed`` of the same class with other columns.
  @inlinable
  @inline(__always)
  func packed(with columns: Columns) -> (UInt64, UInt64) {
    var low = UInt64(operation.rawValue) | UInt64(size) << 4 | UInt64(vcpu) << 11
    low |= UInt64(flags.rawValue & 15) << 27
    low |= UInt64(barrier?.rawValue ?? 0xff) << 31
    if let attribute { low |= UInt64(attribute) << 39 | 1 << 47 }
    low |= UInt64(region?.rawValue ?? 0xffff) << 48
    var high = UInt64(function?.rawValue ?? 0xffff_ffff)
    high |= UInt64(text ?? 0xff_ffff) << 32
    high |= UInt64(columns.rawValue) << 56
    return (low, high)
  }

  /// Decodes ``packed``; nil for an undefined operation, size or barrier.
  public init?(packed: (UInt64, UInt64)) {
    self.init(asPacked: packed)
    guard size <= 64, (operation == .barrier) == (barrier != nil) else { return nil }
  }

  /// Decodes ``packed`` of a class as it is, whether or not records can be of it; nil for words that
  /// are no class's.
  init?(asPacked packed: (UInt64, UInt64)) {
    let (low, high) = packed
    guard let operation = Operation(rawValue: UInt8(low & 15)) else { return nil }
    let size = UInt8(low >> 4 & 127)
    let barrierByte = UInt8(low >> 31 & 255)
    let barrier = barrierByte == 0xff ? nil : Barrier(rawValue: barrierByte)
    guard barrierByte == 0xff || barrier != nil else { return nil }
    let region = UInt16(low >> 48)
    let function = UInt32(high & 0xffff_ffff)
    let text = UInt32(high >> 32 & 0xff_ffff)
    self.init(
      operation, size: size, vcpu: UInt16(low >> 11 & 0xffff),
      flags: AccessFlags(rawValue: UInt8(low >> 27 & 15)), barrier: barrier,
      attribute: low >> 47 & 1 == 1 ? UInt8(low >> 39 & 255) : nil,
      region: region == 0xffff ? nil : RegionID(rawValue: region),
      function: function == 0xffff_ffff ? nil : PCIFunction(rawValue: function),
      text: text == 0xff_ffff ? nil : text, columns: Columns(rawValue: UInt8(high >> 56)))
  }
}
