import Reporting
import Results
import Testing

/// The three forms of a validation, from rows made by hand.
@Suite struct ValidationWriterTests {
  static func row(
    _ id: String, limit: MeasurementLimit, published: (Double, Double), predicted: Double,
    range: (Double, Double), hangsOn: [String] = [], informed: [String] = [],
    fits: [ValidationRow.Fit] = [], bound: PredictionBound? = nil, note: String? = nil
  ) -> ValidationRow {
    ValidationRow(
      id: id, what: "a, \"b\" | c", source: "somebody", setup: "somewhere", limit: limit,
      status: .measured, unit: "ns", published: published, predicted: predicted, range: range,
      coversCombinations: true, hangsOn: hangsOn, informed: informed, fits: fits, bound: bound,
      note: note)
  }

  static let result = ValidationResult(
    rows: [
      // 5 % and 25 % off the wire.
      row("near", limit: .wire, published: (100, 100), predicted: 105, range: (105, 105)),
      row(
        "far", limit: .wire, published: (80, 90), predicted: 60, range: (60, 60), note: "a wall"),
      row(
        "in", limit: .latency, published: (1, 2), predicted: 4, range: (1.5, 4.25),
        hangsOn: ["cpu.a", "link.b"], informed: ["link.b"]),
      row(
        "out", limit: .latency, published: (2000, .infinity), predicted: 0.5, range: (0.25, 1),
        hangsOn: ["cpu.a"]),
      row(
        "fit", limit: .latency, published: (10, 10), predicted: 10, range: (10, 10),
        fits: [ValidationRow.Fit(assignment: "cpu.a=3", reason: "to see")]),
      row(
        "bound", limit: .device, published: (10, 10), predicted: 41.25, range: (41.25, 41.25),
        bound: .upper, note: "no engine"),
      // 0.5 % off.
      row(
        "theory", limit: .calculated, published: (200, 200), predicted: 201, range: (201, 201),
        note: "no measurement"),
    ],
    unmodelled: [
      UnmodelledMeasurement(
        id: "gone", what: "x", source: "y", published: "3 ns", reason: "no z")
    ])

  @Test func `the CSV has a row a measurement`() {
    let rows = parseCSV(ValidationCSV(Self.result).text)
    #expect(
      rows[0] == [
        "id", "what", "source", "class", "unit", "published_low", "published_high", "predicted",
        "error_ratio", "range_low", "range_high", "inside", "hangs_on", "fitted", "status",
        "bound", "informed",
      ])
    #expect(rows.count == 8 && rows.allSatisfy { $0.count == rows[0].count })
    #expect(
      rows[2] == [
        "far", "a, \"b\" | c", "somebody", "wire", "ns", "80.000000", "90.000000", "60.000000",
        "-0.250000", "60.000000", "60.000000", "", "", "", "measured", "", "",
      ])
    #expect(rows[3][8] == "1.000000" && rows[3][11...12] == ["yes", "cpu.a link.b"])
    #expect(rows[3][16] == "link.b")
    #expect(rows[4][6] == "" && rows[4][11] == "no")
    #expect(rows[5][11] == "yes" && rows[5][13] == "cpu.a=3")
    #expect(rows[6][11] == "yes" && rows[6][15] == "upper")
    #expect(rows[7][0] == "theory" && rows[7][3] == "calculated")
  }

  @Test func `the table says published, predicted, error, range and what it hangs on`() {
    let lines = ValidationText(Self.result, color: false).lines
    func cells(_ id: String) -> [Substring] {
      lines.first { $0.hasPrefix(id + " ") }?.split(separator: " ").dropFirst(5).map { $0 } ?? []
    }
    #expect(cells("near") == ["wire", "100", "ns", "105", "+5.0", "%", "-"])
    #expect(cells("far") == ["wire", "80", "to", "90", "ns", "60", "-25.0", "%", "-"])
    #expect(
      cells("in") == [
        "latency", "1", "to", "2", "ns", "4", "+100.0", "%", "1.5", "to", "4.25", "yes", "cpu.a,",
        "link.b*",
      ])
    #expect(
      cells("out") == [
        "latency", "at", "least", "2,000", "ns", "0.5", "-100.0", "%", "0.25", "to", "1", "no",
        "cpu.a",
      ])
    #expect(
      cells("fit") == ["latency", "10", "ns", "10", "0", "%", "yes", "fitted", "cpu.a=3"])
    #expect(
      cells("bound") == ["device", "10", "ns", "<=", "41.25", "+312.5", "%", "yes"])
    #expect(cells("theory") == ["calculated", "200", "ns", "201", "+0.5", "%", "-"])
  }

  @Test func `what is no measurement stands apart`() throws {
    let lines = ValidationText(Self.result, color: false).lines
    let title = try #require(lines.firstIndex(of: "Calculated, not measured, or said twice:"))
    let rows = lines.indices.filter { lines[$0].contains("a, \"b\" | c") }
    #expect(rows.count == 7)
    #expect(rows.filter { $0 > title }.map { lines[$0].prefix(6) } == ["theory"])
  }

  @Test func `the summary counts each group apart`() {
    let lines = ValidationText(Self.result, color: false).lines
    #expect(lines.contains("wire-limited rows: 1 of 2 within 10 %, worst far -25.0 %"))
    #expect(
      lines.contains(
        "other rows: 1 of 2 inside the range of the prediction; of the 1 that hang on no value taken"
          + " from the row itself, 0"))
    #expect(lines.contains("rows with a fitted value: 1 of 1 within 10 %, worst fit 0 %"))
    #expect(lines.contains("bounds: 1 of 1 kept"))
    #expect(
      lines.contains(
        "calculated, not measured, or said twice: 1 of 1 within 10 %, worst theory +0.5 %"))
    #expect(lines.contains("published values that the model cannot speak about: 1"))
    #expect(lines.contains("  far: a wall") && lines.contains("  bound: no engine"))
    #expect(lines.contains("  fit: cpu.a=3 is fitted: to see"))
    #expect(lines.contains("  out: misses its aim; nobody knows why"))
    #expect(lines.contains("  gone: x: 3 ns; no z"))
  }

  @Test func `only errors of rows that miss are coloured`() {
    let red = ValidationText(Self.result, color: true).lines.filter { $0.contains("\u{1b}[31m") }
    #expect(red.map { $0.prefix { $0 != " " } } == ["far", "out"])
  }

  @Test func `the page has a table a limit, and escapes what it quotes`() {
    let text = ValidationMarkdown(Self.result).text
    let heads = text.split(separator: "\n").filter { $0.hasPrefix("#") }
    #expect(
      heads == [
        "# The model beside published measurements", "## Limit: wire", "## Limit: latency",
        "## Limit: device", "## Calculated, not measured, or said twice", "## Remarks",
        "## What the model cannot speak about",
        "## Sources and machines",
      ])
    #expect(text.contains("a, \"b\" \\| c"))
    #expect(text.contains("- `far`: a wall\n"))
    #expect(text.contains("`cpu.a`, `link.b*`"))
  }
}
