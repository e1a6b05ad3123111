import TraceCore

/// Of QEMU plugins.
extension ImportCounter {
  static let foldedBarrier = ImportCounter(
    "barrier_folded", .info,
    "barriers that the capture counts with another of their kind, between the same two accesses")

  static let orderedElsewhere = ImportCounter(
    "ordered_access_elsewhere", .info,
    """
    loads with acquire and stores with release to memory that is not recorded, left out: \
    others between the same two accesses order as much
    """)

  static let otherInstruction = ImportCounter(
    "other_instruction", .info,
    """
    speculation and error barriers, waits, maintenance and exception instructions, and LDAPR of \
    memory that is not recorded, which orders nothing before it: left out
    """)

  static let single64InPieces = ImportCounter(
    "single64_in_pieces", .info,
    "accesses of ST64B or LD64B that are recorded in pieces, and so not as one of 64 bytes")

  static let ecamAssumed = ImportCounter(
    "ecam_window_assumed", .info,
    "windows of config space whose place was taken from QEMU's machine virt")

  static let unresolvedAccess = ImportCounter(
    "unresolved_access", .dataLoss,
    "accesses for which QEMU had no address any more; those to RAM among them")

  static let noEndLine = ImportCounter(
    "no_end_line", .dataLoss, "streams without an #end line: QEMU was ended by force")

  static let endLineDiffers = ImportCounter(
    "end_line_differs", .dataLoss,
    """
    accesses by which a stream and the number in its #end line differ: lines are missing, or \
    were added
    """)
}
