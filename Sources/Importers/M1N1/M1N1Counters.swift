import TraceCore

/// Of m1n1's hypervisor.
extension ImportCounter {
  static let scriptLine = ImportCounter(
    "script_line", .info, "Python statements that repeat the access of the line before")

  static let widePart = ImportCounter(
    "wide_access_part", .info,
    "accesses of 8 bytes that are parts of one wider access; they stand one by one")
}
