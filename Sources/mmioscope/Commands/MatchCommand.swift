import ArgumentParser
import ArmMemory
import Matching
import Profiles
import Replay
import Reporting
import Results
import TraceCore
import TraceIO
import YAMLInput

/// `match`: the TLPs of a scenario beside those that a protocol analyzer saw.
struct MatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match",
    abstract: "The predicted TLPs beside those that a protocol analyzer saw.",
    discussion: """
      mmioscope match nic.mmt analyzer.csv
      mmioscope match nic.mmt analyzer.csv --policy kvm-device --at-least 99
      mmioscope match nic.mmt analyzer.csv --set rc.split=aligned --json -
      mmioscope match nic.mmt host.csv --observed-at 'bar 2=0x38000000000'

      The list is CSV with a header: type (MWr, MRd32, CplD, ...), addr (0x...) and length_dw, in any \
      order; where it has them first_be and last_be, direction (down, up), time_ps or time_ns, and \
      tlp. What packets prints is such a list. Memory requests are compared line by line of \
      cpu.line_bytes; other TLPs, and those outside the trace's regions, are counted.

      A TLP is looked for among the next --window ones of the other list, so that both may begin and \
      end elsewhere, and one may lack some. Exit status 1: fewer agree than --at-least says.
      """)

  @OptionGroup var trace: FilteredTraceOptions

  @Argument(help: "CSV of the TLPs that were seen; - is standard input.")
  var observed: String

  @Option(help: "Mapping: kvm-device, kvm-normal-nc or none.")
  var policy: KVMPolicy = .kvmNormalNC

  @Option(
    help: ArgumentHelp(
      "Where the list has a region that lies elsewhere on the bus than in the trace; repeats.",
      valueName: "region=0xaddress"),
    transform: observedPlace)
  var observedAt: [MatchResult.Moved] = []

  @Option(help: "TLPs of the other list among which one is looked for, 1 to 4194304.")
  var window = 4096

  @Option(
    help: ArgumentHelp(
      "Fail where a smaller share of the predicted requests agrees.", valueName: "percent"),
    transform: LeastShare.init)
  var atLeast: LeastShare?

  @OptionGroup(title: "Output")
  var output: ResultOutputOptions

  @OptionGroup var scenario: ScenarioOptions

  func validate() throws {
    if trace.whole.trace == "-", observed == "-" {
      throw ValidationError("only one of both can be -")
    }
    guard (1...1 << 22).contains(window) else {
      throw ValidationError("--window is 1 to 4194304 TLPs")
    }
    guard Set(observedAt.map(\.region)).count == observedAt.count else {
      throw ValidationError("--observed-at has a region twice")
    }
  }

  func run() throws {
    let configuration = try scenario.configuration(policy: policy, name: policy.rawValue)
    var listing = PacketListing(configuration)
    let (source, accessors) = try trace.open(listing, for: "match")
    let list = try ObservedList(openInput(path: observed, hashes: false))
    let lineBytes = configuration.settings.cpu.lineBytes
    var empty = MatchResult(
      trace: source.context.name, observed: list.path, scenario: configuration.name,
      accessors: accessors.rawValue, window: window, lineBytes: lineBytes,
      hasEnables: list.hasEnables)
    empty.moved = observedAt.sorted { $0.region < $1.region }
    let bases = Dictionary(observedAt.map { ($0.region, $0.base) }, uniquingKeysWith: { $1 })
    var matcher = TLPMatcher(
      list, source.context, regions: trace.filter.region, bases: bases, lineBytes: lineBytes,
      window: window)
    var progress = Progress()
    listing.onBlock = { records in progress.update(records: records, source: source) }
    do {
      defer { progress.finish() }
      try listing.run(source, accessors: accessors) { packets throws(TraceError) in
        try matcher.add(packets)
      }
    }
    try checkPlaces(source.context)
    let result = try matcher.finish(empty)
    let isMet = atLeast?.isMet(by: result.totals) ?? true
    let decisions = atLeast.map { share in
      GateReport.Case(
        name: "--at-least \(share.text)",
        outcome: isMet ? .passed : .failed([matchVerdict(result)]))
    }
    try output.finish(
      ResultOutputOptions.Texts(
        gate: GateReport(
          gate: "match", subject: "\(result.trace) \(result.observed)",
          cases: [decisions].compactMap(\.self)),
        json: { matchJSON(result, atLeast: atLeast?.text, isMet: isMet) },
        csv: { matchCSV(result) },
        markdown: { matchMarkdown(result) },
        screen: { matchText(result, width: Console.width, color: Console.usesColor) }))
    reportLosses(source.context.counters.rows)
    guard let atLeast, !isMet else { return }
    Console.failed("--at-least \(atLeast.text)", [matchVerdict(result)])
    throw ExitCode(1)
  }
}

extension MatchCommand {
  /// Refuses a region that the trace does not have, which only its end tells.
  private func checkPlaces(_ context: TraceContext) throws(TraceError) {
    for place in observedAt where context.regions.first(named: place.region) == nil {
      let known = context.regions.regions.prefix(20).map(\.name).joined(separator: ", ")
      throw TraceError(
        .configuration,
        "--observed-at \(place.region): the trace has no such region; it has: \(known)",
        file: context.name)
    }
  }
}

/// Decodes `REGION=0xADDRESS`.
private func observedPlace(_ text: String) throws -> MatchResult.Moved {
  guard let equals = text.lastIndex(of: "="),
    case .value(let base) = IntegerText(text[text.index(after: equals)...]), base & 3 == 0
  else {
    throw ValidationError("wanted: REGION=0xADDRESS, the address a multiple of 4")
  }
  return MatchResult.Moved(region: String(text[..<equals]), base: base)
}

/// A share in percent, with up to four decimals.
struct LeastShare: Sendable {
  /// As the user wrote it.
  let text: String
  private let millionths: UInt64

  /// - Parameter text: `99`, `99.5`.
  /// - Throws: `ValidationError` where it is none from 0 to 100.
  init(_ text: String) throws {
    guard case .value(let number) = FixedPointText(text, places: 4), number <= 1_000_000 else {
      throw ValidationError("a share is 0 to 100 percent, with up to four decimals")
    }
    self.text = text
    millionths = number
  }

  /// As many agree; of no request any share but none is missed.
  func isMet(by counts: MatchResult.Counts) -> Bool {
    let predicted = counts.compared.predicted
    guard predicted > 0 else { return millionths == 0 }
    return UInt128(counts.agree) * 1_000_000 >= UInt128(predicted) * UInt128(millionths)
  }
}
