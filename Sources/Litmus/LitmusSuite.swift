/// The litmus programs that come with the product.
public enum LitmusSuite {
  /// File names and their text.
  static let files: [(name: String, bytes: [UInt8])] = [
    ("arrival.litmus", PackageResources.arrival_litmus)
  ]
}
