public import TraceCore

/// `raw.csv`: where and when it was measured, then one row a run.
///
/// The first lines are `# key: value`, which pandas passes over with `comment="#"`.
public struct RawTable: Sendable, Equatable {
  /// What the measurements hang on: commit, date, machine; in order.
  public var facts: [(key: String, value: String)]
  public var rows: [RawRow]

  public init(facts: [(key: String, value: String)], rows: [RawRow] = []) {
    self.facts = facts
    self.rows = rows
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.rows == right.rows && left.facts.elementsEqual(right.facts) { $0 == $1 }
  }

  /// A fact by its key.
  public func fact(_ key: String) -> String? { facts.first { $0.key == key }?.value }

  /// The file's text.
  public var text: String {
    let heads = facts.map { "# \($0.key): \(oneLine($0.value))\n" }.joined()
    let rows = rows.map { $0.text + "\n" }.joined()
    return heads + RawRow.columns.joined(separator: ",") + "\n" + rows
  }

  /// Reads the file's text.
  ///
  /// - Parameters:
  ///   - text: As ``text`` writes it.
  ///   - file: Its path, for messages.
  /// - Throws: ``TraceError`` `.badRecord` with the line.
  public init(text: String, file: String) throws(TraceError) {
    self.init(facts: [])
    var hasHeader = false
    var number: UInt64 = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      if line.isEmpty { continue }
      do throws(TraceError) {
        if line.hasPrefix("# "), !hasHeader {
          facts.append(try Self.fact(in: line.dropFirst(2)))
        } else if hasHeader {
          rows.append(try RawRow(fields: try splitFields(line)))
        } else if line == RawRow.columns.joined(separator: ",") {
          hasHeader = true
        } else {
          throw TraceError(.badRecord, "these are no columns of a benchmark's raw.csv")
        }
      } catch {
        var located = error
        located.file = file
        located.line = number
        throw located
      }
    }
    guard hasHeader else { throw TraceError(.badRecord, "no columns are named", file: file) }
  }

  private static func fact(
    in line: Substring
  ) throws(TraceError) -> (key: String, value: String) {
    guard let colon = line.firstIndex(of: ":") else {
      throw TraceError(.badRecord, "expected '# key: value'")
    }
    let value = line[line.index(after: colon)...]
    return (String(line[..<colon]), String(value.drop { $0 == " " }))
  }
}

/// A text whose line ends are spaces: a row of this table is one line.
func oneLine(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }

/// The fields of one line of CSV.
func splitFields(_ line: Substring) throws(TraceError) -> [String] {
  var fields = [""]
  var isQuoted = false
  var last: Character = ","
  for character in line {
    if character == "\"" {
      // A quote behind a closing one is a quote.
      if !isQuoted, last == "\"" { fields[fields.count - 1].append("\"") }
      isQuoted.toggle()
    } else if character == ",", !isQuoted {
      fields.append("")
    } else {
      fields[fields.count - 1].append(character)
    }
    last = character
  }
  guard !isQuoted else { throw TraceError(.badRecord, "a quote is not closed") }
  return fields
}
