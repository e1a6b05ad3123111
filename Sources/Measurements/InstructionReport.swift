/// What valgrind's callgrind says on standard error.
public enum InstructionReport {
  /// Instructions executed.
  ///
  /// - Parameter text: Standard error of a run; the line looked for is `==PID== Collected : N`.
  /// - Returns: nil where nothing was counted.
  public static func collected(_ text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 4, words[0].hasPrefix("=="), words[1] == "Collected", words[2] == ":"
      else { continue }
      return Int(words[3])
    }
    return nil
  }
}
