extension ImportFormat {
  /// The canonical CSV that `dump` writes.
  public static let canonicalCSV = ImportFormat(
    name: "csv",
    summary: "canonical CSV, as dump writes it or a script makes it",
    recognizes: { head in
      let line = head.prefix { $0 != 0x0a && $0 != 0x0d }
      guard line.count < 4096 else { return false }
      let names = line.split(separator: 0x2c).map { cell in
        String(decoding: cell.filter { $0 != 0x22 }, as: UTF8.self)
      }
      // Two required names tell a header; a missing third is then an error with its name.
      return CSVColumn.required.count { names.contains($0.name) } >= 2
    },
    reader: { source, context, options in
      WatchedStamps(TextImporter(CSVParser(context, options), source, options))
    })
}
