/// One way to capture MMIO, and whether this machine offers it.
public struct CaptureSource: Sendable, Equatable, Codable {
  /// The answer; `unknown` where finding out takes rights that are not there, or another program.
  public enum Answer: String, Sendable, Codable { case yes, no, unknown }

  /// Stable name: `rwmmio`, `qemu-system-aarch64`, ...
  public var name: String
  public var answer: Answer
  /// Why, with the file or program that it was seen in.
  public var reason: String
  /// What such a capture holds, and what it cannot.
  public var holds: String
  /// Shell commands that make the capture, in order; empty where there is no way.
  public var capture: [String]
  /// Shell command that imports it; nil where there is nothing to import.
  public var importing: String?
  /// What the program offers in all, where there is one: its back ends.
  public var traits: [CaptureTrait] = []

  enum CodingKeys: String, CodingKey {
    case name, answer, reason, holds, capture, traits
    case importing = "import"
  }
}

/// What a machine offers; see ``CaptureProbe``.
public struct CaptureReport: Sendable, Equatable, Codable {
  public var schemaVersion = 1
  public var sources: [CaptureSource]

  enum CodingKeys: String, CodingKey {
    case schemaVersion = "schema_version"
    case sources
  }
}
