import TraceCore

/// Of mmiotrace.
extension ImportCounter {
  static let undecodedAccess = ImportCounter(
    "undecoded_access_dropped", .dataLoss,
    """
    UNKNOWN records: accesses by instructions that mmiotrace cannot decode, without width, \
    direction and value, left out
    """)

  static let undecodedCopy = ImportCounter(
    "undecoded_copy", .info,
    """
    of the UNKNOWN records, those of movs: one for each iteration of a copy from or to the \
    device
    """)

  static let lossPlaceUnknown = ImportCounter(
    "loss_place_unknown", .dataLoss,
    """
    lost events that only MARK lines tell of: where they were lost is not known; they stand at \
    the end
    """)
}
