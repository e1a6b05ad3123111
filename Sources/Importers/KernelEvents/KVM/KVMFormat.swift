extension ImportFormat {
  /// The kernel's `kvm_mmio` events as text.
  public static let kvmMMIO = ImportFormat(
    name: "kvm-mmio",
    summary: "Linux kvm_mmio events: trace, trace_pipe, trace-cmd report, perf script",
    recognizes: { KernelEventFamilies.recognizes($0, as: KVMEvents.self) },
    reader: { source, context, options in
      TextImporter(KVMText(parser: .init(context, options)), source, options)
    })
}

struct KVMText: KernelEventText {
  typealias Lexer = KVMLexer

  var parser: KernelEventParser<KVMEvents>
}

struct KVMLexer: KernelEventLexer {
  typealias Events = KVMEvents

  let names = NameTable(KVMEvents.names)

  func lexLines(
    from start: Int, to filled: Int, in bytes: [UInt8], into lines: inout PlainLines<Token>
  ) { read(from: start, to: filled, in: bytes, into: &lines) }
}
