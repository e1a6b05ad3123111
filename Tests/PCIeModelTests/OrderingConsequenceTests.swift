import PCIeModel
import Testing

@Suite struct OrderingConsequenceTests {
  @Test func `every consequence follows from the table`() {
    let table = PCIeOrderingTable()
    for pair in OrderingConsequence.all {
      let decision = table.verdict(later: pair.second, earlier: pair.first)
      #expect(decision.entry?.code == pair.code, "\(pair.why)")
      #expect(decision.mayPass != pair.isKept, "\(pair.why)")
    }
    let pairs = Set(OrderingConsequence.all.map { [$0.first, $0.second] })
    #expect(pairs.count == OrderingConsequence.all.count)
  }

  // From the printed table by hand: the pairs that a reset through config space hangs on.
  @Test(
    arguments: [
      "MWr,CfgWr,downstream,kept,C2a,", "MWr,CfgRd,downstream,kept,B2a,",
      "MWr,MRd,downstream,kept,B2a,", "MWr,MRd RO,downstream,kept,B2a,",
      "MWr,CfgWr RO,downstream,kept,C2a,", "CfgWr,MWr,downstream,not kept,A4,",
      "CfgWr,MRd,downstream,not kept,B4,", "CfgWr,CfgRd,downstream,not kept,B4,",
      "CfgWr,CfgWr,downstream,not kept,C4,", "MRd,MWr,downstream,not kept,A3,",
      "MWr,Cpl of MRd,upstream,kept,D2a,", "MWr,Cpl of CfgWr,upstream,not kept,D2b,",
      "MWr,MWr RO,downstream,not kept,A2b,", "MWr,MWr,downstream,kept,A2a,",
    ])
  func `the CSV says`(row: String) {
    let lines = OrderingConsequence.csv().split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix(row) })
  }

  @Test func `the CSV needs no quotes`() {
    let lines = OrderingConsequence.csv().split(separator: "\n")
    #expect(lines.count == OrderingConsequence.all.count + 1)
    #expect(lines[0] == "first,second,direction,order,entry,why")
    let widths = Set(lines.map { $0.split(separator: ",").count })
    #expect(widths == [6])
  }

  @Test func `a config write is waited for by its completion`() {
    #expect(OrderingConsequence.waitRule.contains("completion"))
    // What the rule guards against: everything may overtake a config write.
    let table = PCIeOrderingTable()
    for kind in TLPKind.allKinds {
      #expect(table.mayPass(later: OrderedTLP(kind), earlier: OrderedTLP(.configWrite)))
    }
  }
}
