import Testing
import TraceCore

struct DecimalInputTests {
  @Test(arguments: [
    ("0", FixedPointText.value(0)), ("12", .value(12_000)), ("0.5", .value(500)),
    ("1.05", .value(1_050)), ("007.125", .value(7_125)),
    // 2^64 - 1 thousandths, and one more.
    ("18446744073709551.615", .value(.max)), ("18446744073709551.616", .tooLarge),
    ("1.0005", .malformed), ("1.", .malformed), (".5", .malformed), (".", .malformed),
    ("", .malformed), ("1.2.3", .malformed), ("+1", .malformed), ("-1", .malformed),
    ("1e3", .malformed), ("1,5", .malformed), ("0x1", .malformed), ("\u{661}", .malformed),
  ])
  func `a decimal is read exactly, in thousandths`(text: String, expected: FixedPointText) {
    #expect(FixedPointText(text, places: 3) == expected)
  }

  @Test func `decimal is digits alone, one or more`() {
    for text in ["0", "0123456789", "18446744073709551616"] { #expect(text.isDecimal) }
    for text in ["", " 1", "+1", "-1", "1.0", "a", "\u{661}", "1_000"] {
      #expect(!text.isDecimal, "\(text)")
    }
  }
}
