import TraceCore

extension Region {
  /// What lies at its addresses is a guess: accesses went there, and nothing says to what.
  ///
  /// It is taken for a BAR, so that stores to it are replayed at all; it may as well be an interrupt
  /// controller.
  var isGuessed: Bool { origin == .inferred && kind == .bar }
}
