import ArmMemory
import Ordering
import Testing

/// Which bytes an instruction touches, in which pieces, and when it faults for its address.
struct PieceTests {
  // MARK: DC ZVA

  /// The block of 64 bytes around 0x10 is 0x00 to 0x3f (Arm ARM DDI 0487, C5.3: no alignment needed).
  @Test func `DC ZVA zeroes the aligned block that contains its address`() throws {
    var fixture = Fixture()
    let block = fixture.location("X", .normalNC, at: 0x10)
    _ = fixture.location("W", .normalNC, at: 0)
    _ = fixture.location("V", .normalNC, at: 0x38)
    _ = fixture.location("Y", .normalNC, at: 0x40)
    for index in 1...3 { fixture.program.locations[index].initial = 5 }
    fixture.run(
      .access(
        Access(label: "a", direction: .store, location: block, size: 64, form: .zeroBlock)))
    let explorer = try Explorer(fixture.program)
    for (name, value) in [("W", UInt64(0)), ("V", 0), ("Y", 5)] {
      #expect(try explorer.witness(.not(.value(location: name, value))) == nil, "\(name)")
    }
  }

  @Test func `DC ZVA's address lies in its location, and its block need not`() throws {
    for (offset, isFine) in [(0, true), (8, true), (63, true), (64, false)] {
      var fixture = Fixture()
      let location = fixture.location("X", .normalNC, at: 0, size: 64)
      fixture.run(
        .access(
          Access(
            label: "a", direction: .store, location: location, offset: offset, size: 64,
            form: .zeroBlock)))
      let explorer = try? Explorer(fixture.program)
      #expect((explorer != nil) == isFine, "\(offset)")
    }
  }
}
