import TraceCore

/// Trace events of one subsystem of the kernel that become records.
///
/// A family knows what its events mean; how they are stored (text, `trace.dat`) is its callers'.
protocol KernelEvents {
  /// The names that become records or change them.
  static var names: [StaticString] { get }
  /// A name shows that a capture is of this family.
  static func isTypical(_ name: Range<Int>, _ bytes: Span<UInt8>) -> Bool

  init(_ context: TraceContext, _ options: ImportOptions)

  var context: TraceContext { get }
  var counters: ImportCounters { get set }

  /// Reads the family's lines.
  associatedtype Lexer: KernelEventLexer where Lexer.Events == Self

  /// What the arguments of an event say; texts are places in the chunk.
  associatedtype Event: BitwiseCopyable, Sendable

  /// Reads an event's arguments, which are text; several cores may do so at a time.
  ///
  /// - Parameters:
  ///   - event: Index in ``names``.
  ///   - cursor: At the arguments.
  ///   - bytes: The chunk.
  /// - Returns: What they say.
  /// - Throws: A fault where they break the grammar.
  static func decode(
    _ event: Int, _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> Event

  /// Takes an event whose arguments were text.
  ///
  /// - Parameters:
  ///   - event: What they said.
  ///   - source: Who, where and when.
  ///   - bytes: The chunk.
  ///   - builder: Takes sixteen records at most.
  mutating func take(
    _ event: Event, _ source: EventSource, _ bytes: Span<UInt8>, _ builder: inout BlockAppender)

  /// Learns from the header of any event of a task.
  mutating func see(_ line: EventLine, _ cursor: TextCursor, _ bytes: Span<UInt8>)

  /// Takes a mark that a user wrote, or the news that events were lost.
  mutating func take(_ notice: Notice, _ source: EventSource, _ builder: inout BlockAppender)

  /// Appends records that were held back; false when there were none.
  mutating func finish(into builder: inout BlockAppender) -> Bool

  /// Adds what the whole capture showed to the context.
  mutating func conclude()
}

/// Who caused an event, where and when.
struct EventSource {
  var pid: UInt64
  var cpu: UInt16
  /// Nanoseconds.
  var time: UInt64?
  /// Source line; nil in binary captures.
  var line: UInt64?
}

/// What is no event of any family.
enum Notice {
  /// Index of the text in the context.
  case mark(UInt32?)
  /// nil where the number is not known.
  case lost(UInt64?)

  /// The record, without its place.
  func record(vcpu: UInt16) -> (RecordClass, value: UInt64?) {
    switch self {
    case .mark(let text): (RecordClass(.mark, vcpu: vcpu, text: text), nil)
    case .lost(let count): (RecordClass(.lost, vcpu: vcpu), count)
    }
  }
}
