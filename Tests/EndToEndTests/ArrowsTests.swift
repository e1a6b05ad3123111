import Testing

/// The arrows of the article "Architecture": which room may import which.
///
/// An import of a room that the manifest does not declare compiles in an incremental build; this
/// finds it.
struct ArrowsTests {
  /// Room -> modules it may import: rooms from the article and the manifest, then libraries.
  static let arrows: [String: Set<String>] = [
    "TraceCore": [],
    "Tables": [],
    "Results": ["TraceCore"],
    "TraceIO": [
      "TraceCore", "CZstd", "CZlib", "CLzma", "CBzip2", "CLZ4", "SystemPackage", "Crypto",
      "FoundationEssentials",
    ],
    "YAMLInput": ["TraceCore", "Yams", "SystemPackage"],
    "Importers": [
      "TraceCore", "Tables", "TraceIO", "YAMLInput", "ArmMemory", "ConfigSpace",
    ],
    "TraceEdit": ["TraceCore", "ConfigSpace"],
    "CaptureProbe": ["TraceCore", "SystemPackage", "FoundationEssentials"],
    "ArmMemory": ["TraceCore", "Tables"],
    "PCIeModel": ["TraceCore", "Tables"],
    "ConfigSpace": ["TraceCore"],
    "Containment": ["TraceCore", "Results", "ArmMemory"],
    "Resets": ["TraceCore", "ArmMemory", "ConfigSpace"],
    "Profiles": [
      "TraceCore", "Tables", "Results", "ArmMemory", "PCIeModel", "ConfigSpace", "Containment",
      "YAMLInput",
    ],
    "Hazards": ["TraceCore", "Results", "ArmMemory", "ConfigSpace"],
    "Replay": [
      "TraceCore", "Results", "ArmMemory", "PCIeModel", "ConfigSpace", "Resets", "Hazards",
      "Profiles",
    ],
    "Ordering": ["TraceCore", "ArmMemory", "PCIeModel"],
    "Litmus": ["TraceCore", "Tables", "ArmMemory", "PCIeModel", "Ordering"],
    "ResetProof": [
      "TraceCore", "ArmMemory", "PCIeModel", "ConfigSpace", "Resets", "Ordering",
    ],
    "Validation": [
      "TraceCore", "Results", "ArmMemory", "PCIeModel", "Profiles", "Replay", "YAMLInput",
    ],
    "Reporting": ["TraceCore", "Tables", "Results", "FoundationEssentials"],
    "Differences": ["TraceCore", "Results", "YAMLInput", "FoundationEssentials"],
    "Matching": ["TraceCore", "TraceIO", "Results"],
    "Timeline": ["TraceCore", "Results"],
    "mmioscope": [
      "TraceCore", "Tables", "Results", "TraceIO", "YAMLInput", "Importers", "ArmMemory",
      "PCIeModel", "ConfigSpace", "Profiles", "Hazards", "Replay", "Reporting", "Ordering",
      "Litmus",
      "Differences", "Matching", "Timeline", "Validation", "Containment", "Resets", "ResetProof",
      "TraceEdit", "CaptureProbe",
      "ArgumentParser", "SystemPackage", "FoundationEssentials",
    ],
    "Measurements": ["TraceCore", "Tables"],
    "bench": [
      "TraceCore", "TraceIO", "Importers", "ArmMemory", "Profiles", "Replay", "Measurements",
      "ArgumentParser", "Foundation",
    ],
  ]
  /// Whatever the platform calls its C library.
  static let systems: Set = ["Glibc", "Musl", "Darwin"]
  /// Rooms that use several cores, and what of the toolchain they do it with.
  static let threads: [String: Set<String>] = [
    "TraceCore": ["Synchronization"], "TraceIO": ["Dispatch", "Synchronization"],
    "Replay": ["Dispatch", "Synchronization"],
  ]
  static let models = [
    "ArmMemory", "PCIeModel", "ConfigSpace", "Hazards", "Replay", "Ordering", "TraceCore",
    "Containment", "Resets", "ResetProof",
  ]
  /// The rooms that may speak to the world.
  static let programs = ["mmioscope", "bench"]

  static let sources = Repository.files(below: "Sources", ending: ".swift")

  private static func room(_ path: String) -> String {
    String(path.split(separator: "/")[1])
  }

  /// Modules that a source imports, with their lines.
  private static func imports(_ text: String) -> [(line: Int, module: String)] {
    var result: [(Int, String)] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), words.count > place + 1,
        words[..<place].allSatisfy({ word in
          ["public", "package", "internal", "private", "fileprivate"].contains(word)
            || word.hasPrefix("@")
        })
      else { continue }
      let kinds = ["struct", "class", "enum", "protocol", "func", "typealias", "let", "var"]
      let name = kinds.contains(String(words[place + 1])) ? words[place + 2] : words[place + 1]
      result.append((index + 1, String(name.split(separator: ".")[0])))
    }
    return result
  }

  @Test func `the table names every room`() throws {
    var rooms = Set(Self.sources.map(Self.room))
    #expect(rooms == Set(Self.arrows.keys))
    rooms.formUnion(["CZstd", "CZlib", "CLzma", "CBzip2", "CLZ4"])
    let scratch = try Scratch()
    #expect(try Set(scratch.list(Repository.path("Sources"))) == rooms)
  }

  @Test func `every import follows an arrow`() throws {
    #expect(Self.sources.count > 100)
    for path in Self.sources {
      let room = Self.room(path)
      let allowed = try #require(Self.arrows[room])
      for (line, module) in Self.imports(try Repository.text(path)) {
        let isSystem = Self.systems.contains(module) && !Self.models.contains(room)
        let isThreads = Self.threads[room]?.contains(module) ?? false
        #expect(
          allowed.contains(module) || isSystem || isThreads, "\(path):\(line): \(room) -> \(module)"
        )
      }
    }
  }

  @Test func `arrows point down only`() {
    var below: [String: Set<String>] = [:]
    var isChanged = true
    while isChanged {
      isChanged = false
      for (room, modules) in Self.arrows {
        let reached = modules.reduce(modules) { $0.union(below[$1] ?? []) }
        if reached != below[room] { (below[room], isChanged) = (reached, true) }
      }
    }
    for (room, reached) in below { #expect(!reached.contains(room), "\(room) reaches itself") }
    // Peers: no arrow between the models, none from a report to what it reports on.
    for model in ["ArmMemory", "PCIeModel"] {
      #expect(below[model] == ["TraceCore", "Tables"])
    }
    #expect(below["ConfigSpace"] == ["TraceCore"])
    #expect(below["Reporting"] == ["TraceCore", "Tables", "Results", "FoundationEssentials"])
  }

  @Test func `models use no Foundation`() throws {
    for path in Self.sources where Self.models.contains(Self.room(path)) {
      let modules = Self.imports(try Repository.text(path)).map(\.module)
      #expect(!modules.contains { $0.hasPrefix("Foundation") }, "\(path)")
    }
  }

  @Test func `only programs print, end, parse arguments or read the environment`() throws {
    let words = [
      " print(", "(print(", "fatalError(", " exit(", "getenv(", "ProcessInfo", "CommandLine.",
      "import ArgumentParser", ".standardError",
    ]
    for path in Self.sources where !Self.programs.contains(Self.room(path)) {
      for (number, line) in try Self.code(path) {
        for word in words {
          #expect(!(" " + line).contains(word), "\(path):\(number): \(word)")
        }
      }
    }
  }

  /// Lines of code, with their numbers; comments are left out.
  private static func code(_ path: String) throws -> [(Int, Substring)] {
    let lines = try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.enumerated().map { ($0 + 1, $1) }.filter { line in
      !line.1.drop { $0 == " " }.hasPrefix("//")
    }
  }

  @Test func `nothing in the repository knows a workplace`() throws {
    // Put together, so that this file does not find itself.
    let words = ["/wo" + "rk/", "../sha" + "red", "/tmp/" + "wt", "/ro" + "ot/"]
    var paths = ["Package.swift", "Makefile", "README.md", "CONTRIBUTING.md"]
    for folder in ["Sources", "Tests", "Traces", "Capture", ".ci"] {
      for ending in [
        ".swift", ".md", ".yaml", ".h", ".c", ".sh", ".modulemap", "setup", "run", "capture",
        "init",
      ] {
        paths += Repository.files(below: folder, ending: ending)
      }
    }
    #expect(paths.count > 200)
    for path in paths where Repository.exists(path) {
      let text = try Repository.text(path)
      for word in words { #expect(!text.contains(word), "\(path): \(word)") }
    }
  }
}
