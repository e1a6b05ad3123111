extension ImportFormat {
  /// The text log of m1n1's hypervisor.
  public static let m1n1 = ImportFormat(
    name: "m1n1",
    summary: "log of m1n1's hypervisor on Apple silicon: MMIO: R.4 and W.4 lines",
    recognizes: { head in
      head.containsLine { line, bytes in
        var text = TextCursor(line.start, end: line.end)
        guard let access = try? text.m1n1Access(bytes) else { return false }
        return access.size > 0
      }
    },
    reader: { source, context, options in
      TextImporter(M1N1Parser(context, options), source, options)
    })
}
