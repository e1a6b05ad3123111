import Results
import Testing
import TraceCore
import YAMLInput

@testable import Validation

/// Decodes one text as the whole data.
func validation(_ text: String) throws(TraceError) -> Validation {
  try Validation([try YAMLDocument(text: text, file: "f")])
}

/// The built-in data and their result, made once.
enum BuiltIn {
  static let result: Result<ValidationResult, any Error> = Result { try Validation().run() }

  /// The row of an id.
  static func row(_ id: String) throws -> ValidationRow {
    try #require(try result.get().rows.first { $0.id == id })
  }
}

/// One measurement that decodes: 8-byte stores to Device memory on x86.
let sample = """
  measurements:
    - id: a-1
      what: stores
      source: a paper
      setup: a machine
      quantity: time_per_access
      unit: ns
      published: [50, 300]
      status: measured
      limit: latency
      scenario:
        cpu: x86-wc
        link: gen3x8
        overrides:
          - key: cpu.device_ack_ns
            value: 200
            reason: a test
            fitted: true
      workload:
        kind: copy
        bytes: 8192
        store_bytes: 8
        memory: device
      informs: [cpu.device_ack_ns]
      note: a note

  """
