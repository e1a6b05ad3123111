extension ImportFormat {
  /// The kernel's `rwmmio_*` events as text.
  public static let rwmmio = ImportFormat(
    name: "rwmmio",
    summary: "Linux rwmmio_* events: trace, trace_pipe, trace-cmd report, perf script",
    recognizes: { KernelEventFamilies.recognizes($0, as: RWMMIOEvents.self) },
    reader: { source, context, options in
      TextImporter(RWMMIOText(parser: .init(context, options)), source, options)
    })
}

struct RWMMIOText: KernelEventText {
  typealias Lexer = RWMMIOLexer

  var parser: KernelEventParser<RWMMIOEvents>
}

struct RWMMIOLexer: KernelEventLexer {
  typealias Events = RWMMIOEvents

  let names = NameTable(RWMMIOEvents.names)

  func lexLines(
    from start: Int, to filled: Int, in bytes: [UInt8], into lines: inout PlainLines<Token>
  ) { read(from: start, to: filled, in: bytes, into: &lines) }
}
