extension ImportFormat {
  /// Linux's mmiotrace.
  public static let mmiotrace = ImportFormat(
    name: "mmiotrace",
    summary: "Linux mmiotrace text (x86): R, W, MAP, PCIDEV, MARK lines",
    recognizes: { head in
      head.containsLine { line, bytes in
        var text = TextCursor(line.start, end: line.end)
        return text.skip(MmiotraceParser.version, bytes)
          || line.isTerminated && text.isMmiotrace(bytes)
      }
    },
    reader: { source, context, options in
      TextImporter(MmiotraceParser(context, options), source, options)
    })
}

extension TextCursor {
  /// The line is a whole record of a kind that no other format has.
  fileprivate func isMmiotrace(_ bytes: Span<UInt8>) -> Bool {
    var cursor = self
    do throws(LineFault) {
      if cursor.skip("R ", bytes) || cursor.skip("W ", bytes) {
        _ = try cursor.mmiotraceAccess(bytes)
      } else if cursor.skip("MAP ", bytes) {
        _ = try cursor.mmiotraceMap(bytes)
      } else if cursor.skip("UNKNOWN ", bytes) {
        _ = try cursor.mmiotraceUnknown(bytes)
      } else if cursor.skip("PCIDEV ", bytes) {
        _ = try cursor.mmiotraceDevice(bytes)
      } else {
        return false
      }
      return true
    } catch {
      return false
    }
  }
}
