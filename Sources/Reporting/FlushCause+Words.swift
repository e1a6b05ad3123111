import Results

extension FlushCause {
  /// What happened, for a table of causes.
  var meaning: String {
    switch self {
    case .full: "every byte of the line was pending"
    case .capacity: "all buffers in use, another line needed one"
    case .stream: "the next line was opened (one stream only)"
    case .barrier: "DMB or DSB that orders stores"
    case .dgh: "DGH hint"
    case .release: "store-release"
    case .read: "load from the same line"
    case .load: "load from elsewhere"
    case .device: "access to Device memory"
    case .singleCopy: "64-byte single-copy store to the line"
    case .trap: "trapped config access"
    case .timer: "the line was open for the profile's longest time"
    case .lost: "a hole in the capture"
    case .end: "end of the trace"
    }
  }

  /// The cause as an obstacle, after "blocked by"; nil where the program did not cut the burst:
  /// the line was complete, the stores are scattered, or the trace ended.
  var obstacle: String? {
    switch self {
    case .barrier: "barriers"
    case .dgh: "DGH hints"
    case .release: "store-releases"
    case .read: "same-line reads"
    case .load: "reads"
    case .device: "Device accesses"
    case .singleCopy: "ST64B"
    case .trap: "config accesses"
    case .full, .capacity, .stream, .timer, .lost, .end: nil
    }
  }
}
