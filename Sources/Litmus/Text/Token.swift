/// A piece of a litmus text.
struct Token: Equatable {
  enum Kind: Equatable {
    /// Letters, digits, `_`, `.`, and `-` before a letter or digit: a name, keyword or number.
    case word
    /// A text in double quotes, which is never a keyword.
    case quoted
    case symbol
    case end
  }

  var kind: Kind
  /// Without quotes and escapes.
  var text: String
  /// Offset in the file, in bytes.
  var offset: Int

  /// A name: a word, or anything in quotes.
  var isName: Bool { kind == .word || kind == .quoted }

  func isSymbol(_ text: String) -> Bool { kind == .symbol && self.text == text }

  /// A word, whatever the case of its letters.
  func isWord(_ text: String) -> Bool {
    kind == .word && self.text.lowercased() == text
  }

  /// As shown in an error: in quotes, not longer than a few words.
  var shown: String {
    switch kind {
    case .end: "the end of the text"
    default: "'" + clipped(text) + "'"
    }
  }
}

/// A text that fits in an error message.
func clipped(_ text: String) -> String {
  text.unicodeScalars.count <= 40
    ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(40))) + "…"
}

extension UInt8 {
  var isLetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }

  /// May stand in a word at any place.
  var isWordByte: Bool {
    isLetterOrDigit || self == UInt8(ascii: "_") || self == UInt8(ascii: ".")
  }
}

extension String {
  /// The text is one word, so that it needs no quotes as a name.
  var isWord: Bool {
    let bytes = Array(utf8)
    return !bytes.isEmpty
      && bytes.indices.allSatisfy { index in
        bytes[index].isWordByte
          || bytes[index] == UInt8(ascii: "-") && index > 0 && index + 1 < bytes.count
            && bytes[index + 1].isLetterOrDigit
      }
  }
}
