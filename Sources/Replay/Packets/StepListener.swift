import TraceCore

/// Sees the engine's steps before its clocks do.
protocol StepListener: AnyObject {
  /// There may be as many vCPUs and regions from now on.
  func grow(vcpus: Int, regions: Int)

  /// Takes steps in order; the arguments are those of ``ReplayClock/consume(_:times:)``.
  func take(_ steps: borrowing StepLog, times: Span<UInt64>)
}
