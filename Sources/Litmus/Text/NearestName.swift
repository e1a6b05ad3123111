/// The known name that a wrong one was probably meant to be.
///
/// - Parameters:
///   - wrong: As it was written.
///   - known: What could have been meant.
/// - Returns: The first of the nearest names, at most two edits and half the length away.
func nearestName(to wrong: String, in known: [String]) -> String? {
  // Dots are easily forgotten: `STRX`.
  let wrong = wrong.lowercased().replacing(".", with: "")
  guard wrong.unicodeScalars.count <= 64 else { return nil }
  let limit = min(2, wrong.unicodeScalars.count / 2)
  let ranked = known.map {
    (name: $0, edits: edits(wrong, $0.lowercased().replacing(".", with: "")))
  }
  guard let best = ranked.min(by: { $0.edits < $1.edits }), best.edits <= limit else { return nil }
  return best.name
}

/// `; did you mean 'X'?`, or the names there are, or nothing.
func suggestion(for wrong: String, in known: [String]) -> String {
  if let name = nearestName(to: wrong, in: known) { return "; did you mean '\(clipped(name))'?" }
  guard !known.isEmpty, known.count <= 12 else { return "" }
  return "; there is " + known.map(clipped).joined(separator: ", ")
}

/// Insertions, deletions and replacements between two texts (Levenshtein).
private func edits(_ left: String, _ right: String) -> Int {
  let left = Array(left.unicodeScalars)
  let right = Array(right.unicodeScalars.prefix(80))
  var row = Array(0...right.count)
  for (index, scalar) in left.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for column in right.indices {
      let cost = min(
        diagonal + (scalar == right[column] ? 0 : 1), row[column] + 1, row[column + 1] + 1)
      diagonal = row[column + 1]
      row[column + 1] = cost
    }
  }
  return row[right.count]
}
