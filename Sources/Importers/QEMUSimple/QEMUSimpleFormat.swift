extension ImportFormat {
  /// The binary trace of QEMU's `simple` back end.
  public static let qemuSimple = ImportFormat(
    name: "qemu-simple",
    summary: "QEMU's binary trace (simple back end, version 4) of the same events",
    recognizes: { head in
      guard head.count >= 16 else { return false }
      let magic = head.span.word(at: 8)
      return head.span.word(at: 0) == QEMUSimple.headerID
        && (magic == QEMUSimple.magic || magic.byteSwapped == QEMUSimple.magic)
    },
    reader: { source, context, options in QEMUSimpleImporter(source, context, options) })
}
