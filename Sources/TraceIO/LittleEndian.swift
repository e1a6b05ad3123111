/// Little-endian numbers at the end of a byte array.
extension Array where Element == UInt8 {
  mutating func append(little value: some FixedWidthInteger) {
    unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
  }

  /// Appends the lowest bytes of every number.
  mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(
    little numbers: Span<UInt64>, as type: Number.Type
  ) {
    let start = count
    let size = MemoryLayout<Number>.size
    append(contentsOf: repeatElement(0, count: numbers.count * size))
    unsafe withUnsafeMutableBytes { bytes in
      for index in numbers.indices {
        unsafe bytes.storeBytes(
          of: Number(truncatingIfNeeded: numbers[index]).littleEndian,
          toByteOffset: start + index * size, as: type)
      }
    }
  }

  /// The number at an offset; the caller has checked that it lies inside.
  func little<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, at offset: Int
  ) -> Number {
    unsafe span.bytes.little(type, at: offset)
  }
}

extension RawSpan {
  /// The number at an offset; traps outside of the span.
  @inline(__always)
  func little<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, at offset: Int
  ) -> Number {
    Number(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: type))
  }
}
