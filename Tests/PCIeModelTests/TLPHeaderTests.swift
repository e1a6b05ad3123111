import PCIeModel
import Testing

/// Fmt, Type and the flit-mode Type of a kind, as the specification's tables list them.
struct TypeCase: Sendable, CustomTestStringConvertible {
  let type: TLPType
  let format: UInt8
  let code: UInt8
  /// Row number of the flit-mode table, which is Type[7:0].
  let flit: UInt8
  var testDescription: String { type.name }

  init(_ type: TLPType, _ format: UInt8, _ code: UInt8, flit: UInt8) {
    self.type = type
    self.format = format
    self.code = code
    self.flit = flit
  }
}

/// A header made by hand, bit by bit, from the figures of the sections that `TLP` cites.
struct HeaderCase: Sendable, CustomTestStringConvertible {
  let name: String
  let tlp: TLP
  let plain: [UInt32]
  let flit: [UInt32]
  var testDescription: String { name }
}

@Suite struct TLPHeaderTests {
  // PCI Express Base Specification 5.0, table 2-3 (Fmt and Type); 6.0, table 2-5 (flit mode).
  static let types = [
    TypeCase(.memoryRead32, 0b000, 0b00000, flit: 3),
    TypeCase(.memoryRead64, 0b001, 0b00000, flit: 32),
    TypeCase(.memoryWrite32, 0b010, 0b00000, flit: 64),
    TypeCase(.memoryWrite64, 0b011, 0b00000, flit: 96),
    TypeCase(.configRead0, 0b000, 0b00100, flit: 4),
    TypeCase(.configRead1, 0b000, 0b00101, flit: 5),
    TypeCase(.configWrite0, 0b010, 0b00100, flit: 68),
    TypeCase(.configWrite1, 0b010, 0b00101, flit: 69),
    TypeCase(.completion, 0b000, 0b01010, flit: 10),
    TypeCase(.completionWithData, 0b010, 0b01010, flit: 74),
    TypeCase(.fetchAdd32, 0b010, 0b01100, flit: 76),
    TypeCase(.fetchAdd64, 0b011, 0b01100, flit: 108),
    TypeCase(.swap32, 0b010, 0b01101, flit: 77),
    TypeCase(.swap64, 0b011, 0b01101, flit: 109),
    TypeCase(.compareAndSwap32, 0b010, 0b01110, flit: 78),
    TypeCase(.compareAndSwap64, 0b011, 0b01110, flit: 110),
  ]

  @Test(arguments: types) func `a kind has the encodings of the tables`(_ row: TypeCase) {
    #expect(row.type.formatAndType == row.format << 5 | row.code)
    #expect(row.type.flitType == row.flit)
    #expect(row.type.headerDwords == (row.format & 1 == 1 ? 4 : 3))
    #expect(row.type.hasData == (row.format >= 2))
  }

  @Test func `every kind is in the table`() {
    #expect(Self.types.map(\.type) == TLPType.allCases)
  }

  private static func write(_ address: UInt64, _ bytes: Int, _ label: TLP.Label) -> TLP {
    TLP.memoryWrites(
      address: address, bytes: bytes, policy: .runs, link: link(4, 16), label: label)[0]
  }

  private static func read(_ address: UInt64, _ bytes: Int, _ label: TLP.Label) -> TLP {
    TLP.memoryReads(address: address, bytes: bytes, link: link(4, 16), label: label)[0]
  }

  private static func digested(_ tlp: TLP) -> TLP {
    var tlp = tlp
    tlp.digest = true
    return tlp
  }

  private static let device = TLP.Label(requester: 0x0100, tag: 0x12)

  static let cases = [
    HeaderCase(
      name: "64 bytes above 4 GiB", tlp: write(0x1_0000_0040, 64, device),
      // Fmt 011, Length 16 | ID, tag, BE ff | address.
      plain: [0x6000_0010, 0x0100_12ff, 0x0000_0001, 0x0000_0040],
      // All bytes enabled: no OHC.
      flit: [0x6000_0010, 0x0100_0012, 0x0000_0001, 0x0000_0040]),
    HeaderCase(
      name: "bytes 3 to 9 below 4 GiB", tlp: write(0x103, 7, device),
      // 3 DWs from 0x100: First 1000, Last 0011.
      plain: [0x4000_0003, 0x0100_1238, 0x0000_0100],
      // OHC-A present (bit 16), its BEs in bits 7:0.
      flit: [0x4001_0003, 0x0100_0012, 0x0000_0100, 0x0000_0038]),
    HeaderCase(
      name: "every field of the first DW",
      tlp: digested(
        read(
          0x1000, 4,
          TLP.Label(
            requester: 0xffff, tag: 0x312, trafficClass: 5,
            attributes: [.relaxedOrdering, .idBasedOrdering]))),
      // T9 23, TC 101 in 22:20, T8 19, Attr[2] 18, TD 15, Attr[1:0] 10 in 13:12.
      plain: [0x00dc_a001, 0xffff_120f, 0x0000_1000],
      // Type 3, TC in 23:21, TS 001 in 15:13, Attr 110 in 12:10; tag of 14 bits.
      flit: [0x03a0_3801, 0xffff_0312, 0x0000_1000]),
    HeaderCase(
      name: "1024 DWs are a Length of 0",
      tlp: TLP.memoryReads(address: 0x2000, bytes: 4096, link: link(4, 16, mrrs: 4096))[0],
      plain: [0x0000_0000, 0x0000_00ff, 0x0000_2000],
      flit: [0x0300_0000, 0x0000_0000, 0x0000_2000]),
    HeaderCase(
      name: "zero-length read", tlp: TLP.zeroLengthRead(address: 0x1002),
      plain: [0x0000_0001, 0x0000_0000, 0x0000_1000],
      flit: [0x0301_0001, 0x0000_0000, 0x0000_1000, 0x0000_0000]),
    HeaderCase(
      name: "config write of the Command register's upper byte",
      tlp: TLP.configWrite(function: 0x0a1b, register: 0x505, bytes: 1, label: device),
      // Bus 0a, device 3, function 3; extended register 5 in 11:8, register 01 in 7:2.
      plain: [0x4400_0001, 0x0100_1202, 0x0a1b_0504],
      flit: [0x4401_0001, 0x0100_0012, 0x0a1b_0504, 0x0000_0002]),
    HeaderCase(
      name: "config read through a bridge",
      tlp: TLP.configRead(
        function: 0x0200, register: 0xffc, bytes: 4, type: .forwarded,
        label: TLP.Label(
          requester: 8, tag: 1, trafficClass: 3, attributes: [.relaxedOrdering])),
      // TC and Attr are 0 whatever the label says.
      plain: [0x0500_0001, 0x0008_010f, 0x0200_0ffc],
      flit: [0x0501_0001, 0x0008_0001, 0x0200_0ffc, 0x0000_000f]),
    HeaderCase(
      name: "fetch and add, 8 bytes",
      tlp: TLP.atomic(
        .fetchAdd, address: 0x1_0000_0008, operandBytes: 8, label: device),
      // The byte enables are reserved.
      plain: [0x6c00_0002, 0x0100_1200, 0x0000_0001, 0x0000_0008],
      flit: [0x6c00_0002, 0x0100_0012, 0x0000_0001, 0x0000_0008]),
    HeaderCase(
      name: "compare and swap, 16 bytes",
      tlp: TLP.atomic(.compareAndSwap, address: 0x1000, operandBytes: 16),
      plain: [0x4e00_0008, 0x0000_0000, 0x0000_1000],
      flit: [0x4e00_0008, 0x0000_0000, 0x0000_1000]),
    HeaderCase(
      name: "second completion of bytes 0x21 to 0xa0",
      tlp: read(0x21, 128, device).completions(
        .rcb, link: link(4, 16), completer: 0x0208)[1],
      // 64 bytes from 0x40 on; 97 to come; lower address 0x40.
      plain: [0x4a00_0010, 0x0208_0061, 0x0100_1240],
      // Lower address bit 6 in bit 14 of DW 1, bits 5:2 in 15:12 of DW 2.
      flit: [0x4a00_0010, 0x0208_4012, 0x0100_0061]),
    HeaderCase(
      name: "completion of 4096 bytes",
      tlp: TLP.memoryReads(
        address: 0x3000, bytes: 4096, link: link(4, 16, mps: 4096, mrrs: 4096)
      )[0].completions(.few, link: link(4, 16, mps: 4096, mrrs: 4096), completer: 0x0100)[0],
      // Length and Byte Count 0 for their largest values.
      plain: [0x4a00_0000, 0x0100_0000, 0x0000_0000],
      flit: [0x4a00_0000, 0x0100_0000, 0x0000_0000]),
    HeaderCase(
      name: "completion of a config write",
      tlp: TLP.configWrite(function: 0x0100, register: 4, bytes: 2, label: device).completions(
        .few, link: link(4, 16), completer: 0x0100)[0],
      // No data: Fmt 000, Length reserved; Byte Count 4.
      plain: [0x0a00_0000, 0x0100_0004, 0x0100_1200],
      flit: [0x0a00_0000, 0x0100_0012, 0x0100_0004]),
  ]

  @Test(arguments: cases) func `a header has the words made by hand`(_ row: HeaderCase) {
    #expect(row.tlp.headerWords == row.plain)
    #expect(row.tlp.flitHeaderWords == row.flit)
  }

  @Test func `a completion's status has its encoding`() {
    let codes = CompletionFields.Status.allCases.map { ($0.name, $0.rawValue) }
    let expected: [(String, UInt8)] = [("SC", 0), ("UR", 1), ("RRS", 2), ("CA", 4)]
    #expect(codes.elementsEqual(expected) { $0 == $1 })
  }
}
