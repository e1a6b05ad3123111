internal import TraceCore

/// A trace's footer, read from the end of a seekable file.
struct NativeFooter {
  var summary: SummaryDocument
  var table: [BlockTableRow]
  /// Path and offset, for errors.
  var place: TraceError

  /// Reads the footer; nil when the file does not end in a trailer.
  ///
  /// - Parameters:
  ///   - file: The trace.
  ///   - decompressor: Any.
  /// - Throws: ``TraceError`` when the footer is not sound although there is a trailer.
  init?(_ file: any RandomAccess, _ decompressor: FrameDecompressor) throws(TraceError) {
    let trailerSize = UInt64(NativeFormat.trailerSize)
    guard let size = file.size, size >= trailerSize,
      let trailer = try NativeTrailer(
        file.bytes(at: size - trailerSize, count: NativeFormat.trailerSize))
    else { return nil }
    place = TraceError(.badRecord, "", file: file.path, byteOffset: trailer.footer)
    do throws(TraceError) {
      let end = size - trailerSize
      guard trailer.footer < end else {
        throw TraceError(.badRecord, "the trailer points behind itself")
      }
      self = try NativeFooter(file, decompressor, from: trailer.footer, to: end, place)
    } catch { throw error.located(by: place) }
  }

  private init(
    _ file: any RandomAccess, _ decompressor: FrameDecompressor, from start: UInt64,
    to end: UInt64, _ place: TraceError
  ) throws(TraceError) {
    let limit = Int(min(end - start, UInt64(8 + NativeFormat.frameLimit)))
    let head = try file.bytes(at: start, count: limit)
    guard head.count >= 8, head.little(UInt32.self, at: 0) == NativeFormat.sectionMagic,
      case let size = Int(head.little(UInt32.self, at: 4)), size <= head.count - 8
    else { throw TraceError(.badRecord, "there is no footer where the trailer points") }
    let section = try Section(payload: head[8..<8 + size])
    guard section.kind == .footer else {
      throw TraceError(.badRecord, "there is no footer where the trailer points")
    }
    var summary: SummaryDocument?
    var table: [BlockTableRow]?
    var offset = start + UInt64(8 + size)
    for part in section.parts {
      guard UInt64(part.compressed) <= end - min(end, offset) else {
        throw TraceError(.badRecord, "a part of the footer reaches behind the end")
      }
      let known = NativeFormat.Part(rawValue: part.identifier)
      if known == .document || known == .blockTable {
        let frame = try file.bytes(at: offset, count: Int(part.compressed))
        var content: [UInt8] = []
        try unsafe decompressor.decompress(frame.span.bytes, size: Int(part.raw), into: &content)
        if known == .document {
          summary = try decodeDocument(SummaryDocument.self, content[...])
        } else {
          table = try unsafe BlockTableRow.table(content.span.bytes)
        }
      }
      offset += UInt64(part.compressed)
    }
    guard let summary else { throw TraceError(.badRecord, "the footer has no summary") }
    self.summary = summary
    self.table = table ?? []
    self.place = place
    try check(section, start: start)
  }

  /// Totals, table and section must tell the same story.
  private func check(_ section: Section, start: UInt64) throws(TraceError) {
    let records = table.last.map { $0.firstRecord + UInt64($0.count) } ?? 0
    guard section.firstRecord == records, summary.totals.isSound(records: records),
      table.allSatisfy({ $0.offset < start })
    else { throw TraceError(.badRecord, "the footer contradicts itself") }
  }
}

extension TraceTotals {
  /// No count exceeds what a trace of this many records can have.
  fileprivate func isSound(records expected: UInt64) -> Bool {
    let kinds = [stores, loads, barriers, configReads, configWrites, resets, lostRecords, marks]
    let parts = kinds + [timed, withValue, withAttribute, withCodeAddress]
    return records == expected && parts.allSatisfy { $0 <= expected }
      && kinds.reduce(0, &+) == expected && storeBytes <= 64 &* stores
      && loadBytes <= 64 &* loads && lostWithValue ?? 0 <= min(lostRecords, withValue)
  }
}
