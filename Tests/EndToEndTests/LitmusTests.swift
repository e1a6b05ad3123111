import Testing

/// `litmus`, as its users run it.
struct LitmusTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private static func program(_ claim: String) -> String {
    """
    MMIO doorbell
    {
      X: bar+0x00 size 8 stage1 normal-nc policy kvm-normal-nc;
      Y: bar+0x40 size 4 stage1 device-ngnre policy kvm-normal-nc
    }
     P0               ;
     a: STR.X #1,[X]  ;
     b: STR.W #1,[Y]  ;
    \(claim)
    """
  }

  @Test func `a claim that holds ends with 0, and names verdict and witness`() throws {
    try scratch.write("a.litmus", Self.program("allowed (b -> a)"))
    let outcome = try scratch.mmioscope(["litmus", "a.litmus"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("Test doorbell"))
    #expect(outcome.output.contains("Ok allowed (b -> a): allowed"))
    #expect(outcome.output.contains("witness: b W4 bar+0x40 -> a W8 bar+0x00"))
  }

  @Test func `a claim that does not hold ends with 1`() throws {
    try scratch.write("a.litmus", Self.program("forbidden (b -> a)"))
    let outcome = try scratch.mmioscope(["litmus", "a.litmus"])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("No forbidden (b -> a): allowed"))
  }

  @Test func `a text with an error ends with 2, at its place`() throws {
    try scratch.write("a.litmus", Self.program("allowed (b -> q)"))
    let outcome = try scratch.mmioscope(["litmus", "a.litmus"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("a.litmus:9:"), "\(outcome.errors)")
  }

  // As the help says of the exit status: the others have been explored.
  @Test func `a file that is wrong keeps no other from its verdict`() throws {
    try scratch.write("wrong.litmus", Self.program("allowed (b -> q)"))
    try scratch.write("right.litmus", Self.program("allowed (b -> a)"))
    for files in [["wrong.litmus", "right.litmus"], ["right.litmus", "wrong.litmus"]] {
      let outcome = try scratch.mmioscope(["litmus"] + files + ["none.litmus"])
      #expect(outcome.status == 2)
      #expect(outcome.output.contains("Ok allowed (b -> a): allowed"))
      #expect(outcome.errors.contains("wrong.litmus:9:") && outcome.errors.contains("none.litmus"))
      #expect(
        outcome.errors.contains("3 programs, 2 not explored; of the others every claim holds"))
    }
  }

  @Test func `a rule taken away by name changes the verdict`() throws {
    let text = Self.program("forbidden (b -> a)").replacing(
      " b: STR.W #1,[Y]  ;", with: " DMB OSHST        ;\n b: STR.W #1,[Y]  ;")
    try scratch.write("a.litmus", text)
    let whole = try scratch.mmioscope(["litmus", "a.litmus"])
    #expect(whole.status == 0 && whole.output.contains("forbidden by arm.arrival.C"))
    let fewer = try scratch.mmioscope(["litmus", "a.litmus", "--without", "arm.arrival.C"])
    #expect(fewer.status == 1)
    let unknown = try scratch.mmioscope(["litmus", "a.litmus", "--without", "arm.nothing"])
    #expect(unknown.status == 2)
  }

  @Test func `the rules and the graphs are printed`() throws {
    try scratch.write("a.litmus", Self.program("allowed (b -> a)"))
    let rules = try scratch.mmioscope(["litmus", "--rules"])
    #expect(rules.output.hasPrefix("id,title,source,status,effect\n"))
    #expect(rules.output.contains("\narm.arrival.A,") && rules.output.contains("\npcie.C2a,"))
    let drawn = try scratch.mmioscope(["litmus", "a.litmus", "--dot", "a.dot", "--svg", "a.svg"])
    #expect(drawn.status == 0)
    #expect(try scratch.text("a.dot").hasPrefix("digraph"))
    #expect(try scratch.text("a.svg").contains("</svg>"))
  }

  /// The rules in the last column are our own finding; a change of one has to be looked at.
  @Test func `the committed verdict table is what the suite gives`() throws {
    let made = try scratch.mmioscope(["litmus", "--suite", "--csv"])
    #expect(made.status == 0)
    #expect(try made.output == Repository.text("Sources/Litmus/Suite/verdicts.csv"))
  }

  /// Sixteen bytes, each an access of its own to Normal-NC: 3^16 moves, but for bytes that nothing
  /// tells apart.
  @Test func `a wide unaligned access is explored like any other`() throws {
    let text = Self.program("allowed (whole(a))").replacing(
      "X: bar+0x00 size 8", with: "X: bar+0x00 size 64"
    )
    for cell in ["STR.Q #1,[X+1] ;", "STP.X #1,#2,[X+4] ;"] {
      try scratch.write("a.litmus", text.replacing("STR.X #1,[X]  ;", with: cell))
      let outcome = try scratch.mmioscope(["litmus", "a.litmus"])
      #expect(outcome.status == 0 && !outcome.output.contains("not tried"), "\(outcome)")
      #expect(outcome.errors == "1 program, every claim holds\n")
    }
  }

  /// Thirty bytes of Normal-NC, each an access of its own, have outcomes without number.
  @Test func `the first outcomes are listed, and what ended the list is said`() throws {
    let bytes = Self.program("allowed (true)").replacing(
      "X: bar+0x00 size 8", with: "X: bar+0x00 size 64"
    )
    .replacing("STR.X #1,[X]  ;", with: "ST #1,[X+1] size 30 ;")
    try scratch.write("a.litmus", bytes)
    let first = try scratch.mmioscope(["litmus", "a.litmus", "--outcomes", "1"])
    #expect(first.status == 0 && first.output.contains("  a W30 bar+0x01 -> b W4 bar+0x40 | "))
    #expect(first.output.hasSuffix("  (more outcomes; raise --outcomes)\n\n"))
    // Two stores that nothing orders arrive in two orders.
    try scratch.write("b.litmus", Self.program("allowed (b -> a)"))
    let all = try scratch.mmioscope(["litmus", "b.litmus", "--outcomes", "2"])
    #expect(all.output.hasSuffix("  (all outcomes)\n\n"))
  }

  @Test func `a program that is too big keeps no other from its verdict`() throws {
    // 64 bytes, each an access of its own, and the doorbell.
    let big = Self.program("allowed (whole(a))").replacing(
      "X: bar+0x00 size 8", with: "X: bar+0x00 size 128"
    )
    .replacing("STR.X #1,[X]  ;", with: "ST1 #1,[X+1] size 64 ;")
    for (claim, rest) in [("allowed", "every claim holds"), ("forbidden", "a claim fails")] {
      let small = Self.program("\(claim) (b -> a)").replacing("doorbell", with: "small")
      try scratch.write("a.litmus", big + "\n" + small)
      let outcome = try scratch.mmioscope(["litmus", "a.litmus"])
      #expect(outcome.status == 2)
      #expect(outcome.output.contains("Test small"))
      #expect(outcome.errors.hasPrefix("a.litmus:1:1: configuration: program 'doorbell': 65 "))
      #expect(outcome.errors.hasSuffix("\n2 programs, 1 not explored; of the others \(rest)\n"))
    }
  }
}
