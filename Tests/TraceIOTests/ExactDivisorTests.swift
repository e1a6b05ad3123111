import Testing

@testable import TraceIO

/// Division by multiplying, held against the division of the machine.
struct ExactDivisorTests {
  @Test func `small numbers, all of them`() {
    for value in 1...130 as ClosedRange<UInt64> {
      let divisor = ExactDivisor(value)
      for number in 1...1000 as ClosedRange<UInt64> {
        #expect(divisor.divides(number) == (number % value == 0), "\(number) / \(value)")
        if number % value == 0 { #expect(divisor.quotient(number) == number / value) }
      }
      #expect(divisor.quotient(0) == 0)
    }
    for number in 1...1000 as ClosedRange<UInt64> { #expect(!ExactDivisor(0).divides(number)) }
  }

  @Test(
    arguments: [
      1, 2, 3, 1000, 1 << 32, 1 << 63, .max, .max - 1, 0x1_0000_0001, 6_700_417, 1_000_000_000,
    ] as [UInt64])
  func `large numbers`(value: UInt64) {
    let divisor = ExactDivisor(value)
    var number: UInt64 = 0x9e37_79b9_7f4a_7c15
    for _ in 0..<1000 {
      number = number &* 0x5851_f42d_4c95_7f2d &+ 1
      let multiple = number / value * value
      if multiple > 0 {
        #expect(divisor.divides(multiple))
        #expect(divisor.quotient(multiple) == number / value)
      }
      if number > 0 { #expect(divisor.divides(number) == (number % value == 0)) }
    }
  }
}
