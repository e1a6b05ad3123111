/// One thing that a program offers for captures, and how that was found.
public struct CaptureTrait: Sendable, Equatable, Codable {
  /// Stable name: `backend log`, `plugins`, ...
  public var name: String
  public var answer: CaptureSource.Answer
  /// The program says so itself; false where it is concluded from a text in the program's file.
  public var isCertain: Bool
  /// What was seen, and where.
  public var evidence: String

  enum CodingKeys: String, CodingKey {
    case name, answer, evidence
    case isCertain = "certain"
  }

  /// The answer as a word, with a question mark where it is concluded only.
  var word: String { answer.rawValue + (isCertain || answer == .unknown ? "" : "?") }
}
