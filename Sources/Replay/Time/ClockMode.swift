/// What a pass over steps is for: known when it is compiled, so that what is not asked for costs
/// nothing.
protocol ClockMode {
  /// Latencies, time shares and the link's use are kept.
  static var measures: Bool { get }
  /// Recorded times hold.
  static var paced: Bool { get }
}

/// The modes there are.
enum ClockModes {
  enum Saturated: ClockMode {
    static var measures: Bool { false }
    static var paced: Bool { false }
  }

  enum Paced: ClockMode {
    static var measures: Bool { false }
    static var paced: Bool { true }
  }

  enum MeasuredSaturated: ClockMode {
    static var measures: Bool { true }
    static var paced: Bool { false }
  }

  enum MeasuredPaced: ClockMode {
    static var measures: Bool { true }
    static var paced: Bool { true }
  }
}
