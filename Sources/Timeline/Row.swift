import Results

/// A row of slices as people see it; where they overlap, it has several tracks.
enum Row: Hashable {
  /// The two directions of the link.
  case down
  case up
  /// What a vCPU holds.
  case held(vcpu: UInt16, Held)

  var vcpu: UInt16? {
    if case .held(let vcpu, _) = self { vcpu } else { nil }
  }

  var heldKind: Held? {
    if case .held(_, let kind) = self { kind } else { nil }
  }

  /// What a vCPU holds, in the order in which it is shown.
  enum Held: Int, CaseIterable {
    case line, store, read, config

    init(_ origin: Packet.Origin) {
      switch origin {
      case .line: self = .line
      case .piece, .single: self = .store
      case .load: self = .read
      case .config: self = .config
      }
    }

    var trackName: String {
      switch self {
      case .line: "line"
      case .store: "store in flight"
      case .read: "read in flight"
      case .config: "config access"
      }
    }

    /// Of the counter of those that are held by all vCPUs; nil where there is none.
    var counterName: String? {
      switch self {
      case .line: "lines held"
      case .store: "stores in flight"
      case .read: "reads in flight"
      case .config: nil
      }
    }
  }
}
