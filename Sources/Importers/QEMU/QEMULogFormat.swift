extension ImportFormat {
  /// The trace log of QEMU's `log` back end, versions 5.2 to 10.2.
  public static let qemuLog = ImportFormat(
    name: "qemu-log",
    summary: "QEMU's log of memory_region_ops_*, vfio_* and pci_* events",
    recognizes: { head in
      let events = QEMUEventTable()
      return head.containsLine { line, bytes in events.startsKnownEvent(line, bytes) }
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
