/// One event of a trace as the naive model reads it: plain fields, words for kinds.
public struct NaiveEvent: Equatable, Sendable {
  /// `store load barrier config_read config_write reset lost mark`.
  public var op: String
  /// Time stamp in ns as recorded; nil repeats the record before.
  public var time: UInt64?
  public var vcpu = 0
  /// First byte of a store or load.
  public var address: UInt64 = 0
  /// Bytes: 1 to 64 of a store or load; 1, 2 or 4 of a config access.
  public var size = 0
  /// Little-endian, `size` bytes.
  public var value: [UInt8]?
  public var release = false
  public var acquire = false
  /// ST64B or LD64B; the size is then 64.
  public var single64 = false
  /// Kind of a barrier: `dmb.sy dmb.st dmb.ld dsb.sy dsb.st dsb.ld isb dgh acq rel acqrel`.
  public var barrier = ""
  /// Stage-1 MAIR byte recorded with the access.
  public var attribute: UInt8?
  /// `0000:01:00.0` of a config access or reset.
  public var function = ""
  /// Register offset of a config access.
  public var register: UInt64 = 0
  /// Kind of a reset, text of a mark.
  public var text = ""

  public init(_ op: String) { self.op = op }

  /// A store.
  ///
  /// - Parameters:
  ///   - address: First byte.
  ///   - size: Bytes, 1 to 64.
  ///   - time: Time stamp in ns.
  ///   - vcpu: vCPU number.
  /// - Returns: The event, without flags.
  public static func store(
    _ address: UInt64, _ size: Int, time: UInt64? = nil, vcpu: Int = 0
  ) -> NaiveEvent {
    var event = NaiveEvent("store")
    event.address = address
    event.size = size
    event.time = time
    event.vcpu = vcpu
    return event
  }

  /// A load.
  ///
  /// - Parameters:
  ///   - address: First byte.
  ///   - size: Bytes, 1 to 64.
  ///   - time: Time stamp in ns.
  ///   - vcpu: vCPU number.
  /// - Returns: The event, without flags.
  public static func load(
    _ address: UInt64, _ size: Int, time: UInt64? = nil, vcpu: Int = 0
  ) -> NaiveEvent {
    var event = NaiveEvent.store(address, size, time: time, vcpu: vcpu)
    event.op = "load"
    return event
  }

  /// A barrier of a kind such as `dmb.st`.
  public static func barrier(_ kind: String, time: UInt64? = nil, vcpu: Int = 0) -> NaiveEvent {
    var event = NaiveEvent("barrier")
    event.barrier = kind
    event.time = time
    event.vcpu = vcpu
    return event
  }

  /// A config access that the capture reports as such.
  ///
  /// - Parameters:
  ///   - op: `config_read` or `config_write`.
  ///   - function: `0000:01:00.0`.
  ///   - register: Register offset.
  ///   - size: Bytes: 1, 2 or 4.
  /// - Returns: The event, of vCPU 0.
  public static func config(
    _ op: String, _ function: String, _ register: UInt64, _ size: Int
  ) -> NaiveEvent {
    var event = NaiveEvent(op)
    event.function = function
    event.register = register
    event.size = size
    return event
  }

  /// A copy with changes: `.store(0, 8).with { $0.release = true }`.
  public func with(_ change: (inout NaiveEvent) -> Void) -> NaiveEvent {
    var copy = self
    change(&copy)
    return copy
  }
}
