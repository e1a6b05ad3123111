import CZstd
import Foundation

/// Captures for the tests of bad input, small enough to be seen through.
enum Inputs {
  static let csvHeader = "op,vcpu,addr,size\n"
  static let csv = csvHeader + "store,0,0x10000000,8\nstore,0,0x10000008,8\n"

  /// A write of QEMU's log back end to a BAR.
  static func logLine(_ number: Int) -> String {
    let address = String(0x1000_0000 + 4 * number, radix: 16)
    return "4711@17.\(100_000 + number):memory_region_ops_write cpu 0 mr 0x5500 "
      + "addr 0x\(address) value 0xfeedbeef size 4 name 'nvme'\n"
  }

  static func log(_ count: Int) -> String { (0..<count).map(logLine).joined() }

  /// A CSV that is bad only in its last row, far behind the first block of records.
  static var lateFault: String {
    csvHeader + String(repeating: "store,0,0x10000000,8\n", count: 100_000) + "stoer,0,0x10,8\n"
  }

  /// Bytes that look like nothing: a fixed sequence (SplitMix64; Steele, Lea, Flood 2014).
  static func junk(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return UInt8(truncatingIfNeeded: mixed ^ mixed >> 31)
    }
  }

  /// One zstd frame with a checksum, as `zstd` writes it.
  static func zstd(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    guard let context = unsafe ZSTD_createCCtx() else { return [] }
    defer { _ = unsafe ZSTD_freeCCtx(context) }
    _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let size = unsafe frame.withUnsafeMutableBytes { target in
      unsafe bytes.withUnsafeBytes { source in
        unsafe ZSTD_compress2(
          context, target.baseAddress, target.count, source.baseAddress, source.count)
      }
    }
    return Array(frame.prefix(size))
  }
}
