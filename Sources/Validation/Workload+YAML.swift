// Workloads, words and decimal numbers from YAML.

import TraceCore
import YAMLInput

extension Workload {
  /// Kinds as they are written.
  private enum Kind: String, CaseIterable {
    case copy, loads
    case deviceWrite = "device_write"
    case deviceRead = "device_read"
    case deviceReadLatency = "device_read_latency"

    /// Keys besides `kind` and `bytes`.
    var keys: [String] {
      switch self {
      case .copy: ["store_bytes", "memory", "fence"]
      case .loads: ["load_bytes", "memory"]
      case .deviceWrite, .deviceRead: ["header_dw"]
      case .deviceReadLatency: ["header_dw", "behind_write"]
      }
    }
  }

  /// Bytes of one transfer, and of a workload, at most.
  private static let byteLimit: UInt64 = 1 << 20

  /// Decodes a workload.
  ///
  /// - Parameter node: Keys `kind` and `bytes`, and those of the kind.
  /// - Throws: ``TraceError`` with file, line and key.
  init(decoding node: YAMLNode) throws(TraceError) {
    let all = ["kind", "bytes"] + Set(Kind.allCases.flatMap(\.keys)).sorted()
    let kind: Kind = try node.mapping(allowed: all).required("kind").word()
    let map = try node.mapping(allowed: ["kind", "bytes"] + kind.keys)
    let bytes = Int(try map.required("bytes").byteSize(in: 1...Self.byteLimit))
    switch kind {
    case .copy:
      self = .copy(
        Copy(
          bytes: bytes, storeBytes: try Self.access("store_bytes", of: bytes, map),
          memory: try map.required("memory").word(), fence: try map["fence"]?.boolean() ?? false))
    case .loads:
      self = .loads(
        Loads(
          bytes: bytes, loadBytes: try Self.access("load_bytes", of: bytes, map),
          memory: try map.required("memory").word()))
    case .deviceWrite: self = .deviceWrite(try Self.transfer(bytes, map))
    case .deviceRead: self = .deviceRead(try Self.transfer(bytes, map))
    case .deviceReadLatency:
      let written = try map["behind_write"]?.integer(in: 0...4096) ?? 0
      self = .deviceReadLatency(try Self.transfer(bytes, map), behindWrite: Int(written))
    }
  }

  /// Bytes of an access: a power of two that divides the whole into few enough.
  private static func access(
    _ key: String, of bytes: Int, _ map: YAMLMapping
  ) throws(TraceError) -> Int {
    let node = try map.required(key)
    let size = Int(try node.integer(in: 1...64))
    guard size & (size - 1) == 0, bytes % size == 0, bytes / size <= ProgramSource.accessLimit
    else {
      throw node.error(
        "\(size) must be a power of two that divides \(bytes) into at most"
          + " \(ProgramSource.accessLimit) accesses")
    }
    return size
  }

  private static func transfer(_ bytes: Int, _ map: YAMLMapping) throws(TraceError) -> Transfer {
    Transfer(bytes: bytes, headerDwords: Int(try map.required("header_dw").integer(in: 3...4)))
  }
}

extension YAMLNode {
  /// One of an enumeration's words.
  func word<Word: RawRepresentable<String> & CaseIterable>() throws(TraceError) -> Word {
    try word(of: Array(Word.allCases))
  }

  /// One of a few words.
  ///
  /// - Parameter allowed: What may stand here.
  /// - Returns: The word.
  /// - Throws: ``TraceError`` with the nearest ones.
  func word<Word: RawRepresentable<String>>(of allowed: [Word]) throws(TraceError) -> Word {
    let text = try string()
    guard let word = Word(rawValue: text), allowed.contains(where: { $0.rawValue == text }) else {
      throw error("unknown word '\(text)'" + didYouMean(text, among: allowed.map(\.rawValue)))
    }
    return word
  }

  /// A decimal number above 0, without an exponent.
  func decimal() throws(TraceError) -> Double {
    let (text, isPlain) = try scalar()
    let isDecimal = text.utf8.allSatisfy {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
    }
    guard isPlain, isDecimal, text.utf8.count <= 16, let value = Double(text), value > 0 else {
      throw error("expected a number above 0, found '\(text)'")
    }
    return value
  }
}
