import TraceCore

/// Gives pairs of callers' addresses the code address of their names.
struct SymbolCallers {
  private struct Pair: Hashable {
    var inner: UInt64
    var outer: UInt64?
  }

  private let symbols: KernelSymbols
  private var codes: [Pair: UInt64] = [:]
  private var last: (pair: Pair, code: UInt64)?

  init(_ symbols: KernelSymbols = KernelSymbols()) { self.symbols = symbols }

  /// The code address of an access.
  ///
  /// - Parameters:
  ///   - inner: Address in the function that makes it.
  ///   - outer: Address in that function's caller; nil where the event does not say.
  ///   - context: Gets the names.
  /// - Returns: That of `OUTER -> INNER`, where the inner one has a symbol; else its address. nil
  ///   where the trace has no room for the names.
  mutating func code(
    _ inner: UInt64, outer: UInt64?, _ context: TraceContext
  ) -> UInt64? {
    let pair = Pair(inner: inner, outer: outer)
    if let last, last.pair == pair { return last.code }
    let known = codes[pair]
    guard let code = known ?? name(pair, context) else { return nil }
    last = (pair, code)
    if known == nil, codes.count < CallerTable.limit { codes[pair] = code }
    return code
  }

  private func name(_ pair: Pair, _ context: TraceContext) -> UInt64? {
    guard let inner = symbols.name(of: pair.inner) else {
      return CallerTable.range.contains(pair.inner) ? nil : pair.inner
    }
    let outer = pair.outer.map {
      (symbols.name(of: $0) ?? "0x" + String($0, radix: 16)) + " -> "
    }
    return context.callers.code(for: (outer ?? "") + inner)
  }
}
