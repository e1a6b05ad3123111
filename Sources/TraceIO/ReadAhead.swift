public import TraceCore

/// Reads, decompresses and hashes a source on another core while what was read is being parsed.
public final class ReadAhead: ByteSource {
  /// What the other core has read.
  private final class Chunk {
    var bytes = [UInt8](repeating: 0, count: ReadAhead.capacity)
    var count = 0
    var progress: (consumed: UInt64, total: UInt64?)
    var sha256: String?
    private let source: any ByteSource

    init(_ source: any ByteSource) {
      self.source = source
      progress = source.progress
    }

    func fill() throws(TraceError) {
      count = try source.read(into: &bytes, from: 0)
      progress = source.progress
      sha256 = source.sha256
    }
  }

  private static let capacity = 1 << 20

  public let path: String
  public private(set) var progress: (consumed: UInt64, total: UInt64?)
  public private(set) var sha256: String?
  private let next: Chunk
  private let background = BackgroundJob()
  private var bytes = [UInt8](repeating: 0, count: capacity)
  private var position = 0
  private var count = 0
  private var isStarted = false
  private var isAtEnd = false

  /// - Parameter source: Nobody else reads from it, or asks it anything, from now on.
  public init(_ source: any ByteSource) {
    path = source.path
    progress = source.progress
    next = Chunk(source)
  }

  deinit { background.end() }

  public func read(into buffer: inout [UInt8], from start: Int) throws(TraceError) -> Int {
    precondition(start < buffer.count, "nothing to read into")
    if position == count, !isAtEnd { try takeChunk() }
    let taken = min(buffer.count - start, count - position)
    buffer.replaceSubrange(start..<start + taken, with: bytes[position..<position + taken])
    position += taken
    return taken
  }

  private func takeChunk() throws(TraceError) {
    if !isStarted { startReading() }
    isStarted = true
    try background.wait()
    swap(&bytes, &next.bytes)
    (position, count) = (0, next.count)
    (progress, sha256) = (next.progress, next.sha256)
    isAtEnd = count == 0
    if !isAtEnd { startReading() }
  }

  private func startReading() {
    // Nothing else touches the chunk until the job was waited for.
    nonisolated(unsafe) let next = next
    background.start { () throws(TraceError) in try unsafe next.fill() }
  }
}

extension InputFile {
  /// The content, read ahead where there is more of it than was looked at.
  public var readAhead: any ByteSource {
    head.count < Self.headLimit ? self : ReadAhead(self)
  }
}
