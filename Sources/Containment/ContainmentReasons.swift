import Results

/// Why the memory type plays a part on a platform, or why not.
struct ContainmentReasons {
  let settings: PlatformSettings
  let rows: [ContainmentRow]

  private func rows(_ part: TypePart) -> [ContainmentRow] { rows.filter { $0.part == part } }

  var sentences: [String] {
    [answer]
      + (rows(.yes).isEmpty ? sameBecause : [])
      + differences(rows(.yes), "")
      + differences(rows(.inRange), "Other values in range: ")
      + worst
  }

  private var answer: String {
    let tried =
      settings.combinations == 1
      ? "every value is certain" : "\(settings.combinations) combinations of values in range tried"
    let kinds = "of \(rows.count) \(rows.count == 1 ? "kind" : "kinds") of failure"
    if !rows(.yes).isEmpty {
      return "The memory type plays a part in \(rows(.yes).count) \(kinds) (\(tried))."
    }
    if !rows(.inRange).isEmpty {
      return
        "The memory type plays no part under the platform's own values; under others in range it"
        + " does in \(rows(.inRange).count) \(kinds) (\(tried))."
    }
    return "The memory type plays no part in any \(kinds) (\(tried))."
  }

  private var sameBecause: [String] {
    if rows.allSatisfy({ $0.before.memoryType == $0.after.memoryType }) {
      return ["Both mappings give the same type there."]
    }
    guard settings.platform.answersWithErrors else {
      return [
        "Failed reads are answered with data and lost writes are dropped, so that no exception reaches"
          + " the CPU; only an exception looks at the type."
      ]
    }
    return ["The CPU takes the error alike under both types, or the host treats both alike."]
  }

  private func differences(_ rows: [ContainmentRow], _ start: String) -> [String] {
    [AccessKind.read, .speculativeRead, .write].compactMap { access in
      let rows = rows.filter { $0.access == access.rawValue }
      guard let first = rows.first else { return nil }
      let faults = rows.map(\.fault).reduce(into: [String]()) {
        if !$0.contains($1) { $0.append($1) }
      }
      let keys = Set(rows.flatMap(\.hangsOn)).sorted()
      return start + "\(words(access)) (\(faults.joined(separator: ", "))): " + text(first)
        + (keys.isEmpty ? "." : "; it hangs on \(keys.joined(separator: ", ")).")
    }
  }

  private func words(_ access: AccessKind) -> String {
    switch access {
    case .read: "Loads"
    case .speculativeRead: "Speculative reads"
    case .write: "Stores"
    }
  }

  private func text(_ row: ContainmentRow) -> String {
    if row.before.outcomes.isEmpty || row.after.outcomes.isEmpty {
      let (with, without) =
        row.before.outcomes.isEmpty ? (row.after, row.before) : (row.before, row.after)
      return "only \(with.memoryType) has them: " + with.text + "; under \(without.memoryType) "
        + "there are none"
    }
    return "\(row.before.memoryType): \(row.before.text); \(row.after.memoryType): "
      + row.after.text
  }

  /// What is not contained whatever the type.
  private var worst: [String] {
    let down = rows.filter { $0.before.worst == .hostDown && $0.after.worst == .hostDown }
    guard !down.isEmpty else { return [] }
    let kinds = down.map { "\($0.access) \($0.fault)" }.reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let advice =
      settings.platform.attachment == .soc
      ? " Such a device must be kept away from VFIO whatever the type." : ""
    return [
      "Under either type these can take the host down: " + kinds.joined(separator: ", ") + "."
        + advice
    ]
  }
}
