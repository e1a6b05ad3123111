// A document with a long list, which is written item by item.
extension JSONValue {
  /// Writes the document with a list's items.
  ///
  /// - Parameters:
  ///   - key: The list's key; the document has it as an empty list, and no other key of that name at
  ///     the first level of indentation.
  ///   - items: What the list holds.
  ///   - sink: Takes the text, piece by piece.
  /// - Throws: What the sink throws.
  func write<Failure: Error>(
    list key: String, _ items: some Collection<JSONValue>,
    to sink: (String) throws(Failure) -> Void
  ) throws(Failure) {
    let text = document
    let head = "\n  \"\(key)\" : ["
    guard !items.isEmpty, let list = text.firstRange(of: head),
      let end = text[list.upperBound...].firstIndex(of: "]")
    else { return try sink(text) }
    try sink(String(text[..<list.upperBound]))
    var isFirst = true
    for item in items {
      try sink((isFirst ? "\n" : ",\n") + item.indented)
      isFirst = false
    }
    try sink("\n  " + text[end...])
  }

  /// The document as an item of a list at the first level.
  private var indented: String {
    document.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n")
  }
}
