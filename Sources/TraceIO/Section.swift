internal import TraceCore

/// The head of a section: a skippable frame that says which zstd frames follow.
struct Section {
  /// What the section is; four ASCII characters.
  struct Kind: Equatable {
    var code: UInt32
    static let block = Kind("BLCK")
    static let context = Kind("CTXT")
    static let footer = Kind("FOOT")

    private init(_ text: StaticString) {
      code = String(describing: text).utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    init(code: UInt32) { self.code = code }
  }

  /// One zstd frame of the section.
  struct Part {
    /// A ``NativeFormat/Part``, or something newer.
    var identifier: UInt32
    /// Bytes in the file and decompressed.
    var compressed: UInt32
    var raw: UInt32
  }

  static let headSize = 44
  static let partSize = 12
  static let partLimit = 64

  var kind: Kind
  /// Index of the first record; outside of blocks the number of records before.
  var firstRecord: UInt64
  var count: UInt32 = 0
  var flags: UInt32 = 0
  /// Time in ns of the first and the last record.
  var firstTime: UInt64 = 0
  var lastTime: UInt64 = 0
  var parts: [Part] = []

  /// The whole skippable frame.
  var frame: [UInt8] {
    var body: [UInt8] = []
    body.append(little: firstRecord)
    body.append(little: count)
    body.append(little: flags)
    body.append(little: firstTime)
    body.append(little: lastTime)
    body.append(little: UInt32(parts.count))
    for part in parts {
      body.append(little: part.identifier)
      body.append(little: part.compressed)
      body.append(little: part.raw)
    }
    var frame: [UInt8] = []
    frame.append(little: NativeFormat.sectionMagic)
    frame.append(little: UInt32(body.count + 8))
    frame.append(little: kind.code)
    frame.append(little: crc32(body))
    return frame + body
  }

  init(kind: Kind, firstRecord: UInt64) {
    self.kind = kind
    self.firstRecord = firstRecord
  }

  /// Decodes the payload of a skippable frame.
  init(payload: ArraySlice<UInt8>) throws(TraceError) {
    let bytes = Array(payload)
    guard bytes.count >= Self.headSize else {
      throw TraceError(.badRecord, "a section head is too short")
    }
    guard crc32(bytes[8...]) == bytes.little(UInt32.self, at: 4) else {
      throw TraceError(.checksum, "the checksum of a section head does not match")
    }
    kind = Kind(code: bytes.little(UInt32.self, at: 0))
    firstRecord = bytes.little(UInt64.self, at: 8)
    count = bytes.little(UInt32.self, at: 16)
    flags = bytes.little(UInt32.self, at: 20)
    firstTime = bytes.little(UInt64.self, at: 24)
    lastTime = bytes.little(UInt64.self, at: 32)
    let parts = Int(bytes.little(UInt32.self, at: 40))
    guard parts <= Self.partLimit, bytes.count == Self.headSize + parts * Self.partSize else {
      throw TraceError(.badRecord, "a section head has the wrong size")
    }
    for place in stride(from: Self.headSize, to: bytes.count, by: Self.partSize) {
      self.parts.append(
        Part(
          identifier: bytes.little(UInt32.self, at: place),
          compressed: bytes.little(UInt32.self, at: place + 4),
          raw: bytes.little(UInt32.self, at: place + 8)))
    }
    try check()
  }

  private func check() throws(TraceError) {
    for (index, part) in parts.enumerated() {
      if parts[..<index].contains(where: { $0.identifier == part.identifier }) {
        throw TraceError(.badRecord, "a section has part \(part.identifier) twice")
      }
      guard let known = NativeFormat.Part(rawValue: part.identifier) else { continue }
      let limit = known.limit(records: Int(count))
      guard part.raw <= limit, part.compressed <= limit + limit / 128 + 1024 else {
        throw TraceError(.range, "part \(part.identifier) of a section has an absurd size")
      }
    }
    guard kind == .block else { return }
    guard (1...UInt32(Block.capacity)).contains(count),
      !firstRecord.addingReportingOverflow(
        UInt64(count)
      ).overflow
    else { throw TraceError(.range, "a block has an absurd number of records") }
  }
}
