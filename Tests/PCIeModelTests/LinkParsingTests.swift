import PCIeModel
import Testing
import TraceCore

@Suite struct LinkParsingTests {
  static let defaults = link(3, 8, ph: 32, pd: 256, loopPs: 300_000)

  @Test func `generation and width alone keep the other values`() throws {
    let parsed = try LinkConfiguration(parsing: "gen4x16", defaults: Self.defaults)
    #expect(parsed == link(4, 16, ph: 32, pd: 256, loopPs: 300_000))
  }

  @Test func `every key sets its value, in any order`() throws {
    let parsed = try LinkConfiguration(
      parsing: "gen5x12,pd=0,flit=on,rcb=128,mps=512,ph=127,mrrs=4096", defaults: Self.defaults)
    #expect(
      parsed
        == link(
          5, 12, mps: 512, mrrs: 4096, rcb: 128, flit: true, ph: 127, pd: 0, loopPs: 300_000))
  }

  @Test func `flit mode follows the generation unless it is asked for`() throws {
    let flit = { (text: String, defaults: LinkConfiguration) in
      try LinkConfiguration(parsing: text, defaults: defaults).flit
    }
    #expect(try flit("gen6x4", Self.defaults))
    #expect(try flit("gen7x1,flit=on", Self.defaults))
    #expect(try !flit("gen5x4", link(6, 16)))
    #expect(try !flit("gen5x4,flit=off", Self.defaults))
  }

  @Test(arguments: 1...7) func `every width of a generation is read`(generation: Int) throws {
    for width in LinkConfiguration.widths {
      let parsed = try LinkConfiguration(
        parsing: "gen\(generation)x\(width)", defaults: Self.defaults)
      #expect(parsed.generation == generation && parsed.lanes == width)
    }
  }

  static let bad: [(text: String, names: String)] = [
    ("", "gen4x16"), ("gen4", "gen4x16"), ("x16", "gen4x16"), ("gen4x", "gen4x16"),
    ("genx4", "gen4x16"), ("gen4x16x2", "gen4x16"), ("Gen4x16", "gen4x16"),
    ("gen+4x16", "gen4x16"), ("gen4x-1", "gen4x16"), ("gen4x٣", "gen4x16"),
    ("gen4x99999999999999999999", "gen4x16"), ("gen0x16", "generation"),
    ("gen8x16", "generation"), ("gen4x3", "width"), ("gen4x0", "width"), ("gen4x64", "width"),
    ("gen4x16,", "key=value"), ("gen4x16,mps", "key=value"), ("gen4x16,,mps=128", "key=value"),
    ("gen4x16,mps=", "mps"), ("gen4x16,mps=64", "mps"), ("gen4x16,mps=300", "mps"),
    ("gen4x16,mps=8192", "mps"), ("gen4x16,mps=256=256", "mps"), ("gen4x16,mps=0x100", "mps"),
    ("gen4x16,mrrs=0", "mrrs"), ("gen4x16,mrrs=129", "mrrs"), ("gen4x16,rcb=256", "rcb"),
    ("gen4x16,ph=-1", "ph"), ("gen4x16,ph=2033", "ph"), ("gen4x16,pd=15", "pd"),
    ("gen4x16,pd=32753", "pd"), ("gen4x16,mps=4096,pd=255", "pd"),
    ("gen4x16,ph=9223372036854775808", "ph"), ("gen4x16,speed=4", "speed"),
    ("gen4x16,mps=128,mps=256", "mps is given twice"), ("gen4x16,flit=yes", "flit"),
    ("gen6x16,flit=off", "flit"), ("gen4x16,=1", "''"),
  ]

  @Test(arguments: bad)
  func `a bad link is refused by the name of what is wrong`(_ row: (text: String, names: String)) {
    let error = #expect(throws: TraceError.self) {
      try LinkConfiguration(parsing: row.text, defaults: Self.defaults)
    }
    #expect(error?.code == .configuration)
    #expect(error?.message.contains(row.names) == true, "\(error?.message ?? "")")
  }

  @Test func `the limits of the credit fields are accepted`() throws {
    for text in ["gen4x16,ph=2032,pd=32752", "gen4x16,pd=16", "gen4x16,mps=4096,pd=256"] {
      _ = try LinkConfiguration(parsing: text, defaults: Self.defaults)
    }
  }
}
