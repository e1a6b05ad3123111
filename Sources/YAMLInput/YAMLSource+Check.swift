import TraceCore

extension YAMLSource {
  /// Rejects, before the parser sees them, what could make it slow or its tree large.
  ///
  /// An alias of a large node used as a key is hashed by the parser in full, so nested aliases cost
  /// exponential time: they have to be found in the text. An anchor or alias starts with `&` or `*`
  /// directly before a letter, digit, `_` or `-`, and never directly after one. The test ignores
  /// comments, and comments only: such text inside quotes is rejected as well, with a way out.
  func check() throws(TraceError) {
    guard text.utf8.count <= YAMLDocument.sizeLimit else {
      let limit = YAMLDocument.sizeLimit
      throw TraceError(.configuration, "more than \(limit) bytes of YAML", file: file)
    }
    var scan = LineScan()
    var line: UInt64 = 1
    var column = 0
    for byte in text.utf8 {
      column += 1
      switch scan.next(byte) {
      case .none: break
      case .reference:
        throw TraceError(
          .configuration,
          "anchors and aliases are not accepted (in a text, put a space after '*' or '&')",
          file: file, line: line, column: column - 1)
      case .control:
        throw TraceError(
          .configuration, "control character 0x\(hex(UInt64(byte), width: 2))", file: file,
          line: line, column: column)
      }
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 0
      }
    }
  }
}

/// What was found at a byte.
private enum Suspicion { case none, reference, control }

/// Looks for anchors, aliases and control characters; state of one line.
private struct LineScan {
  private var before = UInt8(ascii: "\n")
  private var beforeBefore = UInt8(ascii: "\n")
  /// Behind ` #` with no quote since: a comment, or text inside a quoted scalar that is still open.
  private var isComment = false

  mutating func next(_ byte: UInt8) -> Suspicion {
    defer {
      beforeBefore = before
      before = byte
    }
    switch byte {
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"): isComment = false
    case UInt8(ascii: "\t"): break
    case ..<0x20, 0x7f: return .control
    case UInt8(ascii: "#") where isBlank(before): isComment = true
    case UInt8(ascii: "'"), UInt8(ascii: "\""): isComment = false
    default: break
    }
    let starts = before == UInt8(ascii: "&") || before == UInt8(ascii: "*")
    guard starts, !isComment, isWord(byte) || byte == UInt8(ascii: "-") else { return .none }
    return isWord(beforeBefore) ? .none : .reference
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 }

  private func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
