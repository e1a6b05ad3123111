import Testing
import TraceCore

@Suite struct TraceCountersTests {
  @Test func `a counter stays at the largest number`() {
    var counters = TraceCounters()
    counters.add("odd", .max - 1, meaning: "m")
    counters.add("odd", 1, meaning: "m")
    #expect(counters["odd"] == .max)
    counters.add("odd", 5, meaning: "m")
    #expect(counters["odd"] == .max)
    #expect(counters.rows.count == 1)
  }
}
