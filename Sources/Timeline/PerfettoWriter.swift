/// Writes packets of a Perfetto trace: one sequence of them, and the tracks of one process.
struct PerfettoWriter {
  /// What a track's events are.
  enum Kind { case slices, group, count, bytes }

  private let number: UInt64
  private var output = ProtobufWriter()
  private var tracks: UInt64 = 0

  /// The process's own track, under which the others are.
  var root: UInt64 { number << 32 }
  var count: Int { output.bytes.count }

  /// - Parameter number: Of the sequence and the process, from 1.
  init(number: Int) { self.number = UInt64(number) }

  /// Hands over what there is.
  mutating func take() -> [UInt8] { output.take() }

  private mutating func packet(_ fill: (inout ProtobufWriter) -> Void) {
    let sequence = number
    output.add(TraceField.packet) {
      $0.add(TracePacketField.sequence, sequence)
      fill(&$0)
    }
  }

  /// Begins the sequence with what its events name by number, from 1.
  mutating func begin(names: [String], annotations: [String]) {
    packet { packet in
      packet.add(TracePacketField.isFirstOnSequence, 1)
      packet.add(TracePacketField.sequenceFlags, TracePacketField.stateCleared)
      packet.add(TracePacketField.internedData) { data in
        for (field, texts) in [
          (InternedDataField.eventName, names), (InternedDataField.annotationName, annotations),
        ] {
          for (index, text) in texts.enumerated() {
            data.add(field) {
              $0.add(InternedDataField.id, UInt64(index + 1))
              $0.add(InternedDataField.name, text)
            }
          }
        }
      }
    }
  }

  // MARK: Tracks

  mutating func process(_ name: String) {
    let pid = number
    descriptor(root) {
      $0.add(TrackDescriptorField.process) {
        $0.add(ProcessDescriptorField.pid, pid)
        $0.add(ProcessDescriptorField.name, name)
      }
      $0.add(TrackDescriptorField.childOrdering, TrackDescriptorField.explicitOrdering)
    }
  }

  /// Describes the next track, which is shown behind those of its parent so far.
  ///
  /// - Returns: What its events name it by.
  mutating func track(_ name: String, _ kind: Kind = .slices, below parent: UInt64) -> UInt64 {
    tracks += 1
    let (uuid, rank) = (root + tracks, tracks)
    descriptor(uuid) {
      $0.add(TrackDescriptorField.name, name)
      $0.add(TrackDescriptorField.parent, parent)
      $0.add(TrackDescriptorField.siblingRank, rank)
      switch kind {
      case .slices: break
      case .group:
        $0.add(TrackDescriptorField.childOrdering, TrackDescriptorField.explicitOrdering)
      case .count, .bytes:
        $0.add(TrackDescriptorField.counter) {
          let unit = kind == .count ? CounterDescriptorField.count : CounterDescriptorField.bytes
          $0.add(CounterDescriptorField.unit, unit)
        }
      }
    }
    return uuid
  }

  private mutating func descriptor(
    _ uuid: UInt64, _ fill: (inout ProtobufWriter) -> Void
  ) {
    packet {
      $0.add(TracePacketField.trackDescriptor) {
        $0.add(TrackDescriptorField.uuid, uuid)
        fill(&$0)
      }
    }
  }

  // MARK: Events

  /// Begins a slice.
  ///
  /// - Parameters:
  ///   - track: Whose.
  ///   - time: As shown.
  ///   - fields: Of the event, but for its type and track.
  mutating func begin(_ track: UInt64, at time: UInt64, _ fields: some Collection<UInt8>) {
    event(TrackEventField.sliceBegin, track, at: time) { $0.append(fields) }
  }

  mutating func end(_ track: UInt64, at time: UInt64) {
    event(TrackEventField.sliceEnd, track, at: time) { _ in }
  }

  mutating func count(_ track: UInt64, at time: UInt64, _ value: UInt64) {
    event(TrackEventField.counter, track, at: time) {
      $0.add(TrackEventField.counterValue, value)
    }
  }

  private mutating func event(
    _ type: UInt64, _ track: UInt64, at time: UInt64, _ fill: (inout ProtobufWriter) -> Void
  ) {
    packet {
      $0.add(TracePacketField.timestamp, time)
      $0.add(TracePacketField.sequenceFlags, TracePacketField.needsState)
      $0.add(TracePacketField.trackEvent) {
        $0.add(TrackEventField.type, type)
        $0.add(TrackEventField.track, track)
        fill(&$0)
      }
    }
  }
}
