public import TraceCore

/// The litmus programs that come with the product.
public enum LitmusSuite {
  /// File names and their text.
  static let files: [(name: String, bytes: [UInt8])] = [
    ("arrival.litmus", PackageResources.arrival_litmus),
    ("values.litmus", PackageResources.values_litmus),
    ("system.litmus", PackageResources.system_litmus),
    ("rules.litmus", PackageResources.rules_litmus),
  ]

  /// Every program of the suite.
  ///
  /// - Returns: In the order of the files.
  /// - Throws: ``TraceError`` where a text is wrong.
  public static func tests() throws(TraceError) -> [LitmusTest] {
    var tests: [LitmusTest] = []
    for file in files { tests += try LitmusTest.parse(file.bytes, file: file.name) }
    return tests
  }

  /// The suite's verdict table, as `litmus --suite --csv` prints it.
  public static var verdicts: String {
    String(decoding: PackageResources.verdicts_csv, as: UTF8.self)
  }
}
