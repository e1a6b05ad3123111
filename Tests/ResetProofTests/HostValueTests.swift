import Testing

@testable import ResetProof

/// The values of a host, of which a proof names those that it hangs on.
struct HostValueTests {
  private let one = Host(
    serialisation: .interconnect, configWritesArePosted: false, ecamSharesRegion: false,
    configOvertakes: false, serialisesConfig: false, zapDrains: false)
  private let other = Host(
    serialisation: .rootComplex, configWritesArePosted: true, ecamSharesRegion: true,
    configOvertakes: true, serialisesConfig: true, zapDrains: true)

  @Test func `all values together are the host, and each is another part of it`() {
    let all = HostValue.allCases.reduce(one) { $1.adopted(by: $0, from: other) }
    #expect(all == other)
    #expect(Set(HostValue.allCases.map { $0.adopted(by: one, from: other) } + [one]).count == 7)
    #expect(Set(HostValue.allCases.map(\.name)).count == 6)
  }
}
