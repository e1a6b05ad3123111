/// How the cost of Ack and UpdateFC DLLPs is taken off a link's rate.
public enum DLLPAccounting: Sendable, CaseIterable {
  /// Right: a DLLP's 8 bytes share all lanes, so its part of the link falls with the lanes.
  case allLanes
  /// The accounting of pcie-bench/pcie-model, put back on purpose.
  ///
  /// Its `model/pcie.py` divides the 8 bytes of a DLLP by a limit in symbol times *of one lane*
  /// without multiplying by the lanes, which charges an x16 link 16 times. The limits are its
  /// table's whole numbers, two mistyped entries among them; generations 6 and 7 are charged the
  /// same way behind a code of 242/256, for flit mode it does not know. With one lane and the
  /// fractions of the limits kept, both accountings agree.
  case pcieBench
}

/// What pcie-bench/pcie-model takes off a link's rate (github.com/pcie-bench/pcie-model,
/// `model/pcie.py` at 40703cf: `Gbs`, `Ack_Limits`, `FC_Guide` and `TLP_bw`).
enum PcieBench {
  /// As ``LinkRate`` has it, but 242 of 256 in generations 6 and 7.
  static func codeEfficiency(_ generation: Int) -> Double {
    generation < 6 ? LinkRate.codeEfficiency(generation: generation) : 242.0 / 256
  }

  static func tlpShare(_ link: LinkConfiguration) -> Double {
    let limit = tabulatedLimit(link)
    let acknowledge = isMistyped(link, 2, 4096) ? 237 : limit
    let update = isMistyped(link, 1, 2048) ? 248 : limit
    return 1 - (8 / acknowledge + 8 / update + 4 / 1538)
  }

  /// The specification's formula rounded down; generations 6 and 7 copy 5, as 3 to 5 are one.
  private static func tabulatedLimit(_ link: LinkConfiguration) -> Double {
    LinkRate.updateLimit(
      generation: link.generation, lanes: link.lanes, maxPayload: link.maxPayload
    ).rounded(.down)
  }

  /// The two entries that break the formula, both x32: the Ack limit of generation 2 with 4096
  /// bytes is 237, not 327, and the UpdateFC limit of generation 1 with 2048 bytes 248, not 148.
  private static func isMistyped(
    _ link: LinkConfiguration, _ generation: Int, _ maxPayload: Int
  ) -> Bool {
    link.lanes == 32 && link.generation == generation && link.maxPayload == maxPayload
  }
}
