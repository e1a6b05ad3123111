import Testing
import TraceCore

@testable import Importers

/// Expected values: words and names as GNU as and LLVM's assembler pair them (`llvm-mc
/// --triple=aarch64 --mattr=+all --show-encoding`), meanings from Arm ARM DDI 0487, C6.2.
struct A64OrderingTests {
  @Test(
    arguments: [
      (0xd503_3f9f, "dsb.sy"), (0xd503_3e9f, "dsb.st"), (0xd503_3d9f, "dsb.ld"),
      (0xd503_3b9f, "dsb.sy.ish"), (0xd503_3a9f, "dsb.st.ish"), (0xd503_399f, "dsb.ld.ish"),
      (0xd503_379f, "dsb.sy.nsh"), (0xd503_339f, "dsb.sy.osh"), (0xd503_3fbf, "dmb.sy"),
      (0xd503_3ebf, "dmb.st"), (0xd503_3dbf, "dmb.ld"), (0xd503_3bbf, "dmb.sy.ish"),
      (0xd503_3abf, "dmb.st.ish"), (0xd503_39bf, "dmb.ld.ish"), (0xd503_33bf, "dmb.sy.osh"),
      (0xd503_32bf, "dmb.st.osh"), (0xd503_31bf, "dmb.ld.osh"), (0xd503_36bf, "dmb.st.nsh"),
      (0xd503_3fdf, "isb"), (0xd503_20df, "dgh"), (0xd503_3a3f, "dsb.sy.ish"),
      (0xd503_3e3f, "dsb.sy"),
    ] as [(UInt32, String)]) func `a barrier's word gives its kind and domain`(
      word: UInt32, name: String
    )
  {
    #expect(A64Ordering(word) == .barrier(Barrier(name: name) ?? Barrier(.isb)))
    #expect(name == "isb" || Barrier(name: name) != Barrier(.isb))
  }

  @Test(
    arguments: [
      (0x88df_fc20, .acquire),  // ldar w0, [x1]
      (0x889f_fc20, .release),  // stlr w0, [x1]
      (0x88df_7c20, .acquire),  // ldlar w0, [x1]
      (0x889f_7c20, .release),  // stllr w0, [x1]
      (0x885f_fc20, .acquire),  // ldaxr w0, [x1]
      (0x8802_fc20, .release),  // stlxr w2, w0, [x1]
      (0x887f_8820, .acquire),  // ldaxp w0, w2, [x1]
      (0x88e2_7c20, .acquire),  // casa w2, w0, [x1]
      (0x88a2_fc20, .release),  // casl w2, w0, [x1]
      (0x88e2_fc20, [.acquire, .release]),  // casal w2, w0, [x1]
      (0xb8e2_0020, [.acquire, .release]),  // ldaddal w2, w0, [x1]
      (0xb8a2_0020, .acquire),  // ldadda w2, w0, [x1]
      (0xb862_0020, .release),  // ldaddl w2, w0, [x1]
      (0xb8e2_003f, .release),  // ldaddal w2, wzr, [x1]
      (0xb8bf_c020, .acquire),  // ldapr w0, [x1]
      (0x9940_0020, .acquire),  // ldapur w0, [x1]
      (0x9900_0020, .release),  // stlur w0, [x1]
      (0x9900_0a18, .release),  // stilp w24, w0, [x16, #-8]!
      (0xd903_1bfb, .release),  // stilp x27, x3, [sp]
      (0x9944_0a9c, .acquire),  // ldiapp w28, w4, [x20], #8
      (0xd947_1aff, .acquire),  // ldiapp xzr, x7, [x23]
      (0x9980_09e3, .release),  // stlr w3, [x15, #-4]!
      (0xd9c0_09e3, .acquire),  // ldapr x3, [x15], #8
      (0x1d1f_f9e3, .release),  // stlur b3, [x15, #-1]
      (0x1d9f_b9e3, .release),  // stlur q3, [x15, #-5]
      (0x1d40_69e3, .acquire),  // ldapur b3, [x15, #6]
      (0x1dc0_abe3, .acquire),  // ldapur q3, [sp, #10]
      (0x4d01_87e3, .release),  // stl1 { v3.d }[1], [sp]
      (0x0d41_87e3, .acquire),  // ldap1 { v3.d }[0], [sp]
      (0xf83f_9022, .single64),  // st64b x2, [x1]
      (0xf83f_d022, .single64),  // ld64b x2, [x1]
    ] as [(UInt32, AccessFlags)]) func `an access's word gives acquire and release`(
      word: UInt32, flags: AccessFlags
    )
  {
    #expect(A64Ordering(word) == .access(flags))
  }

  @Test(
    arguments: [
      0x885f_7c20,  // ldxr w0, [x1]
      0x8802_7c20,  // stxr w2, w0, [x1]
      0x88a2_7c20,  // cas w2, w0, [x1]
      0xb822_0020,  // ldadd w2, w0, [x1]
      0xb8a2_003f,  // ldadda w2, wzr, [x1]
      0xf900_0020,  // str x0, [x1]
      0xa900_0420,  // stp x0, x1, [x1]
      0x0d00_85e3,  // st1 { v3.d }[0], [x15]
      0x0d81_85e3,  // st1 { v3.d }[0], [x15], x1
      0xd503_201f,  // nop
      0xd503_203f,  // yield
      0xd503_3f5f,  // clrex
      0x928d_a01f,  // movn xzr, #0x6d00: a marker
    ] as [UInt32]) func `other words order nothing`(word: UInt32)
  {
    #expect(A64Ordering(word) == .none)
  }

  @Test func `speculation barriers are told apart`() {
    for word: UInt32 in [0xd503_309f, 0xd503_349f, 0xd503_30ff] {  // ssbb, pssbb, sb
      #expect(A64Ordering(word) == .speculationBarrier)
    }
  }

  /// C6.2: LDAPR of 1, 2, 4 and 8 bytes and behind which the address moves, LDAPUR, LDIAPP, LDAP1; not
  /// LDAR, LDADDA, STLUR or STILP.
  @Test func `LDAPR and LDAPUR are told from LDAR`() {
    for word: UInt32 in [
      0x38bf_c020, 0x78bf_c020, 0xb8bf_c020, 0xf8bf_c3ff, 0x9940_0020, 0xd940_0020,
      0xd9c0_09e3, 0x9944_0a9c, 0x1d40_69e3, 0x0d41_87e3,
    ] {
      #expect(A64Ordering.isProcessorConsistent(word))
    }
    for word: UInt32 in [0x88df_fc20, 0xb8a2_0020, 0x9900_0020, 0x885f_fc20, 0x9900_0a18] {
      #expect(!A64Ordering.isProcessorConsistent(word))
    }
  }
}
