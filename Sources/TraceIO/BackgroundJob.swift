internal import Dispatch
internal import Synchronization
internal import TraceCore

/// One thing at a time that is done on another core while its owner goes on.
///
/// The owner waits for the end of a job before it starts the next one, so what fails, and when it
/// is told, does not depend on how fast either is.
final class BackgroundJob: Sendable {
  private let queue = DispatchQueue(label: "mmioscope.background")
  private let fault = Mutex<TraceError?>(nil)

  /// Waits for the job at hand.
  ///
  /// - Throws: What it failed with, again and again.
  func wait() throws(TraceError) {
    end()
    if let fault = fault.withLock({ $0 }) { throw fault }
  }

  /// Waits for the job at hand, whatever becomes of it.
  func end() { queue.sync {} }

  /// Starts a job.
  ///
  /// - Precondition: The job before it was waited for.
  func start(_ job: @escaping @Sendable () throws(TraceError) -> Void) {
    queue.async {
      do throws(TraceError) {
        try job()
      } catch {
        self.fault.withLock { $0 = error }
      }
    }
  }
}
