import TraceCore
import TraceIO

extension ImportFormat {
  /// Fixed records of 24 or 32 bytes, which `convert` or a C program writes.
  public static let fixedRecords = ImportFormat(
    name: "records",
    summary: "fixed records of 24 or 32 bytes, as convert or a C program writes them",
    recognizes: { RecordReader.recognizes($0) },
    reader: { source, context, options throws(TraceError) in
      let map = TraceMap(entries: options.regions)
      let reader = try RecordReader(source, context: context) { context throws(TraceError) in
        try map.amend(context, isGrowing: true)
      }
      return WatchedStamps(reader)
    })
}
