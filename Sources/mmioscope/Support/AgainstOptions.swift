import ArgumentParser
import ArmMemory
import Litmus
import Profiles
import Replay
import Results
import TraceCore

/// Counting litmus programs in a capture: which, and under what.
struct AgainstOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Count how often each program's accesses occur in this trace or capture; - is standard "
        + "input.", valueName: "trace"))
  var against: String?

  @Option(help: "Mapping of the trace: kvm-device, kvm-normal-nc (default) or none.")
  var policy: KVMPolicy?

  @OptionGroup var mapping: MappingOptions
  @OptionGroup var input: InputOptions

  /// What an occurrence is, for the help text and below the counts.
  static let definition = """
    An occurrence: consecutive MMIO accesses of one vCPU with the program's directions, kinds
    (release, acquire, 64-byte single-copy), alignment, and memory types (under --policy); to one
    function (region, where unknown) where the program's are to one peripheral, to others where
    not; on the same bytes exactly where the program's are; between neighbours barriers at least
    as strong as the program's, and none that orders what the program leaves unordered. A run of
    contiguous equal stores is one access, at least as long as the program's. Skipped: marks, ISB,
    DGH, and config accesses where the program has none. Not compared: sizes, values, which
    instruction, XS, dependencies, what devices do. Occurrences do not overlap; each counts at its
    first access; none spans a hole in the capture.
    """

  func validate() throws {
    guard against == nil else { return }
    if policy != nil || mapping.isGiven || input.isGiven {
      throw ValidationError("options about a trace need --against TRACE")
    }
  }

  /// Counts programs.
  ///
  /// - Parameters:
  ///   - tests: The programs.
  ///   - skips: Leave out what no capture can show, instead of refusing it.
  /// - Returns: Counts, and what became of each program: its index in them, or why it has none;
  ///   nil without `--against`.
  /// - Throws: ``TraceError`` from the trace, an option, or a program.
  func count(
    _ tests: [LitmusTest], skips: Bool
  ) throws(TraceError) -> (counts: Occurrences, places: [Result<Int, TraceError>])? {
    guard let path = against else { return nil }
    var patterns: [AccessPattern] = []
    var places: [Result<Int, TraceError>] = []
    for test in tests {
      do throws(TraceError) {
        patterns.append(try ProgramPattern(test).pattern())
        places.append(.success(patterns.count - 1))
      } catch {
        guard skips else { throw error }
        places.append(.failure(error))
      }
    }
    return (try search(path, patterns), places)
  }

  private func search(_ path: String, _ patterns: [AccessPattern]) throws(TraceError) -> Occurrences
  {
    let policy = policy ?? .kvmNormalNC
    let configuration = try mapping.configuration(
      policy: policy, name: policy.rawValue, clocks: .saturated,
      settings: try ProfileLibrary().resolve())
    let source = try input.open(path, hashes: false)
    var progress = Progress()
    defer { progress.finish() }
    let search = PatternSearch(source, configuration, patterns)
    search.onBlock = { records in progress.update(records: records, source: source) }
    let counts = try search.run()
    // A reader of the counts would not see that records are missing.
    reportLosses(source.context.counters.rows)
    return counts
  }
}
