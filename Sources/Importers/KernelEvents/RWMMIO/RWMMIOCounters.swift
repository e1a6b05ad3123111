import TraceCore

/// Of `rwmmio_*` events.
extension ImportCounter {
  static let readWithoutValue = ImportCounter(
    "read_without_value", .info,
    "reads whose rwmmio_post_read event is not in the capture: their value is unknown")

  static let missingPost = ImportCounter(
    "write_without_post", .info, "writes whose rwmmio_post_write event is not in the capture")

  static let lonePost = ImportCounter(
    "post_without_access", .dataLoss,
    """
    rwmmio_post_* events whose access is not in the capture: its event was lost, or lies \
    before the start
    """)

  static let callerDropped = ImportCounter(
    "caller_dropped", .info,
    """
    accesses whose caller is not kept: no symbol, one of more than 256 bytes, or one beyond \
    the first 65,536
    """)
}
