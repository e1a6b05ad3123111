public import TraceCore

/// An input whose first bytes have been looked at: plain, compressed or a native trace.
///
/// Reading gives the content: decompressed where the file is compressed, the stored bytes otherwise.
public final class InputFile: ByteSource {
  /// How the content is stored.
  public enum Encoding: Sendable {
    case plain
    /// One or more zstd frames; reading decompresses them.
    case zstd
    /// gzip members, xz streams, bzip2 streams or LZ4 frames; reading decompresses them.
    case gzip, xz, bzip2, lz4
    /// A native trace: hand the file to ``NativeTraceReader`` instead of reading it.
    case native

    /// The stored bytes are not the content.
    public var isCompressed: Bool { self != .plain && self != .native }
  }

  /// Bytes of ``head`` at most.
  static let headLimit = 65_536

  public let encoding: Encoding
  /// The first bytes of the content, 1 to 65 536 of them; reading gives them again.
  ///
  /// Shorter than 65 536 only when the content is.
  public let head: [UInt8]
  let raw: RawInput
  private let decompressor: (any Decompressor)?
  private var headTaken = 0

  /// The content is a native trace, also a compressed one: for ``NativeTraceReader``.
  public var isNativeTrace: Bool { Encoding(head) == .native }

  public var path: String { raw.path }
  /// Name for reports: the path's last component, or `stdin`.
  public var name: String { nameForReports(path) }
  public var progress: (consumed: UInt64, total: UInt64?) { (raw.consumed, raw.size) }
  public var sha256: String? { raw.sha256 }
  /// ``sha256`` is wanted: reading to the end gives it.
  public var isHashed: Bool { raw.isWhole }

  /// Opens a file and looks at its first bytes.
  ///
  /// - Parameters:
  ///   - path: File; `-` is standard input.
  ///   - hashes: ``sha256`` is wanted; it takes a fifth of the time of a text import.
  /// - Throws: ``TraceError`` `.io` when it cannot be opened or read, `.empty` when there is no
  ///   content, `.compression` or `.truncated` when a compressed file is damaged at its start.
  public init(path: String, hashes: Bool = true) throws(TraceError) {
    let raw = try RawInput(path: path, hashes: hashes)
    self.raw = raw
    let stored = try unsafe Self.fill { buffer throws(TraceError) in
      try unsafe raw.read(into: buffer)
    }
    guard !stored.isEmpty else {
      throw TraceError(.empty, "the input is empty", file: path)
    }
    encoding = Encoding(stored)
    guard let stream = try Self.decompressor(of: encoding, raw, head: stored) else {
      head = stored
      decompressor = nil
      return
    }
    decompressor = stream
    head = try unsafe Self.fill { buffer throws(TraceError) in
      try unsafe stream.read(into: buffer)
    }
    guard !head.isEmpty else {
      throw TraceError(.empty, "the compressed input has no content", file: path)
    }
  }

  /// What decompresses the file; nil where it is not compressed.
  private static func decompressor(
    of encoding: Encoding, _ raw: RawInput, head: [UInt8]
  ) throws(TraceError) -> (any Decompressor)? {
    switch encoding {
    case .plain, .native: nil
    case .zstd: try ZstdStream(raw, head: head)
    case .gzip: CompressedStream(raw, head: head, try GzipCodec())
    case .xz: CompressedStream(raw, head: head, try XzCodec())
    case .bzip2: CompressedStream(raw, head: head, Bzip2Codec())
    case .lz4: CompressedStream(raw, head: head, try LZ4Codec())
    }
  }

  public func read(into buffer: inout [UInt8], from start: Int) throws(TraceError) -> Int {
    precondition(start < buffer.count, "nothing to read into")
    if headTaken < head.count {
      let count = min(buffer.count - start, head.count - headTaken)
      buffer.replaceSubrange(
        start..<start + count, with: head[headTaken..<headTaken + count])
      headTaken += count
      return count
    }
    return try unsafe withBytes(of: &buffer, from: start) { rest throws(TraceError) in
      if let decompressor { return try unsafe decompressor.read(into: rest) }
      return try unsafe raw.read(into: rest)
    }
  }

  /// Collects the first bytes, up to the head's limit.
  private static func fill(
    _ read: (UnsafeMutableRawBufferPointer) throws(TraceError) -> Int
  ) throws(TraceError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: headLimit)
    var filled = 0
    while filled < bytes.count {
      let count = try unsafe withBytes(of: &bytes, from: filled, read)
      if count == 0 { break }
      filled += count
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }
}

extension InputFile: RandomAccess {
  /// Only stored bytes can be read out of order.
  public var size: UInt64? { encoding.isCompressed ? nil : raw.size }

  public func bytes(at offset: UInt64, count: Int) throws(TraceError) -> [UInt8] {
    try raw.bytes(at: offset, count: count)
  }

  public func seek(to offset: UInt64) throws(TraceError) {
    headTaken = head.count
    try raw.seek(to: offset)
  }
}

extension InputFile.Encoding {
  /// Tells the encoding from a file's first bytes.
  init(_ stored: [UInt8]) {
    func word(_ place: Int) -> UInt32 {
      stored.dropFirst(place).prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    var magic = word(0)
    // Zstandard and LZ4 have skippable frames in common; what follows them tells which it is.
    var place = 0
    while Self.isSkippable(word(place)), place + 12 <= stored.count {
      place += 8 + Int(word(place + 4))
      if place + 4 <= stored.count, word(place) == Self.lz4Magic { magic = Self.lz4Magic }
    }
    if stored.count < 4 {
      self = .plain
    } else if magic == NativeFormat.headerMagic, stored.dropFirst(8).starts(with: "MMT".utf8) {
      self = .native
    } else if magic == 0xfd2f_b528 || Self.isSkippable(magic) {
      self = .zstd
    } else if stored.starts(with: [0x1f, 0x8b, 8]) {
      self = .gzip
    } else if stored.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) {
      self = .xz
    } else if stored.starts(with: "BZh".utf8), (0x31...0x39).contains(stored[3]),
      stored.dropFirst(4).starts(with: [0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
        || stored.dropFirst(4).starts(with: [0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
    {
      self = .bzip2
    } else if magic == Self.lz4Magic {
      self = .lz4
    } else {
      self = .plain
    }
  }

  private static let lz4Magic: UInt32 = 0x184d_2204

  private static func isSkippable(_ magic: UInt32) -> Bool { magic & ~15 == 0x184d_2a50 }
}

/// Opens an input; see ``InputFile/init(path:hashes:)``.
///
/// - Parameters:
///   - path: File; `-` is standard input.
///   - hashes: The input's SHA-256 is wanted.
/// - Returns: The input, at its first byte.
/// - Throws: ``TraceError`` when it cannot be opened, is empty or is damaged at its start.
public func openInput(path: String, hashes: Bool = true) throws(TraceError) -> InputFile {
  try InputFile(path: path, hashes: hashes)
}
