internal import TraceCore

/// The columns of one block that stay compressed until they are asked for.
///
/// Has its own decompressor, so that a block can be worked on apart from its reader.
final class LazyColumns {
  /// A compressed column.
  private struct Stored {
    var frame: [UInt8] = []
    var raw = 0
    var isPresent = false
    var isLoaded = false
  }

  /// Values, code addresses, lines.
  private var columns = [Stored](repeating: Stored(), count: 3)
  private var demands = ColumnDemands([]) { _ in 0 }
  private var place = TraceError(.badRecord, "")
  private var decompressor: FrameDecompressor?
  private var scratch: [UInt8] = []

  /// Starts a block.
  ///
  /// - Parameters:
  ///   - demands: Entries that the block's classes call for.
  ///   - place: Path, offset and record for errors.
  func reset(_ demands: ColumnDemands, place: TraceError) {
    self.demands = demands
    self.place = place
    for index in columns.indices {
      columns[index].isPresent = false
      columns[index].isLoaded = false
    }
  }

  /// Keeps a compressed column.
  ///
  /// - Parameters:
  ///   - column: Which one.
  ///   - frame: Its zstd frame.
  ///   - raw: Bytes of its content.
  func store(_ column: Block.LazyColumn, _ frame: ArraySlice<UInt8>, raw: Int) {
    let index = Self.index(column)
    columns[index].frame.removeAll(keepingCapacity: true)
    columns[index].frame.append(contentsOf: frame)
    columns[index].raw = raw
    columns[index].isPresent = true
  }

  /// Compares what is stored with what the classes demand.
  func check() throws(TraceError) {
    let (values, code, lines) = (columns[0], columns[1], columns[2])
    guard values.isPresent ? values.raw == demands.valueBytes : demands.valueBytes == 0,
      code.isPresent == (demands.codeAddresses > 0), lines.isPresent == (demands.lines > 0)
    else { throw TraceError(.badRecord, "a block's columns are not those of its classes") }
  }

  /// Decodes a column into the block, once.
  ///
  /// - Parameters:
  ///   - column: Which one; without content it stays empty.
  ///   - block: The block that this object was filled for.
  /// - Throws: ``TraceError`` with the place of the block.
  func load(_ column: Block.LazyColumn, into block: Block) throws(TraceError) {
    let index = Self.index(column)
    guard columns[index].isPresent, !columns[index].isLoaded else { return }
    do throws(TraceError) {
      try decode(column, columns[index], into: block)
    } catch {
      throw error.located(by: place)
    }
    columns[index].isLoaded = true
  }

  private func decode(
    _ column: Block.LazyColumn, _ stored: Stored, into block: Block
  ) throws(TraceError) {
    let decompressor: FrameDecompressor
    if let known = self.decompressor {
      decompressor = known
    } else {
      decompressor = try FrameDecompressor()
      self.decompressor = decompressor
    }
    try unsafe decompressor.decompress(stored.frame.span.bytes, size: stored.raw, into: &scratch)
    let scratch = scratch
    let bytes = unsafe scratch.span.bytes.extracting(0..<stored.raw)
    switch column {
    case .values:
      block.values.removeAll(keepingCapacity: true)
      block.values.append(contentsOf: scratch[0..<stored.raw])
    case .codeAddresses:
      try AddressColumn.decode(
        bytes, count: demands.codeAddresses, into: &block.codeAddresses)
    case .lines: try DeltaColumn.decode(bytes, count: demands.lines, into: &block.lines)
    }
  }

  private static func index(_ column: Block.LazyColumn) -> Int {
    switch column {
    case .values: 0
    case .codeAddresses: 1
    case .lines: 2
    }
  }
}

extension TraceError {
  /// The error with the place of another where it has none itself.
  func located(by place: TraceError) -> TraceError {
    located(in: place.file, byteOffset: place.byteOffset, record: place.record)
  }
}
