import Testing

/// A slice without reads says so, and what is made of it: that nothing was read says nothing.
struct LackingReadsTests {
  // The findings of the slice itself are the measure: no edit may add one that rests on missing reads.
  @Test func `edits of a slice of stores find nothing that reads would have answered`() throws {
    let scratch = try Scratch()
    let trace = Repository.trace("vfio-reclaim")
    func found(_ trace: String) throws -> Set<Substring> {
      let outcome = try scratch.mmioscope(["compare", trace, "--ranges", "off", "-o", "out", "-q"])
      #expect(outcome.status == 0)
      let rows = try scratch.text("out/findings.csv").split(separator: "\n").dropFirst()
      return Set(rows.map { $0.prefix { $0 != "," } })
    }
    for (name, part) in [("a.mmt", ["--count", "60000"]), ("b.mmt", ["--from", "60000"])] {
      let outcome = try scratch.mmioscope(
        ["slice", trace, "-q", "--direction", "store", "-o", name] + part)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let needsReads: Set<Substring> = ["RST003", "RST004", "RST007", "RST008"]
    for name in ["a.mmt", "b.mmt"] { #expect(try found(name).isDisjoint(with: needsReads)) }
    for form in ["--end-to-end", "--merge"] {
      let outcome = try scratch.mmioscope(["cat", form, "a.mmt", "b.mmt", "-q", "-o", "joined.mmt"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try found("joined.mmt").isDisjoint(with: needsReads), "\(form)")
    }
    let anonymous = try scratch.mmioscope(["anonymize", "b.mmt", "-q", "-o", "anonymous.mmt"])
    #expect(anonymous.status == 0, "\(anonymous.errors)")
    #expect(try found("anonymous.mmt") == found("b.mmt"))
  }
}
