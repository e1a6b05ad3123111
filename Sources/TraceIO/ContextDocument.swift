internal import FoundationEssentials
internal import TraceCore

/// What a trace says about itself, or what is new since it last did; JSON in the file.
struct ContextDocument: Codable {
  var name: String
  var format: String
  /// `regions` replace those from this index on.
  var firstRegion: Int
  var regions: [Region]
  /// Index of the first of `strings`; those before are known already.
  var firstString: Int
  var strings: [String]
  /// Index of the first of `callers`; nil, as they, where no caller is new.
  var firstCaller: Int?
  var callers: [String]?
  /// New or changed images: function `0000:01:00.0` to hexadecimal digits.
  var configImages: [String: String]
  var counters: [TraceCounter]
  var blindSpots: [String]
  /// ``TraceContext/holdsBarriers``; absent for no.
  var holdsBarriers: Bool?
  /// ``TraceContext/lacksReads``; absent for no.
  var lacksReads: Bool?
}

/// The footer's JSON.
struct SummaryDocument: Codable {
  /// Everything, from the first region and string on.
  var context: ContextDocument
  var totals: TraceTotals
}

/// What has been written of a context, so that only news are written again.
struct WrittenContext {
  private var regions: [Region] = []
  private var strings = 0
  private var callers = 0
  private var images: [PCIFunction: [UInt8]] = [:]

  /// The context has something new that records may refer to.
  func isOutdated(by context: TraceContext) -> Bool {
    strings != context.strings.count || callers != context.callers.texts.count
      || regions != context.regions.regions
      || images != context.configImages
  }

  /// What is new; it counts as written then.
  mutating func update(to context: TraceContext) -> ContextDocument {
    let table = context.regions.regions
    let same = zip(regions, table).prefix { $0 == $1 }.count
    let news = context.callers.texts[callers...]
    let document = ContextDocument(
      name: context.name, format: context.format, firstRegion: same,
      regions: Array(table[same...]), firstString: strings,
      strings: Array(context.strings[strings...]),
      firstCaller: news.isEmpty ? nil : callers, callers: news.isEmpty ? nil : Array(news),
      configImages: Self.encode(context.configImages.filter { images[$0.key] != $0.value }),
      counters: context.counters.rows, blindSpots: context.blindSpots,
      holdsBarriers: context.holdsBarriers ? true : nil,
      lacksReads: context.lacksReads ? true : nil)
    regions = table
    strings = context.strings.count
    callers = context.callers.texts.count
    images = context.configImages
    return document
  }

  private static func encode(_ images: [PCIFunction: [UInt8]]) -> [String: String] {
    var texts: [String: String] = [:]
    for (function, image) in images {
      texts[function.description] = image.map { hex(UInt64($0), width: 2) }.joined()
    }
    return texts
  }
}

extension ContextDocument {
  /// Adds what the document says to a context.
  func apply(to context: TraceContext) throws(TraceError) {
    context.format = format
    try applyRegions(to: context)
    try applyStrings(to: context)
    try applyCallers(to: context)
    for (name, digits) in configImages {
      guard let function = PCIFunction(name), let image = Self.bytes(digits), image.count <= 4096
      else {
        throw TraceError(.badRecord, "a configuration image is malformed")
      }
      context.configImages[function] = image
    }
    context.blindSpots = blindSpots
    if holdsBarriers == true { context.holdsBarriers = true }
    if lacksReads == true { context.lacksReads = true }
    try applyCounters(to: context)
  }

  private func applyCounters(to context: TraceContext) throws(TraceError) {
    context.counters = TraceCounters()
    guard counters.count <= 4096 else {
      throw TraceError(.range, "there are too many counters")
    }
    for row in counters {
      guard context.counters[row.name] == 0 else {
        throw TraceError(.badRecord, "counter \(row.name) is there twice")
      }
      context.counters.add(
        row.name, row.count, severity: row.severity, meaning: row.meaning)
    }
  }

  private func applyRegions(to context: TraceContext) throws(TraceError) {
    guard (0...context.regions.count).contains(firstRegion) else {
      throw TraceError(.badRecord, "a region table starts behind its end")
    }
    for (index, region) in regions.enumerated() {
      try Self.check(region)
      if firstRegion + index < context.regions.count {
        context.regions[RegionID(rawValue: UInt16(firstRegion + index))] = region
      } else if context.regions.isFull {
        throw TraceError(.range, "there are too many regions")
      } else {
        context.regions.add(region)
      }
    }
  }

  /// What holds of every region that an importer or a map makes.
  private static func check(_ region: Region) throws(TraceError) {
    guard region.size == 0 || !region.base.addingReportingOverflow(region.size - 1).overflow
    else { throw TraceError(.range, "region \(region.name) leaves the address space") }
    guard region.bar.map({ (0...5).contains($0) }) ?? true else {
      throw TraceError(.range, "region \(region.name) is no BAR from 0 to 5")
    }
    var end: UInt64 = 0
    for register in region.registers ?? [] {
      let (next, isOver) = register.offset.addingReportingOverflow(register.size)
      guard register.size > 0, register.offset >= end, !isOver else {
        throw TraceError(.range, "register \(register.name) is empty or overlaps another")
      }
      end = next
    }
  }

  private func applyStrings(to context: TraceContext) throws(TraceError) {
    guard (0...context.strings.count).contains(firstString) else {
      throw TraceError(.badRecord, "a table of texts starts behind its end")
    }
    // Texts that are known already may be repeated, unchanged.
    for (index, text) in strings.enumerated() {
      guard context.intern(text).map(Int.init) == firstString + index else {
        throw TraceError(.badRecord, "a table of texts has one twice, or too many")
      }
    }
  }

  private func applyCallers(to context: TraceContext) throws(TraceError) {
    guard let callers else { return }
    guard let first = firstCaller, (0...context.callers.texts.count).contains(first) else {
      throw TraceError(.badRecord, "a table of callers starts behind its end")
    }
    for (index, text) in callers.enumerated() {
      guard context.callers.code(for: text) == CallerTable.base + UInt64(first + index) else {
        throw TraceError(.badRecord, "a table of callers has one twice, too long, or too many")
      }
    }
  }

  /// Decodes pairs of hexadecimal digits.
  private static func bytes(_ digits: String) -> [UInt8]? {
    let characters = Array(digits.utf8)
    guard characters.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: characters.count, by: 2) {
      guard let high = nibble(characters[place]), let low = nibble(characters[place + 1])
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func nibble(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

/// Encodes a document with sorted keys.
func encodeDocument(_ document: some Encodable) throws(TraceError) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  let bytes: [UInt8]
  do { bytes = try Array(encoder.encode(document)) } catch {
    throw TraceError(.internal, "the trace's description cannot be written: \(error)")
  }
  guard bytes.count <= NativeFormat.documentLimit else {
    throw TraceError(.range, "the trace's description exceeds 64 MiB")
  }
  return bytes
}

/// Decodes a document; unknown keys are passed over.
func decodeDocument<Document: Decodable>(
  _ type: Document.Type, _ bytes: ArraySlice<UInt8>
) throws(TraceError) -> Document {
  do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
    throw TraceError(.badRecord, "the trace's description is not the JSON that it must be")
  }
}
