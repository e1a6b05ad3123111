/// Something that takes time.
struct Slice {
  var row: Row
  /// In ps.
  var start: UInt64
  var end: UInt64
  /// Fields of the event that begins it, but for its track: a range of the mapping's event bytes.
  var event: Range<Int>
  /// Of a memory write on the link.
  var writtenBytes: UInt64 = 0
}

/// Slices of one row, on as few tracks as keep them apart.
struct Lanes {
  /// Indices of slices by track, each in the order of time.
  private(set) var tracks: [[Int]] = []

  /// - Parameters:
  ///   - indices: Of the row's slices.
  ///   - slices: All slices.
  init(_ indices: [Int], _ slices: [Slice]) {
    let ordered = indices.sorted {
      (slices[$0].start, slices[$0].end, $0) < (slices[$1].start, slices[$1].end, $1)
    }
    var ends: [UInt64] = []
    for index in ordered {
      // The first free one, so that a row with little in it is low.
      if let track = ends.firstIndex(where: { $0 <= slices[index].start }) {
        tracks[track].append(index)
        ends[track] = slices[index].end
      } else {
        tracks.append([index])
        ends.append(slices[index].end)
      }
    }
  }
}
