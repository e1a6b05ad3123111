import TraceCore

/// Progress on standard error for anything longer than half a second: percent of input bytes, records
/// per second, time left.
///
/// On a terminal it is a line that moves; elsewhere, as in a log of CI, a line every half minute.
struct Progress {
  private enum Form { case none, moving, lines }

  private let form: Form
  private let start = ContinuousClock.now
  private var last = ContinuousClock.now
  private var wasDrawn = false

  init() {
    form =
      switch Console.progress {
      case .never: .none
      case .always: .moving
      case .auto: Console.isErrorTerminal ? .moving : .lines
      }
  }

  mutating func update(records: UInt64, source: any BlockSource) {
    guard form != .none else { return }
    let now = ContinuousClock.now
    guard now - last > (form == .lines ? .seconds(30) : .milliseconds(100)),
      now - start > .milliseconds(500)
    else { return }
    last = now
    let text = line(records: records, seconds: seconds(now - start), source.progress)
    guard form == .moving else { return Console.error(text) }
    wasDrawn = true
    Console.errorText("\r\u{1b}[K" + text)
  }

  /// Removes the line that moves.
  mutating func finish() {
    guard wasDrawn else { return }
    Console.errorText("\r\u{1b}[K")
    wasDrawn = false
  }

  private func line(
    records: UInt64, seconds: Double, _ progress: (consumed: UInt64, total: UInt64?)
  ) -> String {
    let rate = Double(records) / seconds / 1e6
    var line = "\(tenths(rate)) M records/s, \(progress.consumed >> 20) MiB read"
    if let total = progress.total, total > 0, progress.consumed > 0 {
      let done = min(1, Double(progress.consumed) / Double(total))
      let left = Int(seconds / done * (1 - done) + 0.5)
      let rest = "\(left / 60):" + (left % 60 < 10 ? "0" : "") + "\(left % 60) left"
      line = "\(Int(done * 100))%  \(line)  \(rest)"
    }
    return line
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  private func tenths(_ value: Double) -> String {
    let scaled = Int(value * 10 + 0.5)
    return "\(scaled / 10).\(scaled % 10)"
  }
}
