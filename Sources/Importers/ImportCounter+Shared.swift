import TraceCore

/// What several formats count.
extension ImportCounter {
  static let unknownLine = ImportCounter(
    "unknown_line", .info, "lines that are no event of the format")

  static let blankLine = ImportCounter(
    "blank_line", .info, "empty lines")

  static let headerLine = ImportCounter(
    "header_line", .info, "lines of the capture's heading")

  static let pageStart = ImportCounter(
    "page_start_line", .info, "lines that say where a page of the ring buffer begins")

  static let cutLastLine = ImportCounter(
    "cut_last_line", .dataLoss,
    "the last line has no line end and is no whole record: the capture was cut off in it")

  static let unterminatedLastLine = ImportCounter(
    "unterminated_last_line", .info,
    "the last line has no line end; it was read as if it were whole")

  static let cutLastRecord = ImportCounter(
    "cut_last_record", .dataLoss,
    "the last record is not there in full: the capture was cut off in it")

  static let badRecord = ImportCounter(
    "bad_record_skipped", .dataLoss, "records that break their grammar, skipped as asked")

  static let clockBackwards = ImportCounter(
    "clock_backwards", .info,
    """
    events stamped earlier than the one before on their CPU, or in the file where it knows no \
    CPU; times are kept as recorded
    """)

  static let wideValue = ImportCounter(
    "wide_value", .info, "values wider than their access, truncated to it")

  static let threadRenumbered = ImportCounter(
    "thread_renumbered", .info,
    "threads that turned out to be another vCPU than their first records say")

  static let threadBeyondLimit = ImportCounter(
    "thread_beyond_limit", .dataLoss,
    "records of threads beyond the first 65,536, which all count as vCPU 65535")
}
