import ArmMemory
import Litmus
import Ordering
import Testing
import TraceCore

/// What a whole text is read as; the expected programs are written out by hand.
struct ProgramTextTests {
  @Test func `a text is read as the program that it shows`() throws {
    let text = """
      MMIO L12+writel
      "Payload, then a doorbell"
      Source=Arm ARM DDI 0487, B2.4.1 "Peripheral arrival order", rule C
      Source=Linux, Documentation/driver-api/device-io.rst
      Fabric=pcie
      Line=128
      {
        d: function below rp0;
        bar: mmio of d tc 1 endpoint-ack;
        X: bar+0x00 size 8 stage1 normal-nc stage2 normal-nc fwb = 0x10 clears-on-read ro ido;
        Y: bar+0x40 size 4 stage1 normal-nc policy kvm-device;
        F: memory = 2
      }
       P0              | D:d             ;
       a: STR.X #1,[X] | STR.W #3,[F]    ;  (* the payload (* nested *) *)
       DMB OSHST       |                 ;
       b: STR.W #1,[Y] | d: STR.W #4,[F] ;
      forbidden (b -> a)
      exists F=4 /\\ 1:r=0 \\/ a ~ b
      """
    let withRegister = text.replacing("1:r=0", with: "true")
    let test = try Fixture.parse(withRegister)
    var expected = Program(name: "L12+writel", title: "Payload, then a doorbell")
    expected.functions = [DeviceFunction(name: "d", bridge: "rp0")]
    expected.peripherals = [
      Peripheral(
        name: "bar", kind: .mmio, function: 0, acknowledgesAtEndpoint: true, trafficClass: 1),
      Peripheral(name: "F", kind: .memory),
    ]
    // Normal-NC by Normal-NC is Normal-NC; Normal-NC by KVM's Device-nGnRE is Device by stage 2.
    // Write-back in both halves has XS=0 (MAIR_ELx.Attr).
    expected.locations = [
      Location(
        name: "X", peripheral: 0, address: 0, size: 8, attributes: AccessAttributes(.normalNC),
        initial: 16, clearsOnRead: true, relaxedOrdering: true, idBasedOrdering: true),
      Location(
        name: "Y", peripheral: 0, address: 64, size: 4,
        attributes: AccessAttributes(.deviceNGnRE, faultStage: 2)),
      Location(
        name: "F", peripheral: 1, address: 0, size: 8,
        attributes: AccessAttributes(.normalWB, xs: false), initial: 2),
    ]
    let flag = Access(
      label: "c", direction: .store, location: 2, size: 4, value: [3, 0, 0, 0])
    var second = flag
    second.label = "d"
    second.value = [4, 0, 0, 0]
    expected.agents = [
      Agent(
        name: "P0",
        instructions: [
          .access(
            Access(
              label: "a", direction: .store, location: 0, size: 8,
              value: [1, 0, 0, 0, 0, 0, 0, 0])),
          .barrier(Barrier(.dmbST, .outerShareable)),
          .access(
            Access(label: "b", direction: .store, location: 1, size: 4, value: [1, 0, 0, 0])),
        ]),
      Agent(
        name: "D", kind: .device(function: 0), instructions: [.access(flag), .access(second)]),
    ]
    #expect(test.program == expected)
    #expect(
      test.sources == [
        "Arm ARM DDI 0487, B2.4.1 \"Peripheral arrival order\", rule C",
        "Linux, Documentation/driver-api/device-io.rst",
      ])
    var options = ExplorerOptions()
    options.fabric = .pcie
    options.lineBytes = 128
    #expect(test.options == options)
    #expect(
      test.claims == [
        Claim(.forbidden, .arrivesBefore("b", "a")),
        Claim(.allowed, .or([.and([.value(location: "F", 4), .yes]), .together("a", "b")])),
      ])
    #expect(test.line == 1 && test.file == "t.litmus")
  }

  @Test func `several programs stand in one text, with CRLF or without`() throws {
    let one = Fixture.text(["STR.X #1,[X]"])
    let text = one + "\n" + one.replacing("MMIO T", with: "MMIO U (* the second *)")
    for text in [text, text.replacing("\n", with: "\r\n")] {
      let tests = try LitmusTest.parse(Array(text.utf8), file: "x")
      #expect(tests.map(\.program.name) == ["T", "U"])
      #expect(tests[0].program.agents == tests[1].program.agents)
      #expect(tests.map(\.line) == [1, 10])
    }
  }

  @Test func `every switch of the machine is an info line`() throws {
    let lines: [(String, (inout ExplorerOptions) -> Void)] = [
      ("Fabric=pcie", { $0.fabric = .pcie }),
      ("Serialisation=root-complex", { $0.serialisationPoint = .rootComplex }),
      ("Arrival=endpoint", { $0.arrivalPoint = .endpoint }),
      ("Config=posted", { $0.configWritesArePosted = true }),
      ("Region=shared", { $0.configSharesRegion = true }),
      ("Line=32", { $0.lineBytes = 32 }), ("Bus=16", { $0.deviceBusBytes = 16 }),
      ("LSE2=off", { $0.lse2 = false }),
      ("Dependencies=practice", { $0.dependenciesOrderNormalLoads = true }),
      ("Domains=ignored", { $0.ignoresBarrierDomains = true }),
    ]
    for (line, change) in lines {
      let text = Fixture.text(["STR.X #1,[X]"]).replacing("MMIO T", with: "MMIO T\n" + line)
      var expected = ExplorerOptions()
      change(&expected)
      #expect(try Fixture.parse(text).options == expected, "\(line)")
      #expect(expected != ExplorerOptions())
    }
    #expect(lines.count == MachineSwitch.all.count)
  }

  @Test func `accesses without a label get the free letters, column by column`() throws {
    let text = """
      MMIO T
      { F: memory }
       P0 | P1 ;
       STR.W #1,[F] | STR.W #2,[F] ;
       b: STR.W #1,[F] | DMB SY ;
       STR.W #1,[F] | STR.W #2,[F] ;
      allowed (true)
      """
    let program = try Fixture.parse(text).program
    let labels = program.agents.map { agent in
      agent.instructions.compactMap {
        if case .access(let access) = $0 { access.label } else { nil }
      }
    }
    #expect(labels == [["a", "b", "c"], ["d", "e"]])
  }

  @Test func `the twenty-seventh label has two letters`() throws {
    let cells = [String](repeating: "STR.W #1,[F]", count: 28)
    let program = try Fixture.parse(Fixture.text(cells)).program
    let last = program.agents[0].instructions.suffix(3).compactMap {
      if case .access(let access) = $0 { access.label } else { nil }
    }
    #expect(last == ["z", "aa", "ab"])
  }

  // MARK: Attributes

  /// By the architecture's tables of stage combination (Arm ARM DDI 0487, D8.6): type, XS, and
  /// which stage made it Device.
  static let mappings: [(String, AccessAttributes)] = [
    ("stage1 normal-nc", AccessAttributes(.normalNC)),
    ("stage1 normal-nc stage2 device-ngnre", AccessAttributes(.deviceNGnRE, faultStage: 2)),
    ("stage1 normal-nc stage2 0x1 fwb", AccessAttributes(.deviceNGnRE, faultStage: 2)),
    ("stage1 device-gre stage2 normal-nc", AccessAttributes(.deviceGRE, faultStage: 1)),
    ("stage1 device-gre stage2 device-ngnrne", AccessAttributes(.deviceNGnRnE, faultStage: 1)),
    ("fwb stage1 device-gre stage2 normal-wb", AccessAttributes(.normalWB, xs: false)),
    ("stage1 device-gre stage2 normal-wb", AccessAttributes(.deviceGRE, faultStage: 1)),
    ("stage1 normal-wb stage2 normal-wt", AccessAttributes(.normalWT, xs: false)),
    ("stage1 0x05", AccessAttributes(.deviceNGnRE, xs: false)),
    ("stage1 device-ngnre xs0", AccessAttributes(.deviceNGnRE, xs: false)),
    ("stage1 normal-nc policy kvm-device", AccessAttributes(.deviceNGnRE, faultStage: 2)),
    ("stage1 normal-nc policy kvm-normal-nc", AccessAttributes(.normalNC)),
    ("stage1 normal-nc policy none", AccessAttributes(.normalNC)),
  ]

  @Test(arguments: mappings) func `two stages make the attributes`(
    mapping: (text: String, attributes: AccessAttributes)
  ) throws {
    let text = Fixture.text(["STR.X #1,[X]"], locations: "Z: bar+0x80 size 8 \(mapping.text)")
    let program = try Fixture.parse(text).program
    #expect(program.locations.last?.attributes == mapping.attributes)
  }

  @Test func `the built-in suite can be read`() throws {
    let tests = try LitmusSuite.tests()
    #expect(tests.contains { $0.program.name == "L11" })
    for test in tests { #expect(!test.sources.isEmpty, "\(test.program.name)") }
  }
}
