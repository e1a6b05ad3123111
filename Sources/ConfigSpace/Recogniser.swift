/// The part of a config write that falls on one register.
struct RegisterWrite: Equatable {
  /// Written bits in place; zero outside ``mask``.
  var value: UInt32
  /// Bits of the register that the write covers.
  var mask: UInt32
  /// Which of the rule's registers, from 0.
  var index = 0
  /// It began at a register before this one.
  let beginsBefore: Bool

  /// Cuts a register out of a write of any width.
  ///
  /// - Parameters:
  ///   - value: Written value.
  ///   - start: First byte written.
  ///   - size: Bytes written, 1 to 4.
  ///   - register: First byte of the register.
  ///   - width: Bytes of the register, 1 to 4.
  init(value: UInt32, at start: Int, size: Int, register: Int, width: Int) {
    let distance = start - register
    beginsBefore = distance < 0
    guard abs(distance) < 4 else {
      self.value = 0
      mask = 0
      return
    }
    let written = Self.ones(size)
    let shift = 8 * abs(distance)
    let place = { (bits: UInt64) -> UInt32 in
      UInt32(truncatingIfNeeded: (distance < 0 ? bits >> shift : bits << shift) & Self.ones(width))
    }
    self.value = place(UInt64(value) & written)
    mask = place(written)
  }

  private static func ones(_ bytes: Int) -> UInt64 { (1 << UInt64(8 * bytes)) - 1 }

  /// The write covers the bit.
  func covers(_ bit: Int) -> Bool { mask >> UInt32(bit) & 1 == 1 }
  /// The write covers the bit and writes a one.
  func sets(_ bit: Int) -> Bool { value >> UInt32(bit) & 1 == 1 }
  /// The write covers the bit and writes a zero.
  func clears(_ bit: Int) -> Bool { covers(bit) && !sets(bit) }
}

/// Where a rule's register lies.
enum RegisterLocation: Sendable {
  case header(Int)
  case capability(Capability, Int)

  /// Byte offset in the function, nil where the capability was not found.
  func register(in shadow: FunctionShadow) -> Int? {
    switch self {
    case .header(let offset): offset
    case .capability(let capability, let offset): shadow.layout[capability].map { $0 + offset }
    }
  }
}

/// What a rule makes of a write.
enum Verdict: Equatable, Sendable {
  case nothing
  case event(ConfigEvent.Kind)
  /// The capture does not show enough: no event, but counted.
  case unknown(ConfigOddity)
  case eventAndUnknown(ConfigEvent.Kind, ConfigOddity)
}

/// One rule: which write to which register means what.
///
/// Rules see a function as it was before the write.
struct Recogniser: Sendable {
  let location: RegisterLocation
  /// Bytes of the register, 1 to 4.
  let width: Int
  /// Registers of that width, one after the other.
  var count = 1
  let check: @Sendable (RegisterWrite, FunctionShadow) -> Verdict

  /// Every rule, in the order in which events of one write are reported.
  static let all: [Recogniser] = [
    .memoryEnable, .baseAddress, .busReset, .functionLevelReset, .advancedFeaturesReset,
    .powerState, .linkDisable, .slotPower, .containmentTrigger, .containmentRelease, .cxlReset,
    .cxlBusResetUnmask, .virtualFunctionEnable, .virtualMemoryEnable,
  ]
}

extension RegisterWrite {
  /// A level that turns something on or off, against the bit's old value.
  ///
  /// - Parameters:
  ///   - bit: Bit of the register.
  ///   - old: Value before; a write that repeats it says nothing.
  ///   - on: Event of a one, where the bit was not known to be one.
  ///   - off: Event of a zero.
  ///   - offNeedsOld: A zero counts only where the bit is known to have been one.
  /// - Returns: What the write says of the bit.
  func edge(
    _ bit: Int, old: Bool?, on: Verdict, off: Verdict, offNeedsOld: Bool = true
  ) -> Verdict {
    guard covers(bit), old != sets(bit) else { return .nothing }
    if sets(bit) { return on }
    return old == nil && offNeedsOld ? .nothing : off
  }
}
