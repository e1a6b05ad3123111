import Ordering
import TraceCore

/// A load or store by its name: one row of the table that parser and printer share.
struct Mnemonic {
  var name: String
  var direction: Access.Direction
  var form: Access.Form
  var order: Access.Order
  /// Bytes; nil where `size N` must follow.
  var size: Int?

  init(
    _ name: String, _ direction: Access.Direction, _ form: Access.Form,
    _ order: Access.Order = .plain, size: Int? = nil
  ) {
    self.name = name
    self.direction = direction
    self.form = form
    self.order = order
    self.size = size
  }

  /// One row for each register width, as A64 spells them, and one without.
  private static func family(
    _ name: String, _ direction: Access.Direction, _ form: Access.Form,
    _ order: Access.Order = .plain
  ) -> [Mnemonic] {
    [("B", 1), ("H", 2), (".W", 4), (".X", 8)].map {
      Mnemonic(name + $0.0, direction, form, order, size: $0.1)
    } + [Mnemonic(name, direction, form, order)]
  }

  private static func pair(_ name: String, _ direction: Access.Direction) -> [Mnemonic] {
    [(".W", 8), (".X", 16), (".Q", 32)].map {
      Mnemonic(name + $0.0, direction, .pair, size: $0.1)
    } + [Mnemonic(name, direction, .pair)]
  }

  /// Where two rows say the same, the printer takes the first.
  static let all: [Mnemonic] =
    family("STR", .store, .single) + family("LDR", .load, .single)
    + family("STLR", .store, .single, .release) + family("LDAR", .load, .single, .acquire)
    + family("LDAPR", .load, .single, .acquirePC)
    + family("STXR", .store, .exclusive) + family("LDXR", .load, .exclusive)
    + family("STLXR", .store, .exclusive, .release) + family("LDAXR", .load, .exclusive, .acquire)
    + family("SWP", .store, .exclusive)
    + pair("STP", .store) + pair("LDP", .load)
    + [
      Mnemonic("STR.Q", .store, .vector, size: 16), Mnemonic("LDR.Q", .load, .vector, size: 16),
      Mnemonic("ST1", .store, .vector), Mnemonic("LD1", .load, .vector),
      Mnemonic("STR.Z", .store, .scalable), Mnemonic("LDR.Z", .load, .scalable),
      Mnemonic("SETP", .store, .memoryCopy), Mnemonic("CPYP", .load, .memoryCopy),
      Mnemonic("ST64B", .store, .single64, size: 64),
      Mnemonic("LD64B", .load, .single64, size: 64),
      Mnemonic("ST64BV", .store, .single64WithStatus, size: 64),
      // What a trace holds: bytes without the instruction.
      Mnemonic("ST", .store, .recorded), Mnemonic("LD", .load, .recorded),
    ]

  static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
}

/// A Linux accessor: an access and the barrier that it brings (arch/arm64/include/asm/io.h).
struct LinuxAccessor {
  var direction: Access.Direction
  var size: Int
  /// Before a store, after a load; nil for the relaxed ones.
  var barrier: Barrier?

  static let byName: [String: LinuxAccessor] = {
    var table: [String: LinuxAccessor] = [:]
    for (letter, size) in [("b", 1), ("w", 2), ("l", 4), ("q", 8)] {
      for (name, direction, kind) in [
        ("write", Access.Direction.store, Barrier.Kind.dmbST), ("read", .load, .dmbLD),
      ] {
        let barrier = Barrier(kind, .outerShareable)
        table[name + letter] = LinuxAccessor(direction: direction, size: size, barrier: barrier)
        table[name + letter + "_relaxed"] = LinuxAccessor(direction: direction, size: size)
      }
    }
    return table
  }()
}

/// Barriers by the names that a text may use.
enum BarrierName {
  /// Linux's barriers (arch/arm64/include/asm/barrier.h); `io_stop_wc` is a DGH.
  static let linux: [String: Barrier] = [
    "mb": Barrier(.dsbSY), "rmb": Barrier(.dsbLD), "wmb": Barrier(.dsbST),
    "dma_mb": Barrier(.dmbSY, .outerShareable), "dma_rmb": Barrier(.dmbLD, .outerShareable),
    "dma_wmb": Barrier(.dmbST, .outerShareable), "smp_mb": Barrier(.dmbSY, .innerShareable),
    "smp_rmb": Barrier(.dmbLD, .innerShareable), "smp_wmb": Barrier(.dmbST, .innerShareable),
    "dgh": Barrier(.dgh), "io_stop_wc": Barrier(.dgh), "isb": Barrier(.isb),
  ]

  /// Operands of DMB and DSB: `SY`, `ST`, `LD`, and each domain alone, with ST and with LD.
  static let operands: [(name: String, access: Int, domain: Barrier.Domain)] =
    [("SY", 0, .unspecified), ("ST", 1, .unspecified), ("LD", 2, .unspecified)]
    + [("ISH", .innerShareable), ("OSH", .outerShareable), ("NSH", .nonShareable)].flatMap {
      (name: String, domain: Barrier.Domain) in
      [(name, 0, domain), (name + "ST", 1, domain), (name + "LD", 2, domain)]
    }

  private static let kinds: [String: [Barrier.Kind]] = [
    "DMB": [.dmbSY, .dmbST, .dmbLD], "DSB": [.dsbSY, .dsbST, .dsbLD],
  ]

  /// The barrier of `DMB OSHST` and the like.
  static func barrier(_ instruction: String, _ operand: String) -> Barrier? {
    guard let kinds = kinds[instruction], let row = operands.first(where: { $0.name == operand })
    else { return nil }
    return Barrier(kinds[row.access], row.domain)
  }

  static func text(_ barrier: Barrier) -> String {
    for (instruction, kinds) in kinds {
      guard let access = kinds.firstIndex(of: barrier.kind) else { continue }
      let row = operands.first { $0.access == access && $0.domain == barrier.domain }
      return instruction + " " + (row?.name ?? "SY")
    }
    return barrier.kind == .isb ? "ISB" : "DGH"
  }
}

/// What a config write's effect is written as, and the register that it stands for.
///
/// Offsets of Command and Bridge Control: PCI Express Base Specification, 7.5.1. That the PCI
/// Express capability lies at 0x70 is assumed; an offset may be given.
struct ConfigEffectName {
  var offset: Int
  var size: Int
  var value: UInt64

  /// Memory Space Enable: bit 1 of Command.
  static let memoryDisable = ConfigEffectName(offset: 0x04, size: 2, value: 0)
  static let memoryEnable = ConfigEffectName(offset: 0x04, size: 2, value: 2)
  /// Initiate Function Level Reset: bit 15 of Device Control.
  static let reset = ConfigEffectName(offset: 0x78, size: 2, value: 0x8000)
  /// Secondary Bus Reset: bit 6 of Bridge Control, in the port's header.
  static let bridgeReset = ConfigEffectName(offset: 0x3e, size: 2, value: 0x40)
  /// Any other register: an offset must be given.
  static let none = ConfigEffectName(offset: 0, size: 4, value: 0)

  static func register(of effect: Access.ConfigEffect) -> ConfigEffectName {
    switch effect {
    case .none: none
    case .reset: reset
    case .bridgeReset: bridgeReset
    case .memoryDisable: memoryDisable
    case .memoryEnable: memoryEnable
    }
  }
}

/// Names of an access's form and order as trailing words, for what no mnemonic says.
enum AccessWords {
  static let forms: [(name: String, form: Access.Form)] = [
    ("single", .single), ("pair", .pair), ("vector", .vector), ("scalable", .scalable),
    ("memory-copy", .memoryCopy), ("single64", .single64),
    ("single64-status", .single64WithStatus), ("exclusive", .exclusive),
    ("zero-block", .zeroBlock), ("recorded", .recorded),
  ]
  static let orders: [(name: String, order: Access.Order)] = [
    ("acquire", .acquire), ("acquire-pc", .acquirePC), ("release", .release),
  ]
}
