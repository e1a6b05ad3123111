import Synchronization

/// The files that one command reads and writes, so that no output takes the place of an input or of
/// another output, under whatever names they are given.
///
/// Nothing is kept, and nothing refused, until ``watch()``: a process that uses the library may well
/// write what it has read.
public enum FilesInUse {
  /// What tells one file from another, as `stat(2)` gives it.
  public struct Identity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64

    /// - Parameters:
    ///   - device: `st_dev`.
    ///   - number: `st_ino`.
    public init(device: UInt64, number: UInt64) {
      self.device = device
      self.number = number
    }
  }

  private struct State {
    var isWatched = false
    var read: Set<Identity> = []
    var written: Set<String> = []
  }

  private static let state = Mutex(State())

  /// From here on files are kept: the process is one command.
  public static func watch() { state.withLock { $0.isWatched = true } }

  /// A file is read.
  public static func read(_ file: Identity) {
    state.withLock { state in
      if state.isWatched { state.read.insert(file) }
    }
  }

  /// A file is about to be written.
  ///
  /// - Parameters:
  ///   - path: Where, without links; the same text for the same place.
  ///   - present: The file that is there now; nil for none.
  ///   - shown: The path as the user gave it.
  /// - Throws: ``TraceError`` `.configuration` where that is read, or where another output goes.
  public static func write(
    _ path: String, replacing present: Identity?, shown: String
  ) throws(TraceError) {
    let problem: String? = state.withLock { state in
      guard state.isWatched else { return nil }
      if let present, state.read.contains(present) {
        return "the output would take the place of a file that the command reads"
      }
      return state.written.insert(path).inserted
        ? nil : "the output would take the place of another output of the command"
    }
    if let problem { throw TraceError(.configuration, problem, file: shown) }
  }
}
