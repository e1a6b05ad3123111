public import Results
import TraceCore

/// What became of a record, for the terminal.
public struct RecordStoryText {
  private let story: RecordStory
  private let color: Bool

  /// - Parameters:
  ///   - story: What to show.
  ///   - color: Whether to use ANSI escape codes.
  public init(_ story: RecordStory, color: Bool) {
    self.story = story
    self.color = color
  }

  /// Records of a line that are shown on each side of the one asked about.
  private static let neighbours: UInt64 = 8

  /// Lines without their ends.
  public var lines: [String] {
    var lines = [
      "\(printable(story.trace)), record \(grouped(story.record.record)): "
        + sentence(story.record, whole: true)
    ]
    for fate in story.fates {
      lines += ["", heading(fate)]
      if !fate.events.contains(where: \.isOnTheWay) {
        lines.append("  nothing leaves a CPU for it")
      }
      for event in fate.events { lines += self.lines(of: event, in: fate).map { "  " + $0 } }
      lines += fate.findings.map { "  " + text($0) }
    }
    return lines
  }

  private func heading(_ fate: RecordFate) -> String {
    var words = ["accessors \(fate.accessors)"]
    if let mapping = fate.mapping {
      words.insert("stage 1 \(mapping.stage1), stage 2 \(mapping.stage2)", at: 0)
    }
    let type = fate.mapping.map { ": " + $0.effective } ?? ""
    return Style.strong.applied(to: printable(fate.scenario) + type, color: color)
      + " (\(words.joined(separator: "; ")))"
  }

  // MARK: Records

  /// A record in words.
  ///
  /// - Parameters:
  ///   - record: The record.
  ///   - whole: With vCPU, time and source line.
  /// - Returns: Words without an article.
  private func sentence(_ record: DescribedRecord, whole: Bool) -> String {
    var words =
      record.operation == "lost" ? "loss of events" : record.operation.replacing("_", with: " ")
    if !record.detail.isEmpty { words += " " + printable(record.detail) }
    if let place = record.place {
      words += " of \(counted(UInt64(place.size), "byte"))"
      if let region = place.region, let offset = place.offset {
        words += ", \(printable(region)) + 0x\(hex(offset))"
      }
      let isRegister = record.operation.hasPrefix("config")
      words += (isRegister ? ", register 0x" : " (0x") + hex(place.address)
      if !isRegister { words += ")" }
    }
    guard whole else { return words }
    // Marks, resets and losses are no vCPU's.
    if !["mark", "reset", "lost"].contains(record.operation) { words += ", vCPU \(record.vcpu)" }
    if let time = record.timeNs { words += ", at \(grouped(time)) ns of the capture" }
    if let line = record.line { words += ", line \(grouped(line))" }
    return words
  }

  private func sentence(_ number: UInt64) -> String {
    guard let record = story.others[number] else { return "record \(grouped(number))" }
    return "record \(grouped(number)), a \(sentence(record, whole: false))"
  }

  // MARK: Events

  private func lines(of event: RecordFate.Event, in fate: RecordFate) -> [String] {
    switch event {
    case .fault(let stage):
      return [
        "faults before it reaches the bus: "
          + (stage == 2 ? "at stage 2, KVM cannot handle it" : "at stage 1, the guest takes it")
      ]
    case .overwritten(let bytes, let address, let record):
      return [
        "\(counted(UInt64(bytes), "byte")) at 0x\(hex(address)) never left: "
          + "overwritten by \(sentence(record))"
      ]
    case .write(_, let bytes, let tlps):
      return ["left at once, alone: a bus write of \(counted(UInt64(bytes), "byte"))"]
        + tlps.map(text)
    case .line(let line): return lines(of: line, in: fate)
    case .read(let address, let bytes, let cost):
      return [
        "a bus read of \(counted(UInt64(bytes), "byte")) at 0x\(hex(address)): " + text(cost)
      ]
    case .config(let register, let bytes, let cost):
      return [
        "a config request of \(counted(UInt64(bytes), "byte")) at 0x\(hex(register)): "
          + text(cost)
      ]
    case .meaning(let kind, let function):
      return ["to config space it is: \(kind), function \(function)"]
    }
  }

  private func text(_ finding: Finding) -> String {
    let words = "\(finding.severity.rawValue) \(finding.code): \(printable(finding.message))"
    guard let record = finding.earlierRecord, story.others[record] != nil else { return words }
    return words + "; " + sentence(record)
  }

  private func text(_ tlp: RecordFate.TLP) -> String {
    "  MWr at 0x\(hex(tlp.address)), \(counted(UInt64(tlp.payloadBytes), "byte")), "
      + "\(tlp.wireBytes) on the link"
  }

  private func text(_ cost: RecordFate.RoundTrip) -> String {
    "\(counted(cost.requests, "request")) with \(cost.downBytes) bytes, "
      + "\(counted(cost.completions, "completion")) with \(cost.upBytes)"
  }

  private func lines(of line: RecordFate.Line, in fate: RecordFate) -> [String] {
    let isOwn = line.parts.contains { $0.record == story.record.record }
    let place = "the line of \(line.size) bytes at 0x\(hex(line.address))"
    var lines: [String] = []
    if isOwn {
      lines.append("gathered in \(place), which left with \(line.pending) of them")
    } else {
      lines.append(
        line.cause == .timer
          ? "\(place) had left by its time, with \(line.pending) of them"
          : "it made \(place) leave, with \(line.pending) of them")
    }
    lines += parts(of: line)
    lines.append(reason(line, in: fate))
    return lines + line.tlps.map(text)
  }

  /// Who wrote the line, around the record that is asked about.
  private func parts(of line: RecordFate.Line) -> [String] {
    let own = line.parts.firstIndex { $0.record == story.record.record } ?? 0
    let shown = line.parts.indices.filter { abs($0 - own) <= Self.neighbours }
    let marks = line.parts.map { $0.record == story.record.record ? ">" : " " }
    let numbers = line.parts.map { grouped($0.record) }
    let width = shown.map { numbers[$0].count }.max() ?? 0
    let bytes = line.parts.map { part in
      part.bytes.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        .joined(separator: ", ")
    }
    let byteWidth = shown.map { bytes[$0].count }.max() ?? 0
    var lines = shown.map { index in
      let record = story.others[line.parts[index].record]
      let isOwn = line.parts[index].record == story.record.record
      let what = record.map { "  " + sentence($0, whole: false) } ?? (isOwn ? "  this record" : "")
      return "\(marks[index]) \(padded(numbers[index], to: width, right: true))  "
        + "bytes \(padded(bytes[index], to: what.isEmpty ? 0 : byteWidth))\(what)"
    }
    if shown.count < line.parts.count {
      lines.append("  and \(counted(UInt64(line.parts.count - shown.count), "record")) more")
    }
    return lines
  }

  private func reason(_ line: RecordFate.Line, in fate: RecordFate) -> String {
    guard let number = line.record else { return "it left at the end of the trace" }
    let isOwn = number == story.record.record
    let record = isOwn ? story.record : story.others[number]
    let who = isOwn ? "this record" : sentence(number)
    // What is no barrier itself has one in front of it under some assumptions.
    if line.cause == .barrier, record?.operation != "barrier" {
      return "it left at the DMB ST that accessors \(fate.accessors) put ahead of \(who)"
    }
    return "it left \(line.cause == .timer ? "ahead of" : "at") \(who): \(line.cause.meaning)"
  }
}

extension RecordFate.Event {
  /// Something leaves a CPU, or would have.
  fileprivate var isOnTheWay: Bool {
    if case .meaning = self { return false }
    return true
  }
}
