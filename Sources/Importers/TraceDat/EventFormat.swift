/// A trace event's layout, from the text of its `format` file
/// (Linux `Documentation/trace/events.rst`, section 2.3).
struct EventFormat {
  /// A field of an event.
  struct Field: Equatable {
    var offset: Int
    /// Bytes; 0 of an array that fills the event.
    var size: Int
  }

  var name = ""
  /// The number that stands in every event's `common_type`.
  var id: UInt16?
  var fields: [String: Field] = [:]

  /// Parses `name: NAME`, `ID: N` and the lines `field:TYPE NAME;\toffset:N;\tsize:N;...`.
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let trimmed = line.drop { $0 == "\t" || $0 == " " }
      if trimmed.hasPrefix("name: ") {
        name = String(trimmed.dropFirst(6))
      } else if trimmed.hasPrefix("ID: ") {
        id = UInt16(trimmed.dropFirst(4))
      } else if trimmed.hasPrefix("field:") {
        parse(field: trimmed.dropFirst(6))
      }
    }
  }

  private mutating func parse(field text: Substring) {
    let parts = text.split(separator: ";").map { part in part.drop { $0 == "\t" || $0 == " " } }
    guard let declaration = parts.first else { return }
    var (offset, size): (Int?, Int?) = (nil, nil)
    for part in parts.dropFirst() {
      if part.hasPrefix("offset:") { offset = Int(part.dropFirst(7)) }
      if part.hasPrefix("size:") { size = Int(part.dropFirst(5)) }
    }
    // `char buf[]`: the name ends at the bracket.
    let words = declaration.split(separator: " ")
    guard let offset, let size, offset >= 0, size >= 0, offset < 1 << 20, size < 1 << 20,
      let last = words.last
    else { return }
    fields[String(last.prefix { $0 != "[" })] = Field(offset: offset, size: size)
  }
}
