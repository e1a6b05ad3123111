/// U+FEFF in UTF-8, which editors of some systems put in front of a text.
enum ByteOrderMark {
  static let bytes: [UInt8] = [0xef, 0xbb, 0xbf]
  static var size: Int { bytes.count }
}

extension [UInt8] {
  var startsWithByteOrderMark: Bool { starts(with: ByteOrderMark.bytes) }
}
