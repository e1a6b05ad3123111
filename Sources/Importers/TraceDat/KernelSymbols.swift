/// The symbols of a kernel, as `/proc/kallsyms` lists them: `ADDRESS TYPE NAME[\t[MODULE]]`.
struct KernelSymbols {
  /// Symbols that are kept at most; those of the highest addresses go.
  static let limit = 1 << 20

  private let text: [UInt8]
  /// Ascending by address; the name is a range of ``text``.
  private var entries: [(address: UInt64, start: Int32, end: Int32)] = []

  init() { text = [] }

  /// - Parameter text: The list; lines that are none of it are passed over.
  init(_ text: [UInt8]) {
    self.text = text
    let bytes = text.span
    var start = 0
    while start < text.count {
      let end = bytes.first(0x0a, from: start, to: text.count) ?? text.count
      if let entry = Self.entry(start, end, bytes), entry.address != 0 { entries.append(entry) }
      start = end + 1
    }
    // Of symbols at one address the one listed first stays in front.
    entries = entries.enumerated()
      .sorted { ($0.element.address, $0.offset) < ($1.element.address, $1.offset) }
      .prefix(Self.limit).map(\.element)
  }

  private static func entry(
    _ start: Int, _ end: Int, _ bytes: Span<UInt8>
  ) -> (address: UInt64, start: Int32, end: Int32)? {
    var cursor = TextCursor(start, end: end)
    guard let address = try? cursor.hex(bytes, "an address"), cursor.skip(" ", bytes),
      cursor.position + 2 < end, bytes[cursor.position + 1] == 0x20
    else { return nil }
    return (address, Int32(cursor.position + 2), Int32(end))
  }

  var isEmpty: Bool { entries.isEmpty }

  /// `NAME+0xOFFSET [MODULE]` of the symbol at or before an address; nil where there is none.
  func name(of address: UInt64) -> String? {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    var found = low - 1
    while found > 0, entries[found - 1].address == entries[found].address { found -= 1 }
    let entry = entries[found]
    let words = text[Int(entry.start)..<Int(entry.end)].split(separator: 0x09, maxSplits: 1)
    guard let name = words.first else { return nil }
    let module = words.count > 1 ? " " + String(decoding: words[1], as: UTF8.self) : ""
    return String(decoding: name, as: UTF8.self) + "+0x"
      + String(address - entry.address, radix: 16) + module
  }
}
