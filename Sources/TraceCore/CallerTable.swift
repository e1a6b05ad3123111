/// Callers that a capture prints as text (`vp_notify+0x68/0xe8`), in order of first appearance.
///
/// Records refer to one like to any other code address: the first text has ``base``, the next one
/// the number behind it, and so on.
public struct CallerTable: Sendable, Equatable {
  /// The code address of the first text: `SYMB` and a number.
  ///
  /// No instruction lies there: bits 63 to 56 of a virtual address are equal on Arm (52 bits of
  /// address) and x86 (57).
  public static let base: UInt64 = 0x5359_4d42_0000_0000
  /// Texts at most.
  public static let limit = 65_536
  /// UTF-8 bytes of a text at most.
  public static let longestText = 256
  /// The code addresses that stand for texts.
  public static let range = base..<base + UInt64(limit)

  public private(set) var texts: [String] = []
  private var numbers: [String: Int] = [:]

  public init() {}

  /// The text of a code address; nil for one that is a number.
  public subscript(code: UInt64) -> String? {
    guard Self.range.contains(code), code - Self.base < UInt64(texts.count) else { return nil }
    return texts[Int(code - Self.base)]
  }

  /// The code address of a text, given at first sight.
  ///
  /// - Parameter text: Not of hexadecimal digits alone, as it would read as a number then.
  /// - Returns: nil when the text is none, too long, or the table full.
  public mutating func code(for text: String) -> UInt64? {
    if let known = numbers[text] { return Self.base + UInt64(known) }
    guard texts.count < Self.limit, text.utf8.count <= Self.longestText, Self.isText(text) else {
      return nil
    }
    numbers[text] = texts.count
    texts.append(text)
    return Self.base + UInt64(texts.count - 1)
  }

  private static func isText(_ text: String) -> Bool {
    let digits = text.utf8.starts(with: "0x".utf8) ? text.utf8.dropFirst(2) : text.utf8[...]
    return !digits.allSatisfy { byte in
      byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6
    }
  }

  /// How a code address is shown: its text, or `0x` and the number.
  public func shown(_ code: UInt64) -> String {
    self[code] ?? "0x" + String(code, radix: 16)
  }
}
