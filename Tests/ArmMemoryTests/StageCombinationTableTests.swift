import ArmMemory
import Testing

/// Arm ARM DDI 0487, Tables D8-97 and D8-98 (FWB=0) and the rules of FWB=1, as printed: one row a
/// stage-1 byte, one column a MemAttr.
struct CombinationTable: CustomTestStringConvertible {
  let fwb: Bool
  let columns: [UInt8]
  let rows: [(UInt8, String)]
  var testDescription: String { fwb ? "FWB=1" : "FWB=0" }

  static let withoutFWB = CombinationTable(
    fwb: false, columns: [0, 1, 2, 3, 5, 0xa, 0xf],
    rows: [
      (0x00, "nGnRnE nGnRnE nGnRnE nGnRnE nGnRnE nGnRnE nGnRnE"),
      (0x04, "nGnRnE nGnRE  nGnRE  nGnRE  nGnRE  nGnRE  nGnRE"),
      (0x08, "nGnRnE nGnRE  nGRE   nGRE   nGRE   nGRE   nGRE"),
      (0x0c, "nGnRnE nGnRE  nGRE   GRE    GRE    GRE    GRE"),
      (0x44, "nGnRnE nGnRE  nGRE   GRE    NC     NC     NC"),
      (0xbb, "nGnRnE nGnRE  nGRE   GRE    NC     WT     WT"),
      (0xff, "nGnRnE nGnRE  nGRE   GRE    NC     WT     WB"),
    ])

  static let withFWB = CombinationTable(
    fwb: true, columns: [0, 1, 2, 3, 5, 6, 7],
    rows: [
      (0x00, "nGnRnE nGnRnE nGnRnE nGnRnE nGnRnE WB nGnRnE"),
      (0x04, "nGnRnE nGnRE  nGnRE  nGnRE  nGnRE  WB nGnRE"),
      (0x08, "nGnRnE nGnRE  nGRE   nGRE   nGRE   WB nGRE"),
      (0x0c, "nGnRnE nGnRE  nGRE   GRE    GRE    WB GRE"),
      (0x44, "nGnRnE nGnRE  nGRE   GRE    NC     WB NC"),
      (0xbb, "nGnRnE nGnRE  nGRE   GRE    NC     WB WT"),
      (0xff, "nGnRnE nGnRE  nGRE   GRE    NC     WB WB"),
    ])

  static let types: [String: MemoryType] = [
    "nGnRnE": .deviceNGnRnE, "nGnRE": .deviceNGnRE, "nGRE": .deviceNGRE, "GRE": .deviceGRE,
    "NC": .normalNC, "WT": .normalWT, "WB": .normalWB,
  ]
}

@Suite struct StageCombinationTableTests {
  @Test(arguments: [CombinationTable.withoutFWB, .withFWB])
  func `the architecture's table holds cell by cell`(table: CombinationTable) {
    for (stage1, line) in table.rows {
      let cells = line.split(separator: " ")
      #expect(cells.count == table.columns.count)
      for (stage2, cell) in zip(table.columns, cells) {
        let result = StageCombination.combine(stage1: stage1, stage2: stage2, fwb: table.fwb)
        #expect(
          result.memoryType == CombinationTable.types[String(cell)],
          "stage 1 \(stage1), stage 2 \(stage2): \(result.name)")
      }
    }
  }

  // PAR bytes by hand from EncodePARAttrs (Arm ARM DDI 0487).
  @Test(
    arguments: [
      // stage 1, stage 2, FWB, PAR, name
      (0xff, 0x5, false, 0x40, "Normal iNC oNC XS=0"),
      (0x44, 0x5, false, 0x44, "Normal iNC oNC"),
      (0x44, 0x5, true, 0x44, "Normal iNC oNC"),
      (0xff, 0x5, true, 0x40, "Normal iNC oNC XS=0"),
      (0x44, 0x1, false, 0x04, "Device-nGnRE"),
      (0xff, 0x1, true, 0x05, "Device-nGnRE XS=0"),
      (0x09, 0x2, false, 0x09, "Device-nGRE XS=0"),
      (0xff, 0x6, false, 0x4b, "Normal iWT oNC RWA XS=0"),
      (0xff, 0xd, false, 0xf4, "Normal iNC oWB RWA XS=0"),
      (0xff, 0xf, false, 0xff, "Normal iWB oWB RWA"),
      (0xf0, 0xf, false, 0xf0, "Normal iWB oWB RWA Tagged"),
      (0xf0, 0xa, false, 0xbb, "Normal iWT oWT RWA XS=0"),
      (0xf0, 0x5, true, 0x40, "Normal iNC oNC XS=0"),
      (0xf0, 0x6, true, 0xf0, "Normal iWB oWB RWA Tagged"),
      (0xa0, 0xa, false, 0xa0, "Normal iWT oWT RA XS=0"),
      // The outer half alone decides on 0xa0: outer RA, inner RWA, XS=0 from write-back.
      (0xef, 0xa, false, 0xa0, "Normal iWT(RWA) oWT(RA) XS=0"),
      (0xfe, 0xa, false, 0xba, "Normal iWT(RA) oWT(RWA) XS=0"),
      (0xaa, 0xa, false, 0xaa, "Normal iWT oWT RA"),
      (0x77, 0xa, false, 0x33, "Normal iWT oWT RWA transient XS=0"),
      (0x44, 0x6, true, 0xff, "Normal iWB oWB RWA"),
      (0x34, 0x6, true, 0x7f, "Normal iWB(RWA) oWB(RWA transient)"),
      (0x04, 0xe, true, 0xff, "Normal iWB oWB RWA"),
      (0x88, 0xf, true, 0x88, "Normal iWT oWT no-allocate"),
    ] as [(UInt8, UInt8, Bool, UInt8, String)])
  func `hints and XS and tags follow stage 1`(
    row: (stage1: UInt8, stage2: UInt8, fwb: Bool, par: UInt8, name: String)
  ) {
    let result = StageCombination.combine(stage1: row.stage1, stage2: row.stage2, fwb: row.fwb)
    #expect(result.parByte == row.par)
    #expect(result.name == row.name)
  }

  // 20 stage-1 bytes are reserved (4 x dd1x, 12 of oooo0000): 256 x 3 + 20 x 13 and
  // 256 x 7 + 20 x 9 rows.
  @Test(arguments: [(false, 1028), (true, 1972)])
  func `reserved encodings are counted exactly`(fwb: Bool, expected: Int) {
    var reserved = 0
    for stage1 in UInt8.min...UInt8.max {
      for stage2 in UInt8(0)..<16 {
        let result = StageCombination.combine(stage1: stage1, stage2: stage2, fwb: fwb)
        if result.parByte == nil { reserved += 1 }
        #expect((result.memoryType == nil) == (result.parByte == nil))
        #expect(result.name.hasPrefix("RESERVED") == (result.parByte == nil))
      }
    }
    #expect(reserved == expected)
  }

  @Test func `a reserved result names its stage`() {
    func name(_ stage1: UInt8, _ stage2: UInt8) -> String {
      StageCombination.combine(stage1: stage1, stage2: stage2, fwb: false).name
    }
    #expect(name(0x02, 0x5) == "RESERVED stage 1")
    #expect(name(0x44, 0x4) == "RESERVED stage 2")
    #expect(name(0xe0, 0xc) == "RESERVED stages 1 and 2")
  }

  @Test func `the CSV has one exact row per combination`() {
    let lines = StageCombination.csv().split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 1 + 8192 + 1)
    #expect(lines[0] == "fwb,s1_mair,s2_memattr,result,name")
    #expect(lines[1] == "0,0x00,0x0,0x00,Device-nGnRnE")
    #expect(lines[1 + 4] == "0,0x00,0x4,RESERVED,RESERVED stage 2")
    #expect(lines[1 + 0x44 * 16 + 5] == "0,0x44,0x5,0x44,Normal iNC oNC")
    #expect(lines[1 + 4096 + 0xff * 16 + 1] == "1,0xff,0x1,0x05,Device-nGnRE XS=0")
    #expect(lines[8193] == "")
    for line in lines.dropLast() { #expect(line.split(separator: ",").count == 5) }
  }

  @Test func `the explanation decodes both stages and says why`() {
    let lines = StageCombination.explanation(stage1: 0xff, stage2: 0x5, fwb: false)
    #expect(
      lines == [
        "stage 1   0xff  Normal iWB oWB RWA", "stage 2   0x5   Normal iNC oNC (FWB=0)",
        "combined  Normal iNC oNC XS=0", "PAR ATTR  0x40", "replay    normal-nc",
        "why       both stages are Normal: in each half NC beats WT beats WB; hints are stage 1's",
      ])
    let reserved = StageCombination.explanation(stage1: 0x02, stage2: 0x8, fwb: true)
    #expect(reserved.count == 4)
    #expect(reserved[2] == "combined  RESERVED stages 1 and 2")
  }
}
