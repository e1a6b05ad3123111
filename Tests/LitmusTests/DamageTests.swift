import Litmus
import TestSupport
import Testing
import TraceCore

/// Whatever the bytes, the parser ends with a value or an error that has a place.
struct DamageTests {
  private static func parse(_ bytes: [UInt8], _ note: @autoclosure () -> String) {
    do throws(TraceError) {
      _ = try LitmusTest.parse(bytes, file: "x")
    } catch {
      let isPlaced = error.line.map { $0 >= 1 } == true && error.column.map { $0 >= 1 } == true
      #expect(error.code == .empty || error.code == .configuration && isPlaced, "\(note())")
      #expect(error.message.utf8.count < 500, "\(note())")
    }
  }

  private static let sample = Array(
    Fixture.text(
      [
        "LDR.W r0,[Y] (* c *)", "a: STR.X #0x12,[X+8] addr r0", "DMB OSHST", "writel #1,[Y]",
        "CFGW d,+0x48,#1 size 2", "ST1 #1,[X] size 64", "CBNZ r0",
      ], claims: "forbidden (a -> b /\\ ~(P0:r0=1) \\/ writes(X)=2)"
    ).utf8)

  @Test func `a text cut anywhere`() {
    for length in 0...Self.sample.count { Self.parse(Array(Self.sample[..<length]), "\(length)") }
  }

  @Test func `bytes left out, doubled, changed and moved`() {
    var random = SplitMix64(seed: 20)
    let interesting = Array("{}[]()|;:,#+=~\"\\/->* \n\0\u{7f}ä0xzMMIO".utf8)
    for round in 0..<20_000 {
      var bytes = Self.sample
      for _ in 0...random.below(4) {
        let place = random.below(bytes.count)
        switch random.below(5) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(random.pick(interesting), at: place)
        case 2: bytes[place] = UInt8(random.below(256))
        case 3: bytes[place] = random.pick(interesting)
        default: bytes.swapAt(place, random.below(bytes.count))
        }
      }
      Self.parse(bytes, "round \(round)")
    }
  }

  @Test func `random words of the language`() {
    var random = SplitMix64(seed: 21)
    let words = [
      "MMIO", "T", "\n", "{", "}", "X", ":", "bar", "+", "0", "size", "8", "stage1", "normal-nc",
      ";", "P0", "|", "STR.X", "#", "1", ",", "[", "]", "DMB", "SY", "allowed", "(", ")", "a", "->",
      "~", "not", "/\\", "\\/", "=", "true", "CFGW", "d", "function", "memory", "\"", "(*", "*)",
    ]
    for round in 0..<5000 {
      let text = (0..<random.below(60)).map { _ in random.pick(words) }.joined(separator: " ")
      Self.parse(
        Array(("MMIO T\n{ X: bar+0 size 8 stage1 normal-nc } P0; " + text).utf8), "\(round)")
    }
  }

  @Test func `long lines, names, numbers and comments`() {
    let million = 1_000_000
    for text in [
      "MMIO " + String(repeating: "x", count: million),
      "MMIO T\nSource=" + String(repeating: "y", count: million) + "\n{",
      "MMIO T\n" + String(repeating: "(*", count: million),
      "MMIO T\n" + String(repeating: "{", count: million),
      "MMIO T\n{ " + String(repeating: ";", count: million) + " } P0; STR.X #"
        + String(repeating: "9", count: million) + ",[X];",
      "MMIO T\n{ F: memory } P0; STR.X #0x" + String(repeating: "f", count: million) + ",[F];",
      "MMIO T\n{ F: memory } P0" + String(repeating: "|P0", count: million),
      "MMIO T\n{ F: memory } P0;\nallowed true" + String(repeating: " or true", count: 100_000)
        + " or",
    ] {
      Self.parse(Array(text.utf8), String(text.prefix(30)))
    }
  }
}
