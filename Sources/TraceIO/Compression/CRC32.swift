internal import CZlib

/// CRC-32 as in zlib and IEEE 802.3 (reflected polynomial 0xedb88320); 0 of no bytes.
func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  unsafe bytes.withUnsafeBufferPointer { buffer in
    let sum = unsafe CZlib.crc32(0, buffer.baseAddress, UInt32(buffer.count))
    return UInt32(truncatingIfNeeded: sum)
  }
}

func crc32(_ bytes: [UInt8]) -> UInt32 { crc32(bytes[...]) }
