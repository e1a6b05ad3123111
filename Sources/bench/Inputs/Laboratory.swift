import Foundation

/// The inputs, each made when it is first asked for, and the programs.
final class Laboratory {
  let options: BenchOptions
  let machine: Machine
  private let folder: String
  private var inputs: [String: Input] = [:]
  private var helps: [String: String] = [:]

  init(_ options: BenchOptions, _ machine: Machine, _ folder: String) {
    self.options = options
    self.machine = machine
    self.folder = folder
  }

  var mmioscope: String { options.mmioscope }

  func path(_ name: String) -> String { folder + "/" + name }

  /// The command pinned to one core; as it is where the machine cannot do that.
  func pinned(_ command: [String]) -> [String] {
    guard let taskset = Tool.path("taskset") else { return command }
    return [taskset, "-c", "\(machine.firstCore)"] + command
  }

  /// Whether the command under test has a subcommand with an option.
  func has(_ subcommand: String, _ option: String? = nil) -> Bool {
    let help =
      helps[subcommand] ?? (try? Child([mmioscope, subcommand, "--help"]).output()) ?? ""
    helps[subcommand] = help
    guard help.contains("USAGE: mmioscope \(subcommand)") else { return false }
    return option.map { help.contains($0) } ?? true
  }
}

// MARK: Inputs

extension Laboratory {
  /// Native traces of the three mixes.
  enum Mix: String, CaseIterable { case bursts, registers, capture }

  /// A native trace.
  ///
  /// - Parameters:
  ///   - mix: What it holds.
  ///   - records: Its length; nil = what the options say. A capture is repeated until it has as
  ///     many.
  /// - Returns: The trace, with its true length.
  /// - Throws: ``Child/Failure`` when it cannot be made.
  func trace(_ mix: Mix, records: Int? = nil) throws -> Input {
    let usual = mix == .registers ? max(1, options.records / 2) : options.records
    let records = records ?? usual
    return try made("\(mix.rawValue)-\(records).mmt", mix.rawValue) { path in
      guard mix == .capture else {
        try self.generate(mix.rawValue, records, path)
        return records
      }
      let once = try self.count(self.options.capture)
      guard records >= once else {
        _ = try Child(
          [self.mmioscope, "slice", self.options.capture, "-o", path, "--count", "\(records)"]
        ).run()
        return records
      }
      let times = (records + once - 1) / once
      let copies = Array(repeating: self.options.capture, count: times)
      _ = try Child([self.mmioscope, "cat", "--end-to-end"] + copies + ["-o", path]).run()
      return times * once
    }
  }

  /// The long trace, which only memory and the footer are measured on.
  func longTrace() throws -> Input {
    var input = try trace(.bursts, records: options.longRecords)
    input.name = "long"
    return input
  }

  /// Canonical CSV of the bursts, as `dump` prints it.
  func csv(lines: Int? = nil) throws -> Input {
    let lines = lines ?? options.lines
    return try made("csv-\(lines).csv", "csv") { path in
      let trace = try self.trace(.bursts, records: lines)
      let text = "exec \"$0\" dump \"$1\" > \"$2\""
      _ = try Child(["/bin/sh", "-c", text, self.mmioscope, trace.path, path]).run()
      return lines
    }
  }

  /// A generated text.
  func text(_ format: TextWorkload, lines: Int? = nil) throws -> Input {
    let lines = lines ?? options.lines
    return try made("\(format.rawValue)-\(lines).txt", format.rawValue) { path in
      try self.generate(format.rawValue, lines, path)
      return lines
    }
  }

  /// The log compressed as a user would; nil where there is no zstd.
  func compressedLog() throws -> Input? {
    guard let zstd = Tool.path("zstd") else { return nil }
    let log = try text(.qemuLog)
    var input = try made("qemu-log.zst", "qemu-log.zst") { path in
      _ = try Child([zstd, "-q", "-f", log.path, "-o", path]).run()
      return log.records
    }
    input.bytes = log.bytes
    return input
  }

  private func generate(_ kind: String, _ records: Int, _ path: String) throws {
    let command = [Tool.bench, "generate", kind, "--records", "\(records)", "-o", path]
    _ = try Child(command).run()
  }

  private func made(
    _ file: String, _ name: String, _ make: (String) throws -> Int
  ) throws -> Input {
    if let known = inputs[file] { return known }
    say("making \(file)")
    let records = try make(path(file))
    let input = Input(
      name: name, path: path(file), records: records, bytes: fileSize(path(file)))
    inputs[file] = input
    return input
  }

  /// Records of a trace, from its footer.
  private func count(_ trace: String) throws -> Int {
    struct Info: Decodable { var records: Int }
    let json = try Child([mmioscope, "info", trace, "--json", "-"]).output()
    return try JSONDecoder().decode(Info.self, from: Data(json.utf8)).records
  }
}
