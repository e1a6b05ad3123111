import TraceCore

/// Of the canonical CSV.
extension ImportCounter {
  static let functionNotKept = ImportCounter(
    "function_not_kept", .dataLoss,
    """
    cells in column bdf of barriers, and of loads and stores whose region is not known to be that \
    function's: left out; a map, or the first row that names a region, says whose it is
    """)

  static let regionNotKept = ImportCounter(
    "region_not_kept", .info,
    "cells in column region of barriers, marks and losses, which are in no region: left out")
}
