import Litmus
import Ordering
import Testing

/// What agents see of each other, in programs worked out by hand from Arm ARM DDI 0487, B2.3
/// (Ordered-before: rfe, coe and fre with what each agent orders itself) and B2.4.1, rule B.
struct ExternalOrderTests {
  private func check(_ program: String, _ claims: [String]) throws {
    for claim in claims {
      #expect(try Fixture.parse(program + "\n" + claim).isConfirmed(), "\(claim)\n\(program)")
    }
  }

  /// b reads a, so that a is Ordered-before b, and arrives ahead of it; b arrives ahead of c by rule A.
  ///
  /// Behind the root complex a posted write may pass the read, which makes no difference, as little
  /// as accesses further on.
  @Test(arguments: ["", "DMB SY", "DMB SY|q: LDR.W r1,[Q]"])
  func `what a read returned has arrived before it, also over PCIe`(rest: String) throws {
    let rows =
      (["b: LDR.W r0,[X]", "c: STR.W #2,[Y]"] + rest.split(separator: "|").map(String.init))
      .enumerated().map { $0 == 0 ? " a: STR.W #1,[X] | \($1) ;" : " | \($1) ;" }
    let program = """
      MMIO T
      Fabric=pcie
      {
        d: function; e: function; bar: mmio of d; other: mmio of e;
        X: bar+0x00 size 4 stage1 device-ngnre; Y: bar+0x40 size 4 stage1 device-ngnre;
        Q: other+0x00 size 4 stage1 normal-nc
      }
       P0 | P1 ;
      \(rows.joined(separator: "\n"))
      """
    try check(
      program,
      [
        "forbidden (c -> a /\\ P1:r0=1)", "allowed (a -> c /\\ P1:r0=1)",
        "allowed (c -> a /\\ P1:r0=0)",
      ])
  }

  /// b returns its own agent's a, which came behind e: it has observed nothing of the other agent.
  ///
  /// So c may return what d has not written yet. Where b returns e itself, d is behind c no longer.
  @Test(arguments: ["normal-nc", "device-gre"])
  func `a load observes what it returns, not what was overwritten before`(type: String) throws {
    let program = """
      MMIO T
      { X: bar+0x00 size 4 stage1 \(type); Z: other+0x00 size 4 stage1 \(type) }
       P0               | P1               ;
       a: STR.W #1,[X]  | d: STR.W #1,[Z]  ;
       b: LDR.W r0,[X]  | DMB OSH          ;
       DMB OSHLD        | e: STR.W #2,[X]  ;
       c: LDR.W r1,[Z]  |                  ;
      """
    try check(
      program,
      [
        "allowed (e -> a /\\ a -> b /\\ P0:r0=1 /\\ P0:r1=0)",
        "forbidden (P0:r0=2 /\\ P0:r1=0)", "allowed (P0:r0=2 /\\ P0:r1=1)",
      ])
  }

  /// Four bytes of e are left when a has written the other four.
  @Test func `a load that returns some bytes of a store observes it`() throws {
    let program = """
      MMIO T
      { X: bar+0x00 size 8 stage1 device-gre; Z: other+0x00 size 4 stage1 device-gre }
       P0               | P1               ;
       a: STR.W #1,[X]  | d: STR.W #1,[Z]  ;
       b: LDR.X r0,[X]  | DMB OSH          ;
       DMB OSHLD        | e: STR.X #0x200000002,[X] ;
       c: LDR.W r1,[Z]  |                  ;
      """
    try check(
      program,
      [
        "forbidden (e -> a /\\ a -> b /\\ P0:r0=0x200000001 /\\ P0:r1=0)",
        "allowed (e -> a /\\ a -> b /\\ P0:r0=0x200000001 /\\ P0:r1=1)",
      ])
  }
}
