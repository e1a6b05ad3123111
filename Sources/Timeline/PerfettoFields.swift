// Numbers of the fields that are written, as Perfetto's definitions have them (those of its Python
// package 0.59.1), in protos/perfetto/trace/: trace.proto, trace_packet.proto,
// interned_data/interned_data.proto, and track_event/ with a file for each message. Their kinds are
// uint64, enum, int32, int64, string and message, but for flow_ids, which are fixed64.

enum TraceField { static let packet = 1 }

enum TracePacketField {
  static let timestamp = 8
  static let sequence = 10
  static let trackEvent = 11
  static let internedData = 12
  static let sequenceFlags = 13
  static let trackDescriptor = 60
  static let isFirstOnSequence = 87

  /// Values of sequence_flags.
  static let stateCleared: UInt64 = 1
  static let needsState: UInt64 = 2
}

enum TrackDescriptorField {
  static let uuid = 1
  static let name = 2
  static let process = 3
  static let parent = 5
  static let counter = 8
  static let childOrdering = 11
  static let siblingRank = 12

  /// Value of child_ordering: by rank.
  static let explicitOrdering: UInt64 = 3
}

enum ProcessDescriptorField {
  static let pid = 1
  static let name = 6
}

enum CounterDescriptorField {
  static let unit = 3

  /// Values of unit.
  static let count: UInt64 = 2
  static let bytes: UInt64 = 3
}

enum TrackEventField {
  static let annotation = 4
  static let type = 9
  static let nameID = 10
  static let track = 11
  static let counterValue = 30
  static let flow = 47

  /// Values of type.
  static let sliceBegin: UInt64 = 1
  static let sliceEnd: UInt64 = 2
  static let counter: UInt64 = 4
}

enum InternedDataField {
  static let eventName = 2
  static let annotationName = 3

  /// Of both kinds of names.
  static let id = 1
  static let name = 2
}

enum DebugAnnotationField {
  static let nameID = 1
  static let unsigned = 3
  static let text = 6
  static let pointer = 7
}
