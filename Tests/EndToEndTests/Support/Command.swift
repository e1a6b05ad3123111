import Foundation
import Testing

/// What a program did.
struct Outcome {
  /// Exit status; 128 + signal where a signal ended it.
  var status: Int32
  var outputBytes: [UInt8]
  var errorBytes: [UInt8]

  var output: String { String(decoding: outputBytes, as: UTF8.self) }
  var errors: String { String(decoding: errorBytes, as: UTF8.self) }
  /// Lines of the output, without their ends.
  var lines: [Substring] { output.split(separator: "\n") }
}

/// The program under test: what `MMIOSCOPE_BINARY` names, or what was built beside these tests.
enum Command {
  static let binary: String = {
    if let path = ProcessInfo.processInfo.environment["MMIOSCOPE_BINARY"] { return path }
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent()
      .appendingPathComponent("mmioscope").path
  }()

  /// Seconds after which a program hangs.
  private static let patience: TimeInterval = 300

  /// Runs a program to its end.
  ///
  /// Its streams are files, so that nothing waits for a pipe.
  ///
  /// - Parameters:
  ///   - program: Path of the program.
  ///   - arguments: Its arguments.
  ///   - scratch: The folder it runs in, and where its streams are kept for the time.
  ///   - input: File for standard input; nothing where nil.
  ///   - output: File or device for standard output, which ``Outcome/output`` then leaves out.
  /// - Returns: What it did.
  /// - Throws: Whatever prevents the program's start.
  static func run(
    _ program: String, _ arguments: [String], in scratch: Scratch, input: String? = nil,
    output: String? = nil
  ) throws -> Outcome {
    let streams = try Scratch()
    for name in ["out", "err"] { try streams.write(name, "") }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.folder)
    process.environment = environment
    let files = try [
      FileHandle(forReadingFrom: URL(fileURLWithPath: input.map(scratch.path) ?? "/dev/null")),
      FileHandle(
        forWritingTo: URL(fileURLWithPath: output.map(scratch.path) ?? streams.path("out"))),
      FileHandle(forWritingTo: URL(fileURLWithPath: streams.path("err"))),
    ]
    (process.standardInput, process.standardOutput, process.standardError) = (
      files[0], files[1], files[2]
    )
    try process.run()
    wait(for: process)
    for file in files { try file.close() }
    let isSignal = process.terminationReason == .uncaughtSignal
    return Outcome(
      status: process.terminationStatus + (isSignal ? 128 : 0),
      outputBytes: try streams.bytes("out"), errorBytes: try streams.bytes("err"))
  }

  private static func wait(for process: Process) {
    let end = Date(timeIntervalSinceNow: patience)
    while process.isRunning {
      if Date() > end {
        Issue.record("does not end: \(process.arguments ?? [])")
        process.terminate()
        return process.waitUntilExit()
      }
      Thread.sleep(forTimeInterval: 0.002)
    }
  }

  /// This process's, without what changes the program's looks.
  private static let environment: [String: String] = {
    var variables = ProcessInfo.processInfo.environment
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"] { variables[name] = nil }
    variables["MMIOSCOPE"] = binary
    return variables
  }()
}

extension Scratch {
  /// Runs `mmioscope`.
  ///
  /// - Parameters:
  ///   - arguments: Its arguments.
  ///   - input: File for standard input; nothing where nil.
  ///   - output: File or device for standard output.
  /// - Returns: What it did.
  /// - Throws: Whatever prevents its start.
  func mmioscope(
    _ arguments: [String], input: String? = nil, output: String? = nil
  ) throws -> Outcome {
    try Command.run(Command.binary, arguments, in: self, input: input, output: output)
  }

  /// Runs a script of `/bin/sh` in which `$MMIOSCOPE` is the program.
  func shell(_ script: String) throws -> Outcome {
    try Command.run("/bin/sh", ["-c", script], in: self)
  }

  /// Runs `mmioscope`, which must succeed and say nothing.
  @discardableResult
  func quietly(
    _ arguments: [String], input: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    let outcome = try mmioscope(arguments, input: input)
    #expect(outcome.status == 0, "\(arguments)", sourceLocation: sourceLocation)
    #expect(outcome.errors == "", "\(arguments)", sourceLocation: sourceLocation)
    return outcome
  }

  /// Runs a command that writes a trace and says so.
  func make(
    _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try mmioscope(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
  }

  /// Runs `mmioscope` with a report folder, which must succeed and say only where the report is.
  func reporting(
    _ arguments: [String], to folder: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try mmioscope(arguments + ["-o", folder])
    #expect(outcome.status == 0, "\(arguments)", sourceLocation: sourceLocation)
    #expect(outcome.output == "", "\(arguments)", sourceLocation: sourceLocation)
    #expect(outcome.errors == "report: \(folder)/report.md\n", sourceLocation: sourceLocation)
  }

  /// Runs `mmioscope`, which must fail with status 2, one message and no output.
  @discardableResult
  func failing(
    _ arguments: [String], saying parts: [String], input: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let outcome = try mmioscope(arguments, input: input)
    let errors = outcome.errors
    #expect(outcome.status == 2, "\(arguments): \(errors)", sourceLocation: sourceLocation)
    #expect(outcome.output == "", "\(arguments)", sourceLocation: sourceLocation)
    for part in parts {
      #expect(errors.contains(part), "\(arguments): \(errors)", sourceLocation: sourceLocation)
    }
    return errors
  }
}
