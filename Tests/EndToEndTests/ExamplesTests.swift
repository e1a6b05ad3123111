import Foundation
import Testing

/// Commands that the README and the help texts show do what they say.
struct ExamplesTests {
  /// A folder with every file that the examples name.
  private static func prepared() throws -> Scratch {
    let scratch = try Scratch()
    let trace = """
      t_ns,op,vcpu,addr,size,kind,region
      1,mark,0,,,begin,
      2,mark,0,,,probe,
      3,store,0,0x10000000,8,,bar 2
      4,store,1,0x20000000,4,,bar 0
      5,mark,0,,,done,
      6,mark,0,,,end,

      """
    try scratch.write("mmio.csv", trace)
    for name in ["nic.mmt", "trace.mmt"] { try scratch.mmioscopeImport("mmio.csv", name) }
    for name in ["qemu.log", "mmio.log", "config.log"] {
      try scratch.write(name, Inputs.log(20))
    }
    try scratch.write("qemu.log.zst", Inputs.zstd(Inputs.log(20)))
    let map = "regions:\n  - { name: bar 2, base: 0x10000000, size: 4KiB, kind: bar }\n"
    for name in ["board.yaml", "fb-wc.map.yaml"] { try scratch.write(name, map) }
    try scratch.write("grid.yaml", "cpu.buffers: [1, 2]\nlink: gen4x8\n")
    let stream = """
      #mmioscope-plugin 1
      w 0 10 0xffff800008021234 0x10000008 8 0x1 0x44 0xf9000020 RAM
      #end 1 0

      """
    try scratch.write("fb-wc.plugin.zst", Inputs.zstd(stream))
    _ = try scratch.mmioscope(["packets", "nic.mmt", "--csv", "analyzer.csv"])
    try scratch.write("host.csv", "type,addr,length_dw\nMWr,0x38000000000,2\n")
    for folder in ["old", "new", "report"] {
      _ = try scratch.shell("mkdir \(folder)")
      _ = try scratch.mmioscope(["analyze", "nic.mmt", "--json", folder + "/run.json"])
    }
    try scratch.write(
      "my.litmus",
      """
      MMIO mine
      { X: bar+0x00 size 8 stage1 normal-nc }
       P0               ;
       a: STR.X #1,[X]  ;
      allowed (whole(a))

      """)
    return scratch
  }

  /// Lines that are a command of this program, without the words behind them.
  static func commands(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let command = line.drop { $0 == " " }
      guard command.hasPrefix("mmioscope "), !command.contains(" | ") else { return nil }
      return command.split(separator: " #").first?.components(separatedBy: "   ").first?
        .trimmingCharacters(in: .whitespaces)
    }
  }

  private func check(_ command: String) throws {
    let arguments = command.dropFirst("mmioscope".count)
    let scratch = try Self.prepared()
    let outcome = try scratch.shell("\"$MMIOSCOPE\"\(arguments)")
    #expect(outcome.status == 0, "\(command): \(outcome.errors)")
  }

  @Test func `every command of the README works`() throws {
    guard Repository.exists("README.md") else { return }
    let commands = Self.commands(try Repository.text("README.md"))
    #expect(commands.count >= 5)
    for command in commands { try check(command) }
  }

  @Test(arguments: ExitStatusTests.verbs + [""])
  func `every command of a help text works`(verb: String) throws {
    let help = try Scratch().quietly([verb, "--help"].filter { !$0.isEmpty }).output
    for command in Self.commands(help) where !command.hasPrefix("mmioscope demo") {
      try check(command)
    }
  }
}
