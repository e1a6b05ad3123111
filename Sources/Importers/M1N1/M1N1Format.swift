extension ImportFormat {
  /// The text log of m1n1's hypervisor.
  public static let m1n1 = ImportFormat(
    name: "m1n1",
    summary: "log of m1n1's hypervisor on Apple silicon: MMIO: R.4 and W.4 lines",
    recognizes: { head in
      let bytes = head.span
      var cursor = LineCursor(position: 0, number: 1, filled: bytes.count, isFinal: true)
      while let line = cursor.next(in: bytes) {
        var text = TextCursor(line.start, end: line.end)
        if let access = try? text.m1n1Access(bytes), access.size > 0 { return true }
      }
      return false
    },
    reader: { source, context, options in
      TextImporter(M1N1Parser(context, options), source, options)
    })
}
