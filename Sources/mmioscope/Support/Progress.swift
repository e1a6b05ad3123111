import TraceCore

/// A progress line on standard error for anything longer than half a second on a terminal:
/// percent of input bytes, records per second, time left.
///
/// Off a terminal it says nothing.
struct Progress {
  private let isShown: Bool
  private let start = ContinuousClock.now
  private var last = ContinuousClock.now
  private var wasDrawn = false

  init() { isShown = Console.isErrorTerminal }

  mutating func update(records: UInt64, source: any BlockSource) {
    guard isShown else { return }
    let now = ContinuousClock.now
    guard now - start > .milliseconds(500), now - last > .milliseconds(100) else { return }
    last = now
    wasDrawn = true
    draw(records: records, seconds: seconds(now - start), source.progress)
  }

  /// Removes the line.
  mutating func finish() {
    guard wasDrawn else { return }
    Console.errorText("\r\u{1b}[K")
    wasDrawn = false
  }

  private func draw(
    records: UInt64, seconds: Double, _ progress: (consumed: UInt64, total: UInt64?)
  ) {
    let rate = Double(records) / seconds / 1e6
    var line = "\(tenths(rate)) M records/s, \(progress.consumed >> 20) MiB read"
    if let total = progress.total, total > 0, progress.consumed > 0 {
      let done = min(1, Double(progress.consumed) / Double(total))
      let left = Int(seconds / done * (1 - done) + 0.5)
      let rest = "\(left / 60):" + (left % 60 < 10 ? "0" : "") + "\(left % 60) left"
      line = "\(Int(done * 100))%  \(line)  \(rest)"
    }
    Console.errorText("\r\u{1b}[K" + line)
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  private func tenths(_ value: Double) -> String {
    let scaled = Int(value * 10 + 0.5)
    return "\(scaled / 10).\(scaled % 10)"
  }
}
