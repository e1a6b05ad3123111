public import Ordering

/// A program, the machine that it runs on, and what is claimed of its outcomes.
public struct LitmusTest: Sendable {
  public var program: Program
  /// Where the claims come from: document and section.
  public var sources: [String]
  public var options: ExplorerOptions
  public var claims: [Claim]
  /// Where the text stands; nil for a test that was made otherwise.
  public var file: String?
  /// Line of the header, from 1.
  public var line: UInt64?

  /// - Parameters:
  ///   - program: What runs.
  ///   - sources: Where the claims come from.
  ///   - options: The machine.
  ///   - claims: What is claimed.
  public init(
    _ program: Program, sources: [String] = [], options: ExplorerOptions = ExplorerOptions(),
    claims: [Claim] = []
  ) {
    self.program = program
    self.sources = sources
    self.options = options
    self.claims = claims
  }
}
