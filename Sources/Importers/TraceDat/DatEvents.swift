import TraceCore

/// A family whose events can be decoded from their binary form.
protocol DatEvents: KernelEvents {
  /// Which event it is, and where its fields are.
  associatedtype Shape

  /// The shape of an event; nil for one of no concern.
  ///
  /// - Returns: nil as well when a field is missing.
  static func shape(of format: EventFormat) -> Shape?

  /// Takes an event.
  ///
  /// - Throws: A fault, before anything was appended.
  mutating func take(
    _ shape: Shape, _ event: DatEvent, _ source: EventSource, _ builder: inout BlockAppender
  ) throws(DatFault)

  /// Takes events until a block is full; made for each family, as lines are
  /// (``KernelEventText``). See ``DatMerge/fill(_:behind:)``.
  static func fill(
    _ appender: inout BlockAppender, from merge: inout DatMerge<Self>, behind record: UInt64
  ) throws(TraceError) -> Bool

  /// Learns a task's name.
  mutating func learn(task: String, pid: UInt64)

  /// Learns the kernel's symbols.
  mutating func learn(symbols: KernelSymbols)
}

extension DatEvents {
  static func fill(
    _ appender: inout BlockAppender, from merge: inout DatMerge<Self>, behind record: UInt64
  ) throws(TraceError) -> Bool {
    try merge.fill(&appender, behind: record)
  }
}

/// What is wrong with an event of a known kind.
struct DatFault: Error {
  /// Completes "expected ...".
  var expected: StaticString
  /// The field that is out of range; nil where the event is too short.
  var field: EventFormat.Field?

  init(_ expected: StaticString, in field: EventFormat.Field? = nil) {
    self.expected = expected
    self.field = field
  }

  /// As an error of the event that a stream is at.
  func error(in stream: DatStream) -> TraceError {
    var error = stream.error(
      "\(expected)", at: stream.data.lowerBound + (field?.offset ?? 0))
    if field != nil { error.code = .range }
    return error
  }
}

/// The data of one event.
struct DatEvent {
  let bytes: [UInt8]
  let data: Range<Int>

  init(_ bytes: [UInt8], _ data: Range<Int>) {
    self.bytes = bytes
    self.data = data
  }

  /// A field's number; 0 outside the event, which ``holds(_:)`` tells.
  @inline(__always)
  func number(_ field: EventFormat.Field) -> UInt64 {
    let word = bytes.span.word(at: data.lowerBound + field.offset)
    return field.size >= 8 ? word : word & (1 << UInt64(8 * field.size) - 1)
  }

  @inline(__always)
  func holds(_ field: EventFormat.Field) -> Bool { field.offset + field.size <= data.count }
}

extension RWMMIOEvents: DatEvents {
  struct Shape {
    var kind: RWMMIOEvent.Kind
    var width, address: EventFormat.Field
    var value, caller, outerCaller: EventFormat.Field?
  }

  static func shape(of format: EventFormat) -> Shape? {
    guard let index = names.firstIndex(where: { $0.description == format.name }),
      let kind = RWMMIOEvent.Kind(rawValue: index), let width = format.fields["width"],
      let address = format.fields["addr"], kind == .read || format.fields["val"] != nil
    else { return nil }
    return Shape(
      kind: kind, width: width, address: address, value: format.fields["val"],
      caller: format.fields["caller"], outerCaller: format.fields["caller0"])
  }

  mutating func take(
    _ shape: Shape, _ event: DatEvent, _ source: EventSource, _ builder: inout BlockAppender
  ) throws(DatFault) {
    guard event.holds(shape.width), event.holds(shape.address),
      shape.value.map(event.holds) ?? true
    else { throw DatFault("an event that holds its fields") }
    let bits = event.number(shape.width)
    guard bits == 8 || bits == 16 || bits == 32 || bits == 64 else {
      throw DatFault("a width of 8, 16, 32 or 64 bits", in: shape.width)
    }
    let address = event.number(shape.address)
    guard !address.addingReportingOverflow(bits / 8).overflow else {
      throw DatFault("an access that ends below 2^64", in: shape.address)
    }
    take(
      RWMMIOEvent(
        kind: shape.kind, size: UInt8(truncatingIfNeeded: bits / 8), address: address,
        value: shape.value.map(event.number) ?? 0, codeAddress: code(shape, event)),
      source, &builder)
  }

  /// Both callers by name, as `trace-cmd report` prints them; else the inner one's address.
  private mutating func code(_ shape: Shape, _ event: DatEvent) -> UInt64? {
    guard shape.kind == .read || shape.kind == .write, let field = shape.caller,
      event.holds(field)
    else { return nil }
    let outer = shape.outerCaller.flatMap { event.holds($0) ? event.number($0) : nil }
    let code = symbolCallers.code(event.number(field), outer: outer, context)
    if code == nil { counters[.callerDropped] += 1 }
    return code
  }

  mutating func learn(task: String, pid: UInt64) {}

  mutating func learn(symbols: KernelSymbols) { symbolCallers = SymbolCallers(symbols) }
}

extension KVMEvents: DatEvents {
  enum Shape {
    case access(
      type: EventFormat.Field, size: EventFormat.Field, address: EventFormat.Field,
      value: EventFormat.Field)
    /// `kvm_entry`, which on x86 names the vCPU.
    case entry(EventFormat.Field?)
    /// `kvm_exit` and where the guest was.
    case guestExit(EventFormat.Field)
    case counted(ImportCounter)
  }

  static func shape(of format: EventFormat) -> Shape? {
    let fields = format.fields
    switch format.name {
    case "kvm_mmio":
      guard let type = fields["type"], let size = fields["len"], let address = fields["gpa"],
        let value = fields["val"]
      else { return nil }
      return .access(type: type, size: size, address: address, value: value)
    case "kvm_entry": return .entry(fields["vcpu_id"])
    case "kvm_exit": return (fields["vcpu_pc"] ?? fields["guest_rip"]).map { .guestExit($0) }
    case "kvm_fast_mmio": return .counted(.fastMMIO)
    case "kvm_mmio_nisv": return .counted(.noSyndrome)
    case "kvm_mmio_emulate": return .counted(.emulateNotice)
    default: return nil
    }
  }

  mutating func take(
    _ shape: Shape, _ event: DatEvent, _ source: EventSource, _ builder: inout BlockAppender
  ) throws(DatFault) {
    switch shape {
    case .counted(let counter): counters[counter] += 1
    case .guestExit(let field):
      counters[.vcpuNotice] += 1
      leave(source.pid, at: event.holds(field) ? event.number(field) : nil)
    case .entry(let field):
      counters[.vcpuNotice] += 1
      leave(source.pid, at: nil)
      guard let field, event.holds(field) else { return }
      let vcpu = event.number(field)
      if vcpu < 65_536 { learn(source.pid, UInt16(vcpu)) }
    case .access(let type, let size, let address, let value):
      guard event.holds(value), event.holds(address), event.holds(type), event.holds(size) else {
        throw DatFault("an event that holds its fields")
      }
      let kind: KVMAccess.Kind
      switch event.number(type) {
      case 0: kind = .unsatisfiedRead
      case 1: kind = .read
      case 2: kind = .write
      default: throw DatFault("read, write or unsatisfied-read: 0, 1 or 2", in: type)
      }
      let bytes = event.number(size)
      guard (1...64).contains(bytes) else {
        throw DatFault("a length from 1 to 64 bytes", in: size)
      }
      let place = event.number(address)
      guard !place.addingReportingOverflow(bytes).overflow else {
        throw DatFault("an access that ends below 2^64", in: address)
      }
      take(
        KVMAccess(kind: kind, size: UInt8(bytes), address: place, value: event.number(value)),
        source, &builder)
    }
  }

  mutating func learn(task: String, pid: UInt64) {
    let name = Array(task.utf8)
    if let vcpu = TextCursor(0, end: name.count).kvmThread(name.span) { learn(pid, vcpu) }
  }

  mutating func learn(symbols: KernelSymbols) {}
}
