/// The tail of an error about an unknown name: the nearest known one, or all if they are few.
///
/// - Parameters:
///   - name: What was written.
///   - known: What exists.
/// - Returns: `; did you mean 'a'?`, `; known are a, b` or an empty text.
public func didYouMean(_ name: String, among known: [String]) -> String {
  let word = Array(name.utf8.prefix(64))
  let limit = word.count < 4 ? 1 : max(2, min(word.count, 12) / 3)
  var near: [(distance: Int, name: String)] = []
  for candidate in known {
    let distance = editDistance(word, Array(candidate.utf8))
    // `buffers` for `cpu.buffers` is near, however short the word; so is `comp` for `compare`.
    if candidate.hasSuffix("." + name) || word.count > 2 && candidate.hasPrefix(name) {
      near.append((0, candidate))
    } else if distance <= limit {
      near.append((distance, candidate))
    }
  }
  if let best = near.map(\.distance).min() {
    let names = near.filter { $0.distance == best }.prefix(3).map { "'" + $0.name + "'" }
    return "; did you mean " + names.joined(separator: " or ") + "?"
  }
  return known.isEmpty || known.count > 16 ? "" : "; known are " + known.joined(separator: ", ")
}

/// Insertions, deletions and replacements that turn one word into the other (Levenshtein).
func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var row = Array(0...right.count)
  for (i, byte) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in right.enumerated() {
      let above = row[j + 1]
      row[j + 1] = min(diagonal + (byte == other ? 0 : 1), above + 1, row[j] + 1)
      diagonal = above
    }
  }
  return row[right.count]
}
