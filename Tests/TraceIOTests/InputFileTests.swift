import FoundationEssentials
import TestSupport
import Testing
import TraceCore
import TraceIO

struct InputFileTests {
  let scratch: Scratch
  /// Longer than the head and than any buffer, and hardly compressible in parts.
  let text: [UInt8]

  init() throws {
    scratch = try Scratch()
    var random = SplitMix64(seed: 1)
    text = (0..<700_000).map { _ in UInt8.random(in: 32...126, using: &random) }
  }

  /// RFC 8878 section 3.1.1: a frame with a window of 2 GiB (exponent 21, mantissa 0), neither
  /// content size nor checksum, and one raw block of three bytes, the last.
  let wideWindow: [UInt8] =
    [0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 3 << 3 | 1, 0, 0] + Array("hi\n".utf8)

  @Test(arguments: [1000, 65_536, 1 << 20])
  func `a plain file is read from its first byte although its head was looked at`(
    chunk: Int
  ) throws {
    let input = try openInput(path: scratch.file("a.txt", text))
    #expect(input.encoding == .plain)
    #expect(input.name == "a.txt")
    #expect(input.head == Array(text.prefix(65_536)))
    #expect(try readAll(input, chunk: chunk) == text)
    #expect(input.progress.consumed == 700_000)
    #expect(input.progress.total == 700_000)
  }

  @Test func `the checksum is that of the stored bytes, known at the end`() throws {
    // FIPS 180-4, example "abc".
    let plain = try openInput(path: scratch.file("abc", Array("abc".utf8)))
    _ = try readAll(plain)
    #expect(
      plain.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    // Printed by sha256sum for the twelve bytes of `wideWindow`.
    let compressed = try openInput(path: scratch.file("wide.zst", wideWindow))
    #expect(try readAll(compressed) == Array("hi\n".utf8))
    #expect(
      compressed.sha256 == "239befc43111dcc832d0f6d91fbce0f2fc7d8b1998a546d500a8883270ead048")
    let long = try openInput(path: scratch.file("long", text))
    #expect(long.sha256 == nil)
  }

  @Test func `zstd frames of every kind are read one after the other`() throws {
    let stored =
      skippable([1, 2, 3]) + zstdFrame(Array(text[..<100_000])) + zstdFrame([])
      + zstdFrame(Array(text[100_000..<100_001]), hasSize: false) + skippable([])
      + zstdFrame(Array(text[100_001...])) + wideWindow + skippable([UInt8](repeating: 7, count: 9))
    let input = try openInput(path: scratch.file("many.zst", stored))
    #expect(input.encoding == .zstd)
    #expect(try readAll(input) == text + Array("hi\n".utf8))
    #expect(input.progress.consumed == UInt64(stored.count))
  }

  @Test func `compressed data cut at any byte is an error unless a frame ends there`() throws {
    let first = zstdFrame(Array("first frame\n".utf8))
    let stored = first + skippable([1, 2, 3, 4]) + zstdFrame(Array("second\n".utf8))
    let whole = [0, first.count, first.count + 12, stored.count]
    for size in 4..<stored.count {
      let path = try scratch.file("cut.zst", Array(stored.prefix(size)))
      let outcome = Result { () throws(TraceError) in try readAll(openInput(path: path)) }
      switch outcome {
      case .success(let content):
        #expect(whole.contains(size))
        #expect(content == Array("first frame\n".utf8))
      case .failure(let error):
        #expect(!whole.contains(size))
        #expect(error.code == .truncated)
        #expect(error.byteOffset == UInt64(size))
        #expect(error.file == path)
      }
    }
  }

  @Test func `bytes that are no frame after a frame are an error with their place`() throws {
    let frame = zstdFrame(Array("text\n".utf8))
    let path = try scratch.file("junk.zst", frame + Array("no frame here".utf8))
    let error = #expect(throws: TraceError.self) { try readAll(openInput(path: path)) }
    #expect(error?.code == .compression)
    #expect(error?.byteOffset == UInt64(frame.count))
  }

  @Test func `a flipped bit in compressed data never gives other data`() throws {
    let content = Array("the quick brown fox jumps over the lazy dog\n".utf8)
    let stored = zstdFrame(content)
    for bit in 0..<stored.count * 8 {
      var damaged = stored
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      let path = try scratch.file("flip.zst", damaged)
      // A flip in the magic number makes it a plain file, which is then given as it is.
      let outcome = Result { () throws(TraceError) in try readAll(openInput(path: path)) }
      if case .success(let got) = outcome { #expect(got == content || got == damaged) }
    }
  }

  @Test func `what cannot be opened is an error with path and reason`() throws {
    let missing = #expect(throws: TraceError.self) {
      try openInput(path: scratch.path("none"))
    }
    #expect(missing?.code == .io)
    #expect(missing?.file == scratch.path("none"))
    #expect(missing?.message.contains("No such file") == true)
    let folder = #expect(throws: TraceError.self) { try openInput(path: scratch.folder) }
    #expect(folder?.code == .io)
    #expect(folder?.message.contains("directory") == true)
  }

  @Test func `inputs without content are called empty`() throws {
    for (name, bytes) in [
      ("empty", []), ("empty.zst", zstdFrame([])), ("skip.zst", skippable([1])),
    ] {
      let path = try scratch.file(name, bytes)
      let error = #expect(throws: TraceError.self) { try openInput(path: path) }
      #expect(error?.code == .empty, "\(name)")
    }
    #expect(throws: TraceError.self) { try openInput(path: "/dev/null") }
  }
}
