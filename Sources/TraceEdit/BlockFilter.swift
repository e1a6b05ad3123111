import TraceCore

extension Block {
  /// Leaves out records.
  ///
  /// Times are kept, so that a record without a stamp still repeats that of the record before it,
  /// be that left out or not. Classes without a record are left out, too.
  ///
  /// - Parameter keeps: One a record. Lazy columns have been loaded.
  func keep(_ keeps: [Bool]) {
    var cursor = RecordCursor(self)
    let (oldClasses, oldTimes) = (classes, times)
    let (oldValues, oldConfig, oldCode, oldLines) = (values, configValues, codeAddresses, lines)
    let result = Block()
    // Where a record that joins the run must start; nil behind the last address.
    var last: (token: Int, end: UInt64)?
    // The token here of each class that has a record here.
    var tokens = [UInt8?](repeating: nil, count: oldClasses.count)
    while let record = cursor.next() {
      guard keeps[record.index] else {
        last = nil
        continue
      }
      let entry = oldClasses[record.token]
      let run = result.runTokens.count - 1
      if let last, last.token == record.token, last.end == record.address,
        result.runCounts[run] < .max
      {
        result.runCounts[run] += 1
      } else {
        let token = tokens[record.token] ?? UInt8(result.classes.count)
        if tokens[record.token] == nil {
          tokens[record.token] = token
          result.classes.append(entry)
        }
        result.runTokens.append(token)
        result.runCounts.append(1)
        result.runAddresses.append(record.address)
      }
      let (end, isOver) = record.address.addingReportingOverflow(
        entry.operation.isAccess ? UInt64(entry.size) : 0)
      last = isOver ? nil : (record.token, end)
      result.times.append(oldTimes[record.index])
      let bytes = record.value..<record.value + entry.valueBytes
      if entry.columns.contains(.configValue) { result.configValues += oldConfig[bytes] }
      if entry.columns.contains(.value) { result.values += oldValues[bytes] }
      if entry.columns.contains(.codeAddress) {
        result.codeAddresses.append(oldCode[record.code])
      }
      if entry.columns.contains(.line) { result.lines.append(oldLines[record.line]) }
      result.count += 1
    }
    replace(by: result)
  }

  private func replace(by other: Block) {
    columnLoader = nil
    count = other.count
    classes = other.classes
    runTokens = other.runTokens
    runCounts = other.runCounts
    runAddresses = other.runAddresses
    times = other.times
    configValues = other.configValues
    values = other.values
    codeAddresses = other.codeAddresses
    lines = other.lines
  }
}
