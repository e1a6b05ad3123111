import FoundationEssentials
import Results
public import TraceCore

/// What a comparison needs of `run.json`.
///
/// Metrics are taken as they stand, by name, so that a new one needs no line here.
public struct RunDocument: Sendable {
  /// Bytes of a document at most; that of a long trace with a thousand findings has about one
  /// million.
  public static let sizeLimit = 256 << 20

  let path: String
  let content: Content

  /// Decodes a document.
  ///
  /// - Parameters:
  ///   - json: The whole file.
  ///   - path: Its name for errors and reports.
  /// - Throws: ``TraceError`` with code `configuration` where it is no JSON, no result of `analyze`
  ///   or `compare`, or of another schema.
  public init(json: [UInt8], path: String) throws(TraceError) {
    self.path = path
    do {
      let version = try JSONDecoder().decode(Version.self, from: Data(json))
      guard version.schemaVersion == RunResult.schemaVersion else {
        throw TraceError(
          .configuration,
          "schema_version is \(version.schemaVersion); this program compares"
            + " \(RunResult.schemaVersion)", file: path)
      }
      content = try JSONDecoder().decode(Content.self, from: Data(json))
    } catch let error as TraceError {
      throw error
    } catch {
      throw TraceError(
        .configuration, "no result of analyze or compare: \(Self.words(error))", file: path)
    }
    guard !content.scenarios.isEmpty else {
      throw TraceError(
        .configuration, "no result of analyze or compare: it has no scenario", file: path)
    }
  }

  /// What is wrong, and at which key.
  private static func words(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return String(describing: error) }
    switch error {
    case .keyNotFound(let key, let context):
      return place(context.codingPath + [key]) + "is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return place(context.codingPath) + "has another type"
    case .dataCorrupted(let context):
      // The parser's own error has the line.
      let cause = context.underlyingError.map { ": \($0)" } ?? ""
      return place(context.codingPath) + context.debugDescription + cause
    @unknown default: return String(describing: error)
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "" }
    var text = ""
    for key in path {
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    return "'\(text)' "
  }
}

extension RunDocument {
  private struct Version: Decodable {
    var schemaVersion: Int
    enum CodingKeys: String, CodingKey { case schemaVersion = "schema_version" }
  }

  struct Content: Decodable, Sendable {
    var tool: Tool
    var trace: Trace
    var scenarios: [Scenario]
    var findings: [Finding]
  }

  struct Tool: Decodable, Sendable {
    var version: String
  }

  struct Trace: Decodable, Sendable {
    var name: String
    var sha256: String
    var records: UInt64
    var lost: UInt64
    var counters: [Counter]
  }

  struct Counter: Decodable, Sendable {
    var name: String
    var count: UInt64
  }

  struct Finding: Decodable, Sendable {
    var code: String
    var severity: String
    var scenario: String
    var count: UInt64
    var firstRecord: UInt64
    var region: String?
    var message: String
    /// What the message says without figures; nil in results of before 2026-12.
    var kind: String?

    enum CodingKeys: String, CodingKey {
      case code, severity, scenario, count, region, message, kind
      case firstRecord = "first_record"
    }
  }

  /// A scenario: its metrics, and every plain value beside them, settings among them.
  struct Scenario: Decodable, Sendable {
    var name: String
    var attributes: [String: String]
    var totals: [String: Amount]
    var regions: [Region]

    private enum CodingKeys: String, CodingKey { case name, totals, regions, settings }

    init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: CodingKeys.self)
      name = try keys.decode(String.self, forKey: .name)
      totals = try keys.decode([String: Amount].self, forKey: .totals)
      regions = try keys.decode([Region].self, forKey: .regions)
      attributes = try decoder.plainValues()
      attributes.merge(
        try keys.decode([String: Plain].self, forKey: .settings).compactMapValues(\.text)
      ) { $1 }
    }
  }

  /// A region of a scenario, likewise.
  struct Region: Decodable, Sendable {
    var name: String
    var attributes: [String: String]
    var metrics: [String: Amount]

    private enum CodingKeys: String, CodingKey { case name, metrics }

    init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: CodingKeys.self)
      name = try keys.decode(String.self, forKey: .name)
      metrics = try keys.decode([String: Amount].self, forKey: .metrics)
      attributes = try decoder.plainValues()
    }
  }

  /// A metric, or several under one key; nothing where a clock was not run.
  enum Amount: Decodable, Sendable {
    case count(UInt64)
    case parts([String: Amount])
    case none

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .none
      } else if let count = try? value.decode(UInt64.self) {
        self = .count(count)
      } else {
        self = .parts(try value.decode([String: Amount].self))
      }
    }
  }

  /// A word, a number or a flag; nil for everything else.
  struct Plain: Decodable {
    var text: String?

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let word = try? value.decode(String.self) {
        text = word
      } else if let flag = try? value.decode(Bool.self) {
        text = String(flag)
      } else if let number = try? value.decode(UInt64.self) {
        text = String(number)
      } else if let number = try? value.decode(Double.self) {
        text = String(number)
      }
    }
  }
}

extension Decoder {
  /// The values at hand that are words, numbers or flags, by key; without the name.
  fileprivate func plainValues() throws -> [String: String] {
    try singleValueContainer().decode([String: RunDocument.Plain].self)
      .compactMapValues(\.text).filter { $0.key != "name" }
  }
}
