import Foundation

/// What pcie-bench/pcie-model computes, in a few lines of arithmetic over its own tables.
///
/// Written from what `model/pcie.py` and `model/mem_bw.py` do (github.com/pcie-bench/pcie-model at
/// 40703cf), for reads and writes of a size with full bandwidth in both directions.
struct PcieBenchOracle {
  var generation: Int
  var lanes: Int
  var mps: Int
  var mrrs: Int
  var rcb = 64
  var rcbChunks = false
  var addressBits = 64
  var ecrc = false

  static let widths = [1, 2, 4, 8, 16, 32]
  static let payloads = [128, 256, 512, 1024, 2048, 4096]

  /// `Ack_Limits` of gen1, gen2 and gen3 by width and payload; gen4 to gen7 copy gen3.
  ///
  /// `FC_Guide` is the same but for what ``mistyped`` lists.
  static let limits: [[[Double]]] = [
    [
      [237, 416, 559, 1071, 2095, 4143], [128, 217, 289, 545, 1057, 2081],
      [73, 118, 154, 282, 538, 1050], [67, 107, 86, 150, 278, 534],
      [48, 72, 86, 150, 278, 534], [33, 45, 52, 84, 148, 276],
    ],
    [
      [288, 467, 610, 1122, 2146, 4194], [179, 268, 340, 596, 1108, 2132],
      [124, 169, 205, 333, 589, 1101], [118, 158, 137, 201, 329, 585],
      [99, 123, 137, 201, 329, 585], [84, 96, 103, 135, 199, 237],
    ],
    [
      [333, 512, 655, 1167, 2191, 4239], [224, 313, 385, 641, 1153, 2177],
      [169, 214, 250, 378, 634, 1146], [163, 203, 182, 246, 374, 630],
      [144, 168, 182, 246, 374, 630], [129, 141, 148, 180, 244, 372],
    ],
  ]

  /// The two entries that break the relation all others keep, with what the formula gives.
  static let mistyped:
    [(table: String, generation: Int, lanes: Int, mps: Int, printed: Double, formula: Double)] = [
      ("Ack_Limits", 2, 32, 4096, 237, 327), ("FC_Guide", 1, 32, 2048, 248, 148),
    ]

  static func ackLimit(_ generation: Int, _ lanes: Int, _ mps: Int) -> Double {
    guard let row = widths.firstIndex(of: lanes), let column = payloads.firstIndex(of: mps) else {
      return .nan
    }
    return limits[min(generation, 3) - 1][row][column]
  }

  static func updateLimit(_ generation: Int, _ lanes: Int, _ mps: Int) -> Double {
    switch (generation, lanes, mps) {
    case (1, 32, 2048): 248
    case (2, 32, 4096): 327
    default: ackLimit(generation, lanes, mps)
    }
  }

  /// Gb/s.
  var raw: Double {
    let transfers = [2.5, 5, 8, 16, 32, 64, 128][generation - 1]
    let code = generation < 3 ? 8.0 / 10 : generation < 6 ? 128.0 / 130 : 242.0 / 256
    return transfers * code * Double(lanes)
  }

  /// Gb/s of TLPs: the DLLPs' 8 bytes over limits of one lane.
  var tlpRate: Double {
    raw
      * (1 - 8 / Self.ackLimit(generation, lanes, mps)
        - 8 / Self.updateLimit(generation, lanes, mps) - 4.0 / 1538)
  }

  private var digest: Double { ecrc ? 4 : 0 }
  private var request: Double { (addressBits == 64 ? 24 : 20) + digest }
  private func parts(_ size: Int, _ limit: Int) -> Double { ceil(Double(size) / Double(limit)) }

  private func written(_ size: Int) -> Double { parts(size, mps) * request + Double(size) }
  private func asked(_ size: Int) -> Double { parts(size, mrrs) * request }
  private func answered(_ size: Int) -> Double {
    parts(size, rcbChunks ? rcb : mps) * (20 + digest) + Double(size)
  }

  /// `write`, in Gb/s.
  func write(_ size: Int) -> Double { Double(size) * tlpRate / written(size) }

  /// `read`: bound by the requests or by the completions.
  func read(_ size: Int) -> Double { Double(size) * tlpRate / max(asked(size), answered(size)) }

  /// `read_write`, each direction.
  func readWrite(_ size: Int) -> Double {
    Double(size) * tlpRate / max(answered(size), written(size) + asked(size))
  }
}
