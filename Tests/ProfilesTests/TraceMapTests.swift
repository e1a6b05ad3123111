import Importers
import Testing
import TraceCore
import YAMLInput

@Suite struct TraceMapTests {
  static func map(_ text: String, file: String = "dir/m.yaml") throws(TraceError) -> TraceMap {
    try TraceMap(YAMLDocument(text: text, file: file))
  }

  /// The example of the command's contract.
  static let example = """
    regions:
      - name: bar2
        base: 0x10000000000
        size: 0x2000000
        kind: bar
        bdf: "0000:01:00.0"
        bar: 2
        prefetchable: true
        stage1: normal-nc
        vfio: true
        side_effects: [ { offset: 0x40, size: 4 } ]
    functions:
      - bdf: "0000:01:00.0"
        lspci: device.lspci

    """

  @Test func `the contract's example decodes`() throws {
    let function = PCIFunction(bus: 1, device: 0, function: 0)
    let map = try Self.map(Self.example)
    let region = Region(
      name: "bar2", base: 0x100_0000_0000, size: 0x200_0000, kind: .bar, function: function, bar: 2,
      prefetchable: true, stage1: 0x44, vfioEligible: true, sideEffects: [0x40...0x43], origin: .map
    )
    #expect(
      map
        == TraceMap(
          entries: [MapRegion(region)],
          configImages: [.init(function: function, path: "dir/device.lspci")]))
  }

  @Test(arguments: [
    ("m.yaml", "d.lspci", "d.lspci"), ("a/b/m.yaml", "../d", "a/b/../d"),
    ("a/m.yaml", "/abs/d", "/abs/d"), ("/m.yaml", "d", "/d"),
  ])
  func `lspci paths are relative to the map`(file: String, path: String, result: String) throws {
    let text = "functions: [ { bdf: 01:00.0, lspci: \(path) } ]"
    #expect(try Self.map(text, file: file).configImages.map(\.path) == [result])
  }

  @Test func `a dump that cannot be read is an error at the map's key`() throws {
    let image = try #require(
      try Self.map(
        """
        functions:
          - bdf: 01:00.0
            lspci: nope.lspci
        """, file: "a/m.yaml"
      ).configImages.first)
    let error = image.error(TraceError(.io, "cannot read: gone", file: "a/nope.lspci"))
    #expect(
      error.description
        == "a/m.yaml:3:12: io: functions[0].lspci: a/nope.lspci: cannot read: gone")
  }

  @Test func `a config window is ECAM unless the map says CAM`() throws {
    let map = try Self.map(
      """
      regions:
        - { name: a, base: 0, size: 16MiB, kind: ecam, decode: cam }
        - { name: b, base: 0x10000000, size: 256MiB, kind: ecam, decode: ecam }
        - { name: c, base: 0x20000000, size: 256MiB, kind: ecam }
      """)
    #expect(map.regions.map(\.configLayout) == [.cam, .ecam, nil])
  }

  /// Offsets of the array's elements are 0x1000 + 8 * index.
  @Test func `registers have names, ranges and side effects`() throws {
    let map = try Self.map(
      """
      regions:
        - name: nvme
          base: 0x10000
          size: 0x2000
          side_effects: [ { offset: 0x40, size: 4 } ]
          registers:
            - { name: SQ, offset: 0x1000, size: 4, count: 3, stride: 8 }
            - { name: CSTS, offset: 0x1c, side_effects: true }
            - { name: CAP, offset: 0, size: 8 }
      """)
    let region = map.regions[0]
    #expect(
      region.registers == [
        .init(name: "CAP", offset: 0, size: 8), .init(name: "CSTS", offset: 0x1c, size: 4),
        .init(name: "SQ[0]", offset: 0x1000, size: 4),
        .init(name: "SQ[1]", offset: 0x1008, size: 4),
        .init(name: "SQ[2]", offset: 0x1010, size: 4),
      ])
    #expect(region.sideEffects == [0x40...0x43, 0x1c...0x1f])
    let names: [(UInt64, String?)] = [
      (0x10000, "CAP"), (0x10004, "CAP+0x4"), (0x10008, nil), (0x1001c, "CSTS"),
      (0x11008, "SQ[1]"), (0x1100c, nil), (0x11013, "SQ[2]+0x3"), (0x11014, nil), (0xffff, nil),
    ]
    for (address, name) in names { #expect(region.register(at: address) == name) }
  }

  @Test(arguments: [
    ("{ name: A, offset: 0xffe }", "3:"),
    ("{ name: A, offset: 0, size: 8, count: 2, stride: 4 }", "3:"),
    ("{ offset: 0 }", "3:"), ("{ name: A, offset: 0, sise: 4 }", "3:"),
    ("{ name: A, offset: 0, count: 65537 }", "3:"), ("{ name: A, offset: 0, count: 1025 }", "3:"),
    ("{ name: A, offset: 0 }, { name: B, offset: 2 }", "3:"),
    ("{ name: A, offset: 0 }, { name: A, offset: 8 }", "3:"),
    ("{ name: A, offset: 0, count: 2 }, { name: 'A[1]', offset: 8 }", "3:"),
  ])
  func `a register that cannot be is an error with its line`(_ entry: String, _ line: String) {
    let text = "regions:\n  - { name: a, base: 0, size: 0x1000, registers: [\n\(entry) ] }\n"
    do throws(TraceError) {
      _ = try Self.map(text)
      Issue.record("no error")
    } catch {
      #expect(error.code == .configuration && error.line == 3, "\(error)")
    }
  }

  @Test func `a region without base is kept apart, with or without size`() throws {
    let map = try Self.map("regions: [ { name: a }, { name: b, size: 16KiB, vfio: false } ]")
    #expect(map.regions.isEmpty)
    #expect(map.regionsWithoutBase.map(\.name) == ["a", "b"])
    #expect(map.regionsWithoutBase.map(\.size) == [0, 16_384])
    // Only BARs carry the flag unless the map says otherwise.
    #expect(map.regionsWithoutBase.map(\.vfioEligible) == [true, false])
  }

  /// MAIR bytes from the Arm ARM's MAIR_EL1 table.
  @Test(
    arguments: [
      ("device-ngnrne", 0x00), ("device-ngnre", 0x04), ("device-ngre", 0x08), ("device-gre", 0x0c),
      ("normal-nc", 0x44), ("normal-wt", 0xbb), ("normal-wb", 0xff),
    ] as [(String, UInt8)])
  func `all seven memory types`(name: String, byte: UInt8) throws {
    #expect(
      try Self.map("regions: [ { name: a, stage1: \(name) } ]").regionsWithoutBase[0].stage1 == byte
    )
  }

  @Test func `touching regions do not overlap, and the last byte of the space is usable`() throws {
    let map = try Self.map(
      """
      regions:
        - { name: high, base: 0xffff_ffff_ffff_f000, size: 4096 }
        - { name: b, base: 0x2000, size: 0x1000, kind: platform }
        - { name: a, base: 0x1000, size: 0x1000, kind: ecam, is_64bit: true }
      """)
    #expect(map.regions.map(\.name) == ["high", "b", "a"], "in the file's order")
    #expect(map.regions.map(\.kind) == [.bar, .platform, .ecam])
    #expect(map.regions.map(\.vfioEligible) == [true, false, false])
  }

  struct Wrong: CustomTestStringConvertible {
    /// The entries of `regions`, in flow style after `  - `, one a line from line 2.
    var regions: [String]
    var error: String
    var testDescription: String { error }
  }

  @Test(arguments: [
    Wrong(regions: ["{ size: 4 }"], error: "2:5: configuration: regions[0]: missing key 'name'"),
    Wrong(
      regions: ["{ name: a, base: 0 }"],
      error: "2:5: configuration: regions[0]: missing key 'size'"),
    Wrong(
      regions: ["{ name: a, sise: 4 }"],
      error: "2:16: configuration: regions[0]: unknown key 'sise'; did you mean 'size'?"),
    Wrong(
      regions: ["{ name: a, base: -1, size: 4 }"],
      error: "2:22: configuration: regions[0].base: -1 is out of range: 0 to 18446744073709551615"),
    Wrong(
      regions: ["{ name: a, base: \"0x10\", size: 4 }"],
      error: "2:22: configuration: regions[0].base: expected a number, found quoted text"),
    Wrong(
      regions: ["{ name: a, base: 4KiB, size: 4 }"],
      error: "2:22: configuration: regions[0].base: expected a number, found '4KiB'"),
    Wrong(
      regions: ["{ name: a, size: 0 }"],
      error: "2:22: configuration: regions[0].size: 0 is out of range: 1 to"),
    Wrong(
      regions: ["{ name: a, size: 16KB }"],
      error: "2:22: configuration: regions[0].size: unit 'KB' is not accepted"),
    Wrong(
      regions: ["{ name: a, base: 0xffffffffffffffff, size: 2 }"],
      error: "2:5: configuration: regions[0]: the region ends beyond 2^64"),
    Wrong(
      regions: ["{ name: a, kind: bars }"],
      error: "2:22: configuration: regions[0].kind: unknown kind 'bars'; did you mean 'bar'?"),
    Wrong(
      regions: ["{ name: a, kind: config, size: 1 }"],
      error: "2:22: configuration: regions[0].kind: a region of kind config has no window: "
        + "it collects config accesses by name"),
    Wrong(
      regions: ["{ name: a, kind: ecam, base: 0, size: 257MiB }"],
      error: "2:22: configuration: regions[0].kind: an ecam region has at most 256 MiB"),
    Wrong(
      regions: ["{ name: a, bdf: 1:0 }"],
      error: "2:21: configuration: regions[0].bdf: expected a function like"),
    Wrong(
      regions: ["{ name: a, bdf: \"0000:01:20.0\" }"],
      error: "2:21: configuration: regions[0].bdf: expected a function like"),
    Wrong(
      regions: ["{ name: a, bdf: \"0:+1:00.0\" }"],
      error: "2:21: configuration: regions[0].bdf: expected a function like"),
    Wrong(
      regions: ["{ name: a, bar: 6 }"],
      error: "2:21: configuration: regions[0].bar: 6 is out of range: 0 to 5"),
    Wrong(
      regions: ["{ name: a, kind: ecam, bar: 0 }"],
      error: "2:33: configuration: regions[0].bar: a region of kind ecam has no BAR"),
    Wrong(
      regions: ["{ name: a, kind: ecam, base: 0, size: 17MiB, decode: cam }"],
      error:
        "2:22: configuration: regions[0].kind: an ecam region has at most 16 MiB with decode cam"
    ),
    Wrong(
      regions: ["{ name: a, kind: ecam, decode: CAM }"],
      error: "2:36: configuration: regions[0].decode: unknown decode 'CAM'; known are ecam, cam"),
    Wrong(
      regions: ["{ name: a, decode: cam }"],
      error: "2:24: configuration: regions[0].decode: a region of kind bar has no decode"),
    Wrong(
      regions: ["{ name: a, prefetchable: yes }"],
      error: "2:30: configuration: regions[0].prefetchable: expected true or false"),
    Wrong(
      regions: ["{ name: a, vfio: 1 }"],
      error: "2:22: configuration: regions[0].vfio: expected true or false"),
    Wrong(
      regions: ["{ name: a, stage1: normal-cn }"],
      error: "2:24: configuration: regions[0].stage1: unknown memory type 'normal-cn'; did you mean"
    ),
    Wrong(
      regions: ["{ name: a, side_effects: { offset: 0 } }"],
      error: "2:30: configuration: regions[0].side_effects: expected a sequence, found a mapping"),
    Wrong(
      regions: ["{ name: a, side_effects: [ { offset: 0 } ] }"],
      error: "2:32: configuration: regions[0].side_effects[0]: missing key 'size'"),
    Wrong(
      regions: ["{ name: a, size: 8, side_effects: [ { offset: 5, size: 4 } ] }"],
      error: "2:41: configuration: regions[0].side_effects[0]: the register ends outside"),
    Wrong(
      regions: ["{ name: a, side_effects: [ { offset: 0xffffffffffffffff, size: 2 } ] }"],
      error: "2:32: configuration: regions[0].side_effects[0]: the register ends outside"),
    Wrong(
      regions: ["{ name: a }", "{ name: a, base: 0, size: 4 }"],
      error: "3:5: configuration: regions[1]: a second region named 'a'"),
    Wrong(
      regions: [
        "{ name: c, base: 0x3000, size: 0x1000 }", "{ name: a, base: 0x1000, size: 0x2001 }",
      ],
      error: "2:5: configuration: regions[0]: region 'c' overlaps 'a' (0x1000 to 0x3000, line 3)"),
    Wrong(
      regions: ["{ name: a, base: 0, size: 9 }", "{ name: b, base: 0, size: 1 }"],
      error: "3:5: configuration: regions[1]: region 'b' overlaps 'a' (0x0 to 0x8, line 2)"),
    Wrong(regions: ["bar2"], error: "2:5: configuration: regions[0]: expected a mapping"),
  ])
  func `a wrong region names file, line, column and key`(_ row: Wrong) {
    let text = "regions:\n" + row.regions.map { "  - \($0)\n" }.joined()
    let error = failure { () throws(TraceError) in try Self.map(text) }
    #expect(error.hasPrefix("dir/m.yaml:" + row.error), "\(error)")
  }

  @Test(arguments: [
    ("region: []", "1:1: configuration: unknown key 'region'; did you mean 'regions'?"),
    ("regions: 5", "1:10: configuration: regions: expected a sequence, found '5'"),
    ("- a", "1:1: configuration: expected a mapping, found a sequence"),
    ("functions: [ { lspci: a } ]", "1:14: configuration: functions[0]: missing key 'bdf'"),
    ("functions: [ { bdf: 01:00.0 } ]", "1:14: configuration: functions[0]: missing key 'lspci'"),
    (
      "functions: [ { bdf: 01:00.0, lspci: a }, { bdf: 0000:01:00.0, lspci: b } ]",
      "1:42: configuration: functions[1]: a second entry for function 0000:01:00.0"
    ),
    (
      "functions: [ { bdf: 01:00.0, path: a } ]",
      "1:30: configuration: functions[0]: unknown key 'path'; known are bdf, lspci"
    ),
  ])
  func `a wrong map names file, line, column and key`(text: String, message: String) {
    let error = failure { () throws(TraceError) in try Self.map(text) }
    #expect(error.hasPrefix("dir/m.yaml:" + message), "\(error)")
  }

  /// Cutting a good map anywhere must give a map or an error, never a trap.
  @Test func `a map cut anywhere decodes or fails cleanly`() {
    let bytes = Array(Self.example.utf8)
    for length in bytes.indices {
      let error = failure { () throws(TraceError) in
        try TraceMap(YAMLDocument(bytes: Array(bytes[..<length]), file: "m.yaml"))
      }
      #expect(error.hasPrefix("no error") || error.hasPrefix("m.yaml"), "\(length): \(error)")
    }
  }

  /// One byte flipped to each of a few that YAML gives a meaning.
  @Test func `a map with one byte changed decodes or fails cleanly`() {
    let bytes = Array(Self.example.utf8)
    for index in bytes.indices {
      for byte in Array("\0&*[{\"'#:-\t\n!|>%@`?,x9".utf8) + [0x80, 0xff] {
        var changed = bytes
        changed[index] = byte
        let error = failure { () throws(TraceError) in
          try TraceMap(YAMLDocument(bytes: changed, file: "m.yaml"))
        }
        #expect(error.hasPrefix("no error") || error.hasPrefix("m.yaml"), "\(index): \(error)")
      }
    }
  }
}
