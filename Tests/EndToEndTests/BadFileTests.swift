import Foundation
import Testing

/// Files that are no captures, under every verb that reads one.
struct BadFileTests {
  static let verbs = ["import", "compare", "analyze", "info", "dump"]
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  static func arguments(_ verb: String, _ file: String) -> [String] {
    switch verb {
    case "import": [verb, file, "-o", "out.mmt"]
    case "compare", "analyze": [verb, file, "-o", "out"]
    default: [verb, file]
    }
  }

  /// Fails with every verb, names the file, and leaves nothing behind.
  private func refuse(_ file: String, _ verb: String, _ parts: [String]) throws {
    let before = try scratch.list()
    try scratch.failing(Self.arguments(verb, file), saying: [file + ": "] + parts)
    #expect(try scratch.list() == before)
  }

  @Test(arguments: verbs) func `an empty file`(verb: String) throws {
    try scratch.write("empty", "")
    try refuse("empty", verb, ["the input is empty"])
  }

  @Test(arguments: verbs) func `binary junk`(verb: String) throws {
    for (seed, count) in [(1, 1), (2, 3), (3, 100), (4, 4096), (5, 200_000)] {
      // The first byte is no text and no magic number.
      try scratch.write("junk", [0xff] + Inputs.junk(count - 1, seed: UInt64(seed)))
      try refuse("junk", verb, ["unknown-format"])
    }
  }

  @Test(arguments: verbs) func `text that is no capture`(verb: String) throws {
    try scratch.write("notes.txt", "It was a dark and stormy night;\nthe rain fell in torrents\n")
    try refuse("notes.txt", verb, ["unknown-format", "csv", "qemu-log"])
  }

  @Test(arguments: verbs) func `a missing file`(verb: String) throws {
    try refuse("missing.mmt", verb, ["No such file or directory"])
  }

  @Test(arguments: verbs) func `a folder`(verb: String) throws {
    try FileManager.default.createDirectory(
      atPath: scratch.path("folder"), withIntermediateDirectories: false)
    try refuse("folder", verb, ["Is a directory"])
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything"), arguments: verbs)
  func `a file without permission`(verb: String) throws {
    try scratch.write("secret.csv", Inputs.csv)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0], ofItemAtPath: scratch.path("secret.csv"))
    try refuse("secret.csv", verb, ["Permission denied"])
  }

  @Test(arguments: verbs) func `empty standard input`(verb: String) throws {
    try scratch.failing(Self.arguments(verb, "-"), saying: ["the input is empty"])
    #expect(try scratch.list() == [])
  }

  // MARK: zstd

  @Test(arguments: verbs) func `a zstd file cut anywhere`(verb: String) throws {
    let whole = Inputs.zstd(Inputs.log(3000))
    try scratch.write("whole.zst", whole)
    #expect(try scratch.mmioscope(["info", "whole.zst"]).status == 0)
    for count in [4, 5, 8, 20, whole.count / 2, whole.count - 4, whole.count - 1] {
      try scratch.write("cut.log.zst", whole.prefix(count))
      try scratch.failing(
        Self.arguments(verb, "cut.log.zst"),
        saying: ["cut.log.zst", "truncated: the compressed data ends in the middle of a frame"])
      #expect(try scratch.list() == ["cut.log.zst", "whole.zst"])
    }
  }

  @Test(arguments: ["import", "compare"])
  func `a zstd file with a wrong checksum, or something behind it`(verb: String) throws {
    let whole = Inputs.zstd(Inputs.log(3000))
    var damaged = whole
    damaged[whole.count - 1] ^= 1
    let cases = [(damaged, "checksum"), (whole + Array("and more".utf8), "compression")]
    for (bytes, says) in cases {
      try scratch.write("bad.zst", bytes)
      try scratch.failing(Self.arguments(verb, "bad.zst"), saying: ["bad.zst: " + says])
      #expect(try scratch.list() == ["bad.zst"])
    }
  }

  @Test func `a zstd file without content`() throws {
    try scratch.write("nothing.zst", Inputs.zstd(""))
    try refuse("nothing.zst", "compare", ["no content"])
  }

  // MARK: Formats

  @Test(arguments: ["import", "compare"]) func `an unknown format`(verb: String) throws {
    try scratch.write("a.csv", Inputs.csv)
    try scratch.failing(
      Self.arguments(verb, "a.csv") + ["--format", "wireshark"],
      saying: ["'wireshark'", "csv, mmiotrace, qemu-log"])
    #expect(try scratch.list() == ["a.csv"])
  }

  @Test(arguments: ["import", "compare"])
  func `a QEMU log that is said to be CSV`(verb: String) throws {
    try scratch.write("a.log", Inputs.log(2))
    try scratch.failing(
      Self.arguments(verb, "a.log") + ["--format", "csv"], saying: ["a.log:1:1: bad-record"])
    #expect(try scratch.list() == ["a.log"])
  }

  @Test func `a CSV that is said to be a QEMU log has its lines counted`() throws {
    try scratch.write("a.csv", Inputs.csv)
    let outcome = try scratch.mmioscope(["info", "a.csv", "--format", "qemu-log", "--json", "-"])
    guard outcome.status == 0 else { return #expect(outcome.status == 2) }
    // Three lines, none of them an event.
    let info = try JSON(outcome.output)
    #expect(info.counter("unknown_line") == 3)
  }
}
