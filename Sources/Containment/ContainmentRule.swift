import Results

/// A link's error message.
enum ErrorMessage: Int, Comparable {
  case none, correctable, nonfatal, fatal

  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What is known of a failed access after some stages.
struct ChainState: Equatable {
  /// What the CPU's bus says.
  enum Answer { case okay, slaveError, poison }

  /// How the CPU hears of it.
  enum Exception { case none, interrupt, synchronous, serror }

  var message = ErrorMessage.none
  var answer = Answer.okay
  var exception = Exception.none
  /// nil without an exception, or where the CPU reports none.
  var errorClass: ErrorClass?
  var outcome = ContainmentOutcome.contained

  /// The same with one part replaced.
  func with<Part>(_ part: WritableKeyPath<ChainState, Part>, _ value: Part) -> ChainState {
    var state = self
    state[keyPath: part] = value
    return state
  }

  /// The same with an outcome that is at least as bad.
  func reaching(_ other: ContainmentOutcome) -> ChainState {
    with(\.outcome, max(outcome, other))
  }
}

/// One way on from a state.
struct Branch {
  var text: String
  var state: ChainState

  init(_ text: String, _ state: ChainState) {
    self.text = text
    self.state = state
  }
}

/// One rule of a stage; of a stage's rules the first that speaks decides.
protocol ContainmentRule: Sendable {
  var stage: ContainmentStage { get }
  /// Unique, without the stage.
  var name: String { get }
  var source: String { get }
  /// The platform's values that it looks at, without `platform.`.
  var reads: Set<String> { get }

  /// - Returns: Every way on; nil where the rule is not about such a state.
  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]?
}

extension ContainmentRule {
  var reads: Set<String> { [] }
}
