internal import FoundationEssentials

/// The machine that is asked: its files below a folder, and its programs.
public struct Machine: Sendable {
  /// Runs a program and gives what it printed; nil where it cannot run or does not end.
  public typealias Runner = @Sendable (_ program: String, _ arguments: [String]) -> String?

  /// Stands for `/`; empty for the real one.
  let root: String
  /// Folders with programs, in order, as `PATH` has them.
  let path: [String]
  let run: Runner

  /// - Parameters:
  ///   - root: Folder that stands for `/`.
  ///   - path: Value of `PATH`; its folders lie below `root`, too.
  ///   - run: How to run a program.
  public init(root: String = "", path: String, run: @escaping Runner = runProgram) {
    self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
    // A relative folder is no place to take programs from.
    self.path = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    self.run = run
  }

  private func real(_ path: String) -> String { root + path }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: real(path)) }

  func isReadable(_ path: String) -> Bool {
    FileManager.default.isReadableFile(atPath: real(path))
  }

  /// Names in a folder, sorted; nil where it cannot be listed.
  func list(_ path: String) -> [String]? {
    (try? FileManager.default.contentsOfDirectory(atPath: real(path)))?.sorted()
  }

  /// A file's text, up to 1 MiB of it; nil where it cannot be read.
  func text(_ path: String) -> String? {
    guard let data = try? Data(contentsOf: URL(filePath: real(path))) else { return nil }
    return String(decoding: data.prefix(1 << 20), as: UTF8.self)
  }

  /// Words of a file.
  func words(_ path: String) -> [Substring]? {
    text(path)?.split { $0 == " " || $0 == "\n" || $0 == "\t" }
  }

  /// Which of some texts a file holds, of any length; nil where it cannot be read.
  func holds(_ path: String, _ texts: [String]) -> Set<String>? { search(real(path), for: texts) }

  func isExecutable(_ path: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: real(path))
  }

  /// The first program of this name.
  func program(_ name: String) -> String? {
    path.map { $0 + "/" + name }.first(where: isExecutable)
  }

  /// What a program prints.
  func output(_ program: String, _ arguments: [String]) -> String? {
    run(real(program), arguments)
  }
}
