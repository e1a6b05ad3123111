import Foundation
import Measurements

/// What a measurement hangs on besides the program.
struct Machine {
  var model: String
  /// Cores that this process may use.
  var cores: Int
  /// One of them, to pin what is measured on one core.
  var firstCore: Int
  var facts: [(key: String, value: String)]
  var folderName: String

  static func current() -> Machine {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let model = cpuModel()
    let name = machineName(model: model, cores: cores)
    let date = String(ISO8601DateFormatter().string(from: Date()).prefix(10))
    let memory = Double(ProcessInfo.processInfo.physicalMemory) / Double(1 << 30)
    var facts = [
      ("commit", commit()), ("date", date), ("machine", name), ("cpu", model),
      ("cores", "\(cores)"), ("memory", String(format: "%.1f GiB", memory)),
      ("kernel", said("uname", ["-s", "-r", "-m"]) ?? "unknown"),
      ("system", osName()),
      ("swift", said("swift", ["--version"])?.components(separatedBy: "\n")[0] ?? "unknown"),
    ]
    for (tool, options) in [("zstd", "--version"), ("valgrind", "--version")] {
      facts.append((tool, said(tool, [options]) ?? "missing"))
    }
    facts.append(("load at the start", load()))
    return Machine(
      model: model, cores: cores, firstCore: firstAllowedCore(), facts: facts,
      folderName: "\(date)-\(name)")
  }

  /// Load averages: a figure taken beside other work is worth less.
  static func load() -> String {
    let words = read("/proc/loadavg")?.split(separator: " ").prefix(3) ?? []
    return words.isEmpty ? "unknown" : words.joined(separator: " ")
  }

  /// The commit, with `-changed` where sources differ from it.
  private static func commit() -> String {
    guard let name = said("git", ["rev-parse", "--short", "HEAD"]) else { return "unknown" }
    let paths = ["--", "Sources", "Package.swift", "Package.resolved", "Makefile"]
    let changes = said("git", ["status", "--porcelain"] + paths) ?? ""
    return changes.isEmpty ? name : name + "-changed"
  }

  private static func cpuModel() -> String {
    value(of: "model name", in: read("/proc/cpuinfo"))
      ?? value(of: "Model name", in: said("lscpu", [])) ?? "unknown"
  }

  private static func osName() -> String {
    let name = read("/etc/os-release")?.split(separator: "\n")
      .first { $0.hasPrefix("PRETTY_NAME=") }
    return name.map { $0.dropFirst(12).trimmingCharacters(in: ["\""]) } ?? "unknown"
  }

  private static func firstAllowedCore() -> Int {
    let list = value(of: "Cpus_allowed_list", in: read("/proc/self/status")) ?? "0"
    return Int(list.prefix { $0.isNumber }) ?? 0
  }

  private static func value(of key: String, in text: String?) -> String? {
    for line in text?.split(separator: "\n") ?? [] where line.hasPrefix(key) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return nil
  }

  private static func read(_ path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }
}

/// What a program prints; nil where it is missing or fails.
func said(_ program: String, _ arguments: [String]) -> String? {
  guard let path = Tool.path(program) else { return nil }
  let child = Child([path] + arguments)
  guard let output = try? child.output() else { return nil }
  return output.trimmingCharacters(in: .whitespacesAndNewlines)
}
