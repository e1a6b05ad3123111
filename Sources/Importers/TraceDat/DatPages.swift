import TraceCore
import TraceIO

/// The ring-buffer pages of one CPU, fetched a chunk at a time.
struct DatPages {
  /// Bytes fetched at once of pages that are not compressed.
  private static let fetch = 16
  /// Bytes of a decompressed chunk at most; trace-cmd makes ten pages.
  private static let chunkLimit: UInt64 = 16 << 20

  private let file: any RandomAccess
  private let pageSize: Int
  private let decompressor: ChunkDecompressor?
  private var offset: UInt64
  private let end: UInt64
  private var chunksLeft: UInt64?
  /// The number of chunks was found to be wrong, and told: all there are are read.
  private var isMiscounted = false
  /// Whole pages, one after the other.
  private(set) var bytes: [UInt8] = []
  /// Bytes of `bytes` that are used.
  private var filled = 0
  /// Index of the page in use.
  private(set) var page = 0
  /// Where in the file the pages, or the chunk that holds them, start.
  private(set) var place: UInt64
  private var isStarted = false
  /// The file ends inside the pages.
  private(set) var isCut = false

  var consumed: UInt64 { offset }

  init(
    _ file: any RandomAccess, _ cpu: DatLayout.CPU, pageSize: Int,
    _ method: ChunkDecompressor.Method?
  ) throws(TraceError) {
    self.file = file
    self.pageSize = pageSize
    decompressor = try method.map { method throws(TraceError) in try ChunkDecompressor(method) }
    offset = cpu.offset
    place = cpu.offset
    let (sum, over) = cpu.offset.addingReportingOverflow(cpu.size)
    end = over ? .max : sum
  }

  /// Where in the file a byte of `bytes` is; in compressed files, where its chunk is.
  func place(of index: Int) -> UInt64 { decompressor == nil ? place + UInt64(index) : place }

  /// Goes to the next page; false at the end.
  mutating func next() throws(TraceError) -> Bool {
    if isStarted, page + 2 * pageSize <= filled {
      page += pageSize
      return true
    }
    isStarted = true
    page = 0
    // Where fetching fails, no page of the chunk before may come again.
    filled = 0
    repeat {
      guard try decompressor == nil ? fetchPlain() : fetchChunk() else { return false }
    } while filled < pageSize
    return true
  }

  private mutating func fetchPlain() throws(TraceError) -> Bool {
    guard offset < end, !isCut else { return false }
    let count = min(UInt64(Self.fetch * pageSize), end - offset)
    place = offset
    bytes = try file.bytes(at: offset, count: Int(count))
    filled = bytes.count / pageSize * pageSize
    isCut = bytes.count < Int(count) || filled < Int(count)
    offset += count
    return filled > 0
  }

  /// Bytes of the two sizes in front of a chunk.
  private static let chunkHeader: UInt64 = 8
  /// Bytes of the number of chunks, which trace-cmd 3.1 does not count in a CPU's size.
  private static let countSize: UInt64 = 4

  private var hasFurtherChunk: Bool { offset < end && end - offset >= Self.chunkHeader }

  /// `u32 packed, u32 unpacked`, data; the number of chunks in front of the first.
  private mutating func fetchChunk() throws(TraceError) -> Bool {
    guard !isCut else { return false }
    var cursor = DatCursor(file, at: offset)
    do throws(TraceError) {
      if chunksLeft == nil, offset < end {
        chunksLeft = try cursor.number(Self.countSize, "a number of chunks")
        offset = cursor.offset
      }
      guard hasFurtherChunk else {
        try count(0)
        return false
      }
      try count(1)
      place = cursor.offset
      let packed = try cursor.number(4, "a packed size")
      let unpacked = try cursor.count(4, "an unpacked size", limit: Self.chunkLimit)
      let chunk = try cursor.take(packed, "a chunk")
      offset = cursor.offset
      guard offset <= end || offset - end <= Self.countSize else {
        throw DatCursor(file, at: place).error(
          .badRecord, "expected a chunk that ends with its CPU's chunks")
      }
      guard !hasFurtherChunk || unpacked % pageSize == 0 else {
        throw DatCursor(file, at: place).error(
          .badRecord, "expected a chunk of whole pages, found one of \(unpacked) bytes")
      }
      try decompressor?.decompress(chunk, size: unpacked, into: &bytes)
      filled = unpacked / pageSize * pageSize
      // As of pages that are not compressed: the recording was cut off in the last one.
      isCut = filled < unpacked
      return filled > 0 || !isCut
    } catch {
      if error.code == .truncated {
        isCut = true
        return false
      }
      throw TraceError(
        error.code, error.message, file: file.path, byteOffset: error.byteOffset ?? place)
    }
  }

  /// Takes as many off the number of chunks; there are no more than the CPU's size has room for,
  /// and no fewer.
  ///
  /// - Throws: `TraceError` once where the two numbers differ.
  private mutating func count(_ chunks: UInt64) throws(TraceError) {
    guard let left = chunksLeft, !isMiscounted else { return }
    guard chunks > 0 ? left >= chunks : left == 0 else {
      isMiscounted = true
      throw DatCursor(file, at: offset).error(
        .badRecord,
        chunks > 0
          ? "expected the end of a CPU's chunks, of whose number none is left"
          : "expected \(left) further chunks of a CPU")
    }
    chunksLeft = left - chunks
  }
}
