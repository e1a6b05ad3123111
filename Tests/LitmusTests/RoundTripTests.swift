import Litmus
import Ordering
import Testing
import TraceCore

/// A printed test is read as the same test.
struct RoundTripTests {
  private static func expectSame(
    _ test: LitmusTest, _ note: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let text = test.text
    do throws(TraceError) {
      let parsed = try LitmusTest.parse(Array(text.utf8), file: note)
      #expect(parsed.count == 1, sourceLocation: sourceLocation)
      let isSame =
        parsed[0].program == test.program && parsed[0].claims == test.claims
        && parsed[0].sources == test.sources && parsed[0].options == test.options
      #expect(isSame, "\(note)\n\(text)", sourceLocation: sourceLocation)
      #expect(parsed[0].text == text, "\(note)", sourceLocation: sourceLocation)
    } catch {
      Issue.record("\(error)\n\(text)", sourceLocation: sourceLocation)
    }
  }

  @Test func `a thousand generated programs come back the same`() {
    for seed in UInt64(0)..<1200 {
      var generated = GeneratedTest(seed: seed)
      Self.expectSame(generated.test(), "seed \(seed)")
    }
  }

  @Test func `the suite comes back the same`() throws {
    for test in try LitmusSuite.tests() { Self.expectSame(test, test.program.name) }
  }

  @Test func `a canonical text says what it must and no more`() throws {
    let text = """
      MMIO R1
      "Reset after a gathered write"
      Source=PCI Express Base Specification, Table 2-42
      Fabric=pcie
      {
        d: function below rp0;
        bar: mmio of d;
        X: bar+0x00 size 8 stage1 normal-nc;
        Y: bar+0x40 size 4 stage1 normal-nc stage2 device-ngnre;
        F: memory;
      }
       P0               | D:d             ;
       a: STR.X #1,[X]  | e: STR.W #1,[F] ;
       DSB OSHST        |                 ;
       c: STLR.W #1,[Y] |                 ;
       b: CFGW.Z d,FLR  |                 ;
       g: LDAR.W r0,[Y] |                 ;
      forbidden (b -> a)
      allowed (P0:r0=0 /\\ ~([X]=1) \\/ lost(a))

      """
    // F's write-back type is what its MAIR byte says: XS=0.
    let program = try Fixture.parse(text)
    #expect(program.text == text)
  }
}
