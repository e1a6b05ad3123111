import Results
import Testing
import TraceCore
import YAMLInput

@testable import Validation

/// What the data may not say, and the place that the error names.
@Suite struct DecoderTests {
  @Test func `a measurement decodes to what is written`() throws {
    let data = try validation(sample)
    let measurement = try #require(data.measurements.first)
    #expect(measurement.id == "a-1" && measurement.note == "a note")
    #expect(measurement.low == 50 && measurement.high == 300)
    #expect(measurement.quantity == .timePerAccess && measurement.unit == .nanoseconds)
    #expect(measurement.status == .measured && measurement.limit == .latency)
    let copy = Workload.Copy(bytes: 8192, storeBytes: 8, memory: .device, fence: false)
    #expect(measurement.workload == .copy(copy))
    #expect(measurement.scenario.overrides.map(\.assignment) == ["cpu.device_ack_ns=200"])
    #expect(measurement.scenario.overrides.map(\.isFitted) == [true])
    #expect(measurement.informs == ["cpu.device_ack_ns"])
    // Every store waits for the acknowledgement of the one before: 1023 times 200 ns, and half a
    // nanosecond for the last one's issue; a fit leaves nothing to vary.
    let row = try #require(try data.run().rows.first)
    #expect(abs(row.predicted - (1023 * 200 + 0.5) / 1024) < 0.001)
    #expect(row.hangsOn == [] && row.rangeLow == row.rangeHigh)
    #expect(row.fits.map(\.assignment) == ["cpu.device_ack_ns=200"])
  }

  @Test func `a single value and an open interval decode`() throws {
    let single = try validation(sample.replacing("[50, 300]", with: "99.5")).measurements
    #expect(single.map(\.low) == [99.5] && single.map(\.high) == [99.5])
    let open = try validation(sample.replacing("[50, 300]", with: "[2000, open]")).measurements
    #expect(open.map(\.low) == [2000] && open.map(\.high) == [.infinity])
  }

  struct Change: CustomTestStringConvertible {
    var from: String
    var to: String
    var error: String
    var testDescription: String { to + " -> " + error }
  }

  /// Lines and columns counted in `sample`.
  @Test(arguments: [
    Change(from: "id: a-1", to: "idd: a-1", error: "2:5: configuration: measurements[0]: unknown"),
    Change(from: "id: a-1", to: "id: A1", error: "id: 'A1' is not made of a-z, 0-9 and '-'"),
    Change(from: "source: a paper", to: "", error: "missing key 'source'"),
    Change(from: "source: a paper", to: "source:", error: "the value is missing"),
    Change(
      from: "quantity: time_per_access", to: "quantity: overhead",
      error: "6:15: configuration: measurements[0].quantity: unknown word 'overhead'"),
    Change(from: "unit: ns", to: "unit: bytes", error: "unit: unknown word 'bytes'"),
    Change(from: "[50, 300]", to: "[300, 50]", error: "the lower end must be the first one"),
    Change(from: "[50, 300]", to: "[50, 50]", error: "the lower end must be the first one"),
    Change(from: "[50, 300]", to: "[1, 2, 3]", error: "expected a number or two"),
    Change(from: "[50, 300]", to: "-1", error: "expected a number above 0, found '-1'"),
    Change(from: "[50, 300]", to: "0", error: "expected a number above 0"),
    Change(from: "[50, 300]", to: "1e3", error: "expected a number above 0"),
    Change(from: "[50, 300]", to: "'50'", error: "expected a number above 0"),
    Change(from: "status: measured", to: "status: guessed", error: "unknown word 'guessed'"),
    Change(from: "limit: latency", to: "limit: luck", error: "unknown word 'luck'"),
    Change(
      from: "limit: latency", to: "limit: wire\n    bound: upper",
      error: "a wire-limited measurement is predicted, not bounded"),
    Change(
      from: "limit: latency", to: "limit: calculated\n    bound: upper",
      error: "a calculated value is compared with, not bounded"),
    Change(
      from: "    note: a note", to: "    bound: lower",
      error: "a bound needs a 'note'"),
    Change(
      from: "cpu: x86-wc", to: "cpu: z80",
      error: "measurements[0].scenario: no cpu profile 'z80'"),
    Change(
      from: "value: 200", to: "value: fast",
      error: "measurements[0].scenario: --set cpu.device_ack_ns=fast"),
    Change(from: "fitted: true", to: "fitted: yes", error: "expected true or false"),
    Change(from: "reason: a test", to: "", error: "missing key 'reason'"),
    Change(
      from: "key: cpu.device_ack_ns", to: "key: cpu.luck",
      error: "unknown key 'cpu.luck'"),
    Change(from: "[cpu.device_ack_ns]", to: "[cpu.luck]", error: "unknown key 'cpu.luck'"),
    Change(from: "kind: copy", to: "kind: paste", error: "unknown word 'paste'"),
    Change(from: "bytes: 8192", to: "bytes: 0", error: "out of range"),
    Change(from: "bytes: 8192", to: "bytes: 2MiB", error: "out of range"),
    Change(from: "store_bytes: 8", to: "store_bytes: 3", error: "must be a power of two"),
    Change(from: "store_bytes: 8", to: "store_bytes: 128", error: "out of range"),
    Change(from: "bytes: 8192", to: "bytes: 8196", error: "must be a power of two that divides"),
    Change(
      from: "bytes: 8192", to: "bytes: 1MiB",
      error: "into at most 65504 accesses"),
    Change(from: "memory: device", to: "header_dw: 3", error: "unknown key 'header_dw'"),
    Change(from: "memory: device", to: "memory: wood", error: "unknown word 'wood'"),
  ])
  func `anything else is refused with its place`(change: Change) throws {
    #expect(sample.contains(change.from))
    let text = sample.replacing(change.from, with: change.to, maxReplacements: 1)
    #expect(failure(text).contains(change.error), "\(failure(text))")
  }

  /// Only what nobody knows may be fitted: a line of x86 is specified, its bus width measured.
  @Test(arguments: [
    ("cpu.line_bytes", "64", "'cpu.line_bytes' is specified"),
    ("cpu.device_bus_bytes", "8", "'cpu.device_bus_bytes' is measured"),
    ("link.gen", "3", "'link.gen' is user"), ("link.mps", "256", "'link.mps' is measured"),
  ])
  func `a known value cannot be fitted`(key: String, value: String, error: String) {
    let text = sample.replacing("key: cpu.device_ack_ns", with: "key: \(key)")
      .replacing("value: 200", with: "value: \(value)")
    #expect(failure(text).contains("\(error): only assumed values may be fitted"))
    // With a reason alone it may be set: the source says so.
    #expect(failure(text.replacing("fitted: true", with: "fitted: false")) == "no error")
  }

  @Test func `an id occurs once, among all files`() throws {
    let list = """
      unmodelled:
        - id: a-1
          what: b
          source: c
          published: d
          reason: e
      """
    let documents = try [sample, list].map { try YAMLDocument(text: $0, file: "f") }
    #expect(throws: TraceError.self) { try Validation(documents) }
    #expect(failure(list) == "no error")
    #expect(failure(list + "\n    limit: wire").contains("unknown key 'limit'"))
  }

  /// The error of data that do not decode.
  private func failure(_ text: String) -> String {
    do {
      _ = try validation(text)
      return "no error"
    } catch {
      return error.description
    }
  }
}
