import CBzip2
import CLZ4
import CLzma
import CZlib
import TestSupport
import Testing
import TraceCore
import TraceIO

/// gzip, xz, bzip2 and LZ4 inputs; what is read was written by the libraries' own compressors.
struct CompressionTests {
  enum Form: CaseIterable {
    case gzip, xz, bzip2, lz4

    var encoding: InputFile.Encoding {
      switch self {
      case .gzip: .gzip
      case .xz: .xz
      case .bzip2: .bzip2
      case .lz4: .lz4
      }
    }

    /// One member, stream or frame.
    func compress(_ bytes: [UInt8]) -> [UInt8] {
      var result = [UInt8](repeating: 0, count: bytes.count + bytes.count / 50 + 4096)
      let count = unsafe result.withUnsafeMutableBytes { target in
        unsafe bytes.withUnsafeBytes { source in
          switch self {
          case .gzip: unsafe Self.gzip(source, target)
          case .xz: unsafe Self.xz(source, target)
          case .bzip2: unsafe Self.bzip2(source, target)
          case .lz4: unsafe Self.lz4(source, target)
          }
        }
      }
      return Array(result.prefix(count))
    }

    @unsafe
    private static func gzip(
      _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
    ) -> Int {
      var stream = unsafe z_stream()
      let size = unsafe Int32(MemoryLayout<z_stream>.size)
      _ = unsafe deflateInit2_(
        &stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
      defer { _ = unsafe deflateEnd(&stream) }
      unsafe stream.next_in = UnsafeMutablePointer(
        mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
      unsafe stream.avail_in = UInt32(source.count)
      unsafe stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.avail_out = UInt32(target.count)
      _ = unsafe deflate(&stream, Z_FINISH)
      return unsafe target.count - Int(stream.avail_out)
    }

    @unsafe
    private static func xz(
      _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
    ) -> Int {
      var place = 0
      _ = unsafe lzma_easy_buffer_encode(
        1, LZMA_CHECK_CRC64, nil, source.baseAddress?.assumingMemoryBound(to: UInt8.self),
        source.count, target.baseAddress?.assumingMemoryBound(to: UInt8.self), &place,
        target.count)
      return place
    }

    @unsafe
    private static func bzip2(
      _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
    ) -> Int {
      var count = UInt32(target.count)
      _ = unsafe BZ2_bzBuffToBuffCompress(
        target.baseAddress?.assumingMemoryBound(to: CChar.self), &count,
        UnsafeMutablePointer(mutating: source.baseAddress?.assumingMemoryBound(to: CChar.self)),
        UInt32(source.count), 1, 0, 0)
      return Int(count)
    }

    @unsafe
    private static func lz4(
      _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
    ) -> Int {
      var preferences = LZ4F_preferences_t()
      preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
      return unsafe LZ4F_compressFrame(
        target.baseAddress, target.count, source.baseAddress, source.count, &preferences)
    }
  }

  let scratch: Scratch
  /// Longer than the head and than any buffer, and hardly compressible.
  let text: [UInt8]

  init() throws {
    scratch = try Scratch()
    var random = SplitMix64(seed: 7)
    text = (0..<700_000).map { _ in UInt8.random(in: 32...126, using: &random) }
  }

  @Test(arguments: Form.allCases)
  func `members that follow each other are one content`(_ form: Form) throws {
    let stored =
      form.compress(Array(text[..<100_000])) + form.compress([])
      + form.compress(Array(text[100_000..<100_001])) + form.compress(Array(text[100_001...]))
    for chunk in [777, 65_536, 1 << 20] {
      let input = try openInput(path: scratch.file("many", stored))
      #expect(input.encoding == form.encoding && input.encoding.isCompressed)
      #expect(input.head == Array(text.prefix(65_536)))
      #expect(try readAll(input, chunk: chunk) == text)
      #expect(input.progress.consumed == UInt64(stored.count))
      #expect(input.sha256?.count == 64)
    }
  }

  /// LZ4 Frame Format 1.6.2 and RFC 8878 have the same skippable frames.
  @Test func `skippable frames ahead of LZ4 are skipped`() throws {
    let frame = Form.lz4.compress(text)
    for ahead in [[0], [5, 70], [60_000]] {
      let stored = ahead.flatMap { skippable([UInt8](repeating: 0x21, count: $0)) } + frame
      let input = try openInput(path: scratch.file("skip", stored))
      #expect(input.encoding == .lz4)
      #expect(try readAll(input) == text)
    }
  }

  @Test(arguments: Form.allCases)
  func `a native trace is told inside a compressed file`(_ form: Form) throws {
    let builder = BlockBuilder(Block())
    builder.append(RecordClass(.store, size: 8), address: 0x1000, time: 1)
    let native = try scratch.file("t.mmt", [])
    let output = try OutputFile(path: native)
    let writer = try NativeTraceWriter(to: output, context: TraceContext(name: "t", format: "csv"))
    try writer.write(builder.block)
    try writer.finish()
    try output.commit()
    let stored = form.compress(try readAll(openInput(path: native)))
    let input = try openInput(path: scratch.file("t.mmt.packed", stored))
    #expect(input.isNativeTrace && input.encoding == form.encoding)
    let reader = try NativeTraceReader(input)
    let block = Block()
    #expect(try reader.next(into: block) && block.count == 1)
    #expect(try !reader.next(into: block))
    #expect(reader.context.totals?.stores == 1)
  }

  @Test func `zero bytes behind gzip and xz are padding`() throws {
    for form in [Form.gzip, .xz] {
      let stored = form.compress(Array("a\n".utf8)) + [0, 0, 0, 0] + form.compress(Array("b".utf8))
      let input = try openInput(path: scratch.file("padded", stored + [0, 0, 0, 0]))
      #expect(try readAll(input) == Array("a\nb".utf8))
    }
  }

  @Test(arguments: Form.allCases)
  func `data cut at any byte is an error unless a member ends there`(_ form: Form) throws {
    let first = form.compress(Array("first member\n".utf8))
    let stored = first + form.compress(Array("second\n".utf8))
    for size in 10..<stored.count {
      let path = try scratch.file("cut", Array(stored.prefix(size)))
      let outcome = Result { () throws(TraceError) in try readAll(openInput(path: path)) }
      switch outcome {
      case .success(let content):
        #expect(size == first.count)
        #expect(content == Array("first member\n".utf8))
      case .failure(let error):
        #expect(size != first.count)
        #expect(error.code == .truncated, "\(size): \(error)")
        #expect(error.file == path)
        #expect(error.byteOffset == UInt64(size))
      }
    }
  }

  @Test(arguments: Form.allCases)
  func `junk behind a member is an error`(_ form: Form) throws {
    let stored = form.compress(Array("text\n".utf8)) + Array("no member here".utf8)
    let error = #expect(throws: TraceError.self) {
      try readAll(openInput(path: scratch.file("junk", stored)))
    }
    #expect(error?.code == .compression)
  }

  @Test(arguments: Form.allCases)
  func `a flipped bit never gives other data`(_ form: Form) throws {
    let content = Array("the quick brown fox jumps over the lazy dog\n".utf8)
    let stored = form.compress(content)
    for bit in 0..<stored.count * 8 {
      var damaged = stored
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      let path = try scratch.file("flip", damaged)
      // A flip in the magic number makes it a plain file, which is then given as it is.
      let outcome = Result { () throws(TraceError) in try readAll(openInput(path: path)) }
      if case .success(let got) = outcome { #expect(got == content || got == damaged) }
    }
  }

  @Test(arguments: Form.allCases)
  func `compressed nothing is called empty`(_ form: Form) throws {
    let error = #expect(throws: TraceError.self) {
      try openInput(path: scratch.file("empty", form.compress([])))
    }
    #expect(error?.code == .empty)
  }
}
