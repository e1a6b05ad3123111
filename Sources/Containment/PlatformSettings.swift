public import Results

/// A platform, where its values come from, and what they might be instead.
public struct PlatformSettings: Sendable {
  /// A value that is not certain.
  public struct Choice: Sendable {
    /// Without `platform.`.
    public var key: String
    /// Every alternative, the platform's own among them: its text, and how a platform gets it.
    public var options: [(text: String, apply: @Sendable (inout Platform) -> Void)]

    public init(
      key: String, options: [(text: String, apply: @Sendable (inout Platform) -> Void)]
    ) {
      self.key = key
      self.options = options
    }
  }

  public var name: String
  public var summary: String
  public var platform: Platform
  /// Every value, sorted by key.
  public var values: [Setting]
  /// Sorted by key.
  public var choices: [Choice]

  public init(
    name: String, summary: String, platform: Platform, values: [Setting], choices: [Choice]
  ) {
    self.name = name
    self.summary = summary
    self.platform = platform
    self.values = values
    self.choices = choices
  }

  /// Combinations of the alternatives; 1 where every value is certain.
  public var combinations: Int { choices.reduce(1) { $0 * $1.options.count } }
}
