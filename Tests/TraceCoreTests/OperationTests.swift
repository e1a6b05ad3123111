import Testing
import TraceCore

@Suite struct `Operation and barrier names` {
  @Test func `operations go by the words of the canonical CSV`() {
    // The words of the column op that scripts rely on, typed by hand.
    let words = "store load barrier config_read config_write reset lost mark".split(separator: " ")
    #expect(Operation.allCases.map(\.name) == words.map(String.init))
    for operation in Operation.allCases { #expect(Operation(name: operation.name) == operation) }
    for word in ["", "Store", "stor", "stores", "config"] {
      #expect(Operation(name: word) == nil, "\(word)")
    }
  }

  @Test func `every barrier's name is read back`() {
    for kind in Barrier.Kind.allCases {
      for domain in Barrier.Domain.allCases where domain == .unspecified || kind.hasDomain {
        let barrier = Barrier(kind, domain)
        #expect(Barrier(name: barrier.name) == barrier, "\(barrier.name)")
      }
    }
  }

  @Test(arguments: [
    ("dmb.st", Barrier(.dmbST)), ("dmb.st.osh", Barrier(.dmbST, .outerShareable)),
    ("dsb.sy.ish", Barrier(.dsbSY, .innerShareable)),
    ("dsb.ld.nsh", Barrier(.dsbLD, .nonShareable)), ("dmb.sy.sy", Barrier(.dmbSY)),
    ("isb", Barrier(.isb)), ("dgh", Barrier(.dgh)), ("acq", Barrier(.acquire)),
    ("rel", Barrier(.release)), ("acqrel", Barrier(.acquireRelease)),
  ])
  func `barriers go by kind, then domain`(name: String, barrier: Barrier) {
    #expect(Barrier(name: name) == barrier)
  }

  @Test(arguments: [
    "", "dmb", "dmb.", "dmb.xx", "dmb.st.", "dmb.st.xx", "dmb.st.osh.osh", "dmb.stosh", "isb.",
    "isb.ish", "dgh.osh", "acq.rel", "rel.ish", "DMB.ST", " dmb.st", "dmb.st ",
  ])
  func `what is no barrier is refused`(name: String) {
    #expect(Barrier(name: name) == nil)
  }

  @Test func `exactly the defined bytes decode`() {
    // Kind 0 to 10 in bits 3:0, domain 0 to 3 in bits 5:4.
    for byte in 0...UInt8.max {
      let isDefined = byte & 15 < 11 && byte >> 4 < 4
      #expect((Barrier(rawValue: byte) != nil) == isDefined)
      #expect((Barrier(rawValue: byte)?.rawValue ?? byte) == byte)
    }
  }

  @Test func `which barriers order what`() {
    // Arm ARM DDI 0487, B2.3 "Data Memory Barrier": ST orders stores against stores, LD loads
    // against both. C6.2 "DSB": nothing after it executes before what it waits for has completed,
    // so a DSB ST orders stores against loads as well.
    let all = Barrier.Kind.allCases
    func kinds(_ property: (Barrier) -> Bool) -> [Barrier.Kind] {
      all.filter { property(Barrier($0)) }
    }
    #expect(kinds(\.ordersStores) == [.dmbSY, .dmbST, .dsbSY, .dsbST])
    #expect(kinds(\.ordersStoresBeforeLoads) == [.dmbSY, .dsbSY, .dsbST])
    #expect(kinds(\.isDSB) == [.dsbSY, .dsbST, .dsbLD])
    #expect(kinds(\.releases) == [.release, .acquireRelease])
    #expect(kinds(\.acquires) == [.acquire, .acquireRelease])
  }

  @Test func `accesses and config accesses are told apart`() {
    #expect(Operation.allCases.filter(\.isAccess) == [.store, .load])
    #expect(Operation.allCases.filter(\.isConfig) == [.configRead, .configWrite])
  }
}
