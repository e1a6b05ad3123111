import Testing

@testable import Reporting

/// Expected texts are by hand.
@Suite struct DecimalTextTests {
  @Test(
    arguments: [
      (0, "0"), (999, "999"), (1000, "1,000"), (48_100_000, "48,100,000"),
      (UInt64.max, "18,446,744,073,709,551,615"),
    ] as [(UInt64, String)])
  func `digits are grouped in threes`(value: UInt64, text: String) {
    #expect(grouped(value) == text)
  }

  @Test(
    arguments: [
      (1, 2, 0, "1"), (1, 3, 3, "0.333"), (2, 3, 3, "0.667"), (1, 2000, 3, "0.001"),
      (999_999, 1_000_000, 3, "1.000"), (7, 1, 1, "7.0"),
      (UInt64.max, 1, 1, "18446744073709551615.0"),
      (UInt64.max, UInt64.max, 6, "1.000000"), (1, 0, 1, nil), (0, 5, 2, "0.00"),
    ] as [(UInt64, UInt64, Int, String?)])
  func `a quotient is exact and rounds half up`(
    numerator: UInt64, denominator: UInt64, places: Int, text: String?
  ) {
    #expect(quotient(numerator, denominator, places: places) == text)
  }

  @Test(
    arguments: [
      (0, 5, "0 %"), (5, 5, "100 %"), (999, 1000, ">99 %"), (1, 1000, "<1 %"), (1, 2, "50 %"),
      (995, 1000, ">99 %"), (5, 1000, "1 %"), (1, 0, nil),
    ] as [(UInt64, UInt64, String?)])
  func `a share is 0 or 100 percent only if it is none or all`(
    part: UInt64, whole: UInt64, text: String?
  ) {
    #expect(percent(part, of: whole) == text)
  }

  @Test(
    arguments: [
      (79, 10, "7.9x"), (1, 1, "1.0x"), (100, 1, "100x"), (123_456, 1, "123,456x"), (1, 0, nil),
      (1, 3, "0.3x"), (99_949, 1000, "99.9x"), (99_950, 1000, "100x"),
      (1, 10, "0.1x"), (49, 1000, "0.05x"), (1, 1000, "0.001x"), (1, 1001, "<0.001x"),
      (0, 7, "0.0x"),
    ] as [(UInt64, UInt64, String?)])
  func `a multiple has one decimal below 100`(
    numerator: UInt64, denominator: UInt64, text: String?
  ) {
    #expect(multiple(numerator, of: denominator) == text)
  }

  @Test(
    arguments: [
      (1023, "1,023 B"), (1024, "1,024 B (1.0 KiB)"), (33_554_432, "33,554,432 B (32.0 MiB)"),
      (1_048_524, "1,048,524 B (1023.9 KiB)"), (1_048_525, "1,048,525 B (1.0 MiB)"),
      (UInt64.max, "18,446,744,073,709,551,615 B (16.0 EiB)"),
    ] as [(UInt64, String)])
  func `bytes are exact, then in binary units`(value: UInt64, text: String) {
    #expect(bytesText(value) == text)
  }

  @Test(
    arguments: [
      (2_000_000_000, "2.000 GB/s"), (100_000_000, "0.100 GB/s"), (99_999_999, "100.000 MB/s"),
      (499_999, "0.500 MB/s"), (99_999, "99.999 kB/s"), (100, "0.100 kB/s"), (99, "99 B/s"),
      (0, "0 B/s"),
    ] as [(UInt64, String)])
  func `a rate is decimal, and none but zero is written as zero`(value: UInt64, text: String) {
    #expect(rateText(value) == text)
  }

  @Test(
    arguments: [
      ("0000:00:1e.0 bar 4", 18, "0000:00:1e.0 bar 4"),
      ("0000:00:1e.0 bar 4", 14, "000...e.0 bar 4".replacing("...e", with: "...")),
      ("abcdefgh", 3, "..."), ("", 5, ""),
    ] as [(String, Int, String)])
  func `a name that is too long loses its middle`(name: String, limit: Int, text: String) {
    #expect(shortenedInside(name, to: limit) == text)
  }

  @Test(
    arguments: [
      (999, "999 ps"), (1000, "1.000 ns"), (8_000_000, "8.000 µs"), (1_250_000_000, "1.250 ms"),
      (12_800_000_000_000, "12.800 s"), (999_999_499, "999.999 µs"), (999_999_500, "1.000 ms"),
    ] as [(UInt64, String)])
  func `a time has the largest unit that leaves a whole part`(value: UInt64, text: String) {
    #expect(timeText(value) == text)
  }

  @Test(
    arguments: [
      (9_999_999, "9,999,999"), (10_000_000, "10.0 M"), (48_149_999, "48.1 M"),
      (1_500_000_000, "1.5 G"), (999_949_999, "999.9 M"), (999_950_000, "1.0 G"),
      (UInt64.max, "18.4 E"),
    ] as [(UInt64, String)])
  func `large numbers in narrow places have a letter`(value: UInt64, text: String) {
    #expect(compact(value) == text)
  }

  @Test func `a cut text holds no more scalars than asked for`() {
    #expect(clipped("abcdef", to: 6) == "abcdef")
    #expect(clipped("abcdefg", to: 6) == "abcde…")
    let marks = "a" + String(repeating: "\u{301}", count: 1000)
    #expect(clipped(marks, to: 10).unicodeScalars.count == 10)
    #expect(clipped("", to: 0) == "")
  }

  @Test func `control and direction characters do not reach a terminal`() {
    #expect(printable("a\u{1b}[31m\nb\u{202e}c\u{9b}é") == "a?[31m?b?c?é")
  }

  /// 91.688 MB/s is what 0.113 GB/s stands beside.
  @Test func `a row of values has one unit`() {
    #expect(rateTexts([91_688_000, 113_000_000]) == ["91.688 MB/s", "113.000 MB/s"])
    #expect(rateTexts([12_345_000_000, nil, 113_000_000]) == ["12.345 GB/s", nil, "0.113 GB/s"])
    #expect(rateTexts([5_000_000_000, 0, 42]) == ["5,000,000,000 B/s", "0 B/s", "42 B/s"])
    #expect(rateTexts([0, nil]) == ["0 B/s", nil])
    #expect(timeTexts([1_250_000_000, 800_000_000]) == ["1,250.000 µs", "800.000 µs"])
    #expect(timeTexts([2_000_000_000, 0, nil]) == ["2.000 ms", "0.000 ms", nil])
  }
}
