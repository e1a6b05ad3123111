extension ImportFormat {
  /// The trace log of QEMU's `log` back end, versions 5.2 to 10.2.
  public static let qemuLog = ImportFormat(
    name: "qemu-log",
    summary: "QEMU's log of memory_region_ops_*, vfio_* and pci_* events",
    recognizes: { head in
      let bytes = head.span
      let events = QEMUEventTable()
      var cursor = LineCursor(position: 0, number: 1, filled: bytes.count, isFinal: true)
      while let line = cursor.next(in: bytes) {
        if events.startsKnownEvent(line, bytes) { return true }
      }
      return false
    },
    reader: { source, context, options in
      TextImporter(QEMULogParser(context, options), source, options)
    })
}

extension QEMUEventTable {
  /// A line is one of the events that become records.
  func startsKnownEvent(_ line: Line, _ bytes: Span<UInt8>) -> Bool {
    var cursor = TextCursor(line.start, end: line.end)
    do throws(LineFault) {
      guard try QEMUPrefix.parse(&cursor, bytes) != nil else { return false }
    } catch {
      return false
    }
    return event(cursor.token(bytes), bytes) != nil
  }
}
