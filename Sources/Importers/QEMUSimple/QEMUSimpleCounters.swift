import TraceCore

/// Of QEMU's binary trace.
extension ImportCounter {
  static let skippedByte = ImportCounter(
    "skipped_bytes", .dataLoss, "bytes between a damaged record and the next one that was found")
}
