import ArgumentParser
import PCIeModel
import TraceCore
import YAMLInput

/// What the closed forms of `link --formulas` take for granted.
struct FormulaOptions: ParsableArguments {
  @Option(help: "How reads are answered: few, or rcb for one completion a boundary.")
  var completions: String?

  @Option(help: "Reads of the size in flight, for the latency bound; 32 where nothing is said.")
  var outstanding: String?

  @Option(help: "A read's round trip in ns; 600 where nothing is said.")
  var rttNs: String?

  @Option(help: "Time between two writes of the CPU in ns; nothing binds where it is not said.")
  var issueNs: String?

  @Option(help: "From a TLP's start to the return of its credits, in ns; else the link's 300.")
  var creditLoopNs: String?

  /// Names of the options that are given.
  var given: [String] {
    let all = [
      ("--completions", completions), ("--outstanding", outstanding), ("--rtt-ns", rttNs),
      ("--issue-ns", issueNs), ("--credit-loop-ns", creditLoopNs),
    ]
    return all.compactMap { $0.1 == nil ? nil : $0.0 }
  }

  func split() throws(TraceError) -> CompletionSplit {
    try CompletionSplit(option: completions)
  }

  func creditLoopPs() throws(TraceError) -> UInt64? {
    try creditLoopNs.map { (text) throws(TraceError) in
      try Self.picoseconds(text, "--credit-loop-ns")
    }
  }

  func assumptions() throws(TraceError) -> LinkFormulas.Assumptions {
    var assumptions = LinkFormulas.Assumptions()
    if let outstanding {
      guard outstanding.isDecimal, let count = Int(outstanding), 1...65_536 ~= count else {
        throw TraceError(
          .configuration, "--outstanding: '\(outstanding)' is not a number of reads, 1 to 65536")
      }
      assumptions.outstandingReads = count
    }
    if let rttNs { assumptions.roundTripPs = try Self.picoseconds(rttNs, "--rtt-ns") }
    if let issueNs { assumptions.issuePs = try Self.picoseconds(issueNs, "--issue-ns") }
    return assumptions
  }

  /// A time of 0.001 ns to 1 s.
  private static func picoseconds(_ text: String, _ option: String) throws(TraceError) -> UInt64 {
    guard case .value(let time) = FixedPointText(text, places: 3), 1...1_000_000_000_000 ~= time
    else {
      throw TraceError(.configuration, "\(option): '\(text)' is not a time in ns, 0.001 to 10^9")
    }
    return time
  }
}

extension CompletionSplit {
  /// The split that `--completions` names; few where it is not given.
  ///
  /// - Throws: `TraceError.configuration` for another word.
  init(option text: String?) throws(TraceError) {
    guard let text else {
      self = .few
      return
    }
    guard let split = CompletionSplit(rawValue: text) else {
      let hint = didYouMean(text, among: CompletionSplit.allCases.map(\.rawValue))
      throw TraceError(.configuration, "--completions: unknown '\(text)'\(hint)")
    }
    self = split
  }
}
