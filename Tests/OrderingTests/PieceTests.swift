import ArmMemory
import Ordering
import Testing

/// Which bytes an instruction touches, in which pieces, and when it faults for its address.
struct PieceTests {
  private func explorer(
    _ type: MemoryType, at address: UInt64, size: Int, _ form: Access.Form,
    options: ExplorerOptions = ExplorerOptions()
  ) throws -> Explorer {
    var fixture = Fixture()
    let location = fixture.location("X", type, at: address, size: size)
    fixture.run(
      .access(
        Access(
          label: "a", direction: .store, location: location, size: size, form: form, value: [1])))
    return try Explorer(fixture.program, options: options)
  }

  /// How many transactions the store may arrive as at most, and whether it may as fewer.
  private func expectPieces(_ explorer: Explorer, most: Int) throws {
    #expect(try explorer.witness(.writes(location: "X", most)) != nil)
    #expect(try explorer.witness(.writes(location: "X", most + 1)) == nil)
    #expect(try explorer.witness(.whole("a")) != nil)
  }

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

  // MARK: Pairs of Q registers

  /// A Q register at an 8-byte boundary is two accesses of 8 bytes (B2.2.1), a pair of them is four.
  @Test(arguments: [(Access.Form.vector, 16, 2), (.pair, 32, 4)])
  func `a Q register is two accesses, in a pair too`(
    form: Access.Form, size: Int, pieces: Int
  ) throws {
    for type in [MemoryType.normalNC, .deviceNGnRE] {
      for address in [UInt64(0x08), 0x10] {
        try expectPieces(explorer(type, at: address, size: size, form), most: pieces)
      }
    }
  }

  @Test func `a pair of Q registers faults on Device where one of them does`() throws {
    for address in [UInt64(0), 4, 8, 12, 16, 24] {
      let one = try explorer(.deviceNGnRE, at: address, size: 16, .vector)
      let pair = try explorer(.deviceNGnRE, at: address, size: 32, .pair)
      let isAligned = address % 8 == 0
      #expect(one.faults.isEmpty == isAligned && pair.faults.isEmpty == isAligned, "\(address)")
    }
  }

  // MARK: Recorded bytes on Device

  /// At most the bus at a time, low address first: 8 + 4, 4 + 4 + 4; 3 bytes are one access.
  @Test(arguments: [(12, 8, 2), (12, 4, 3), (12, 16, 1), (24, 8, 3), (3, 8, 1), (3, 2, 2)])
  func `a recorded Device store is cut by the bus`(size: Int, bus: Int, pieces: Int) throws {
    var options = ExplorerOptions()
    options.deviceBusBytes = bus
    let explorer = try explorer(.deviceNGnRE, at: 0, size: size, .recorded, options: options)
    try expectPieces(explorer, most: pieces)
  }

  /// Of 12 bytes at 60, four lie in the first line of 64.
  @Test func `what gathers on Device is cut at the line too`() throws {
    let explorer = try explorer(.deviceGRE, at: 60, size: 12, .recorded)
    let low = Transaction.Part(label: "a", address: 60, size: 4)
    let high = Transaction.Part(label: "a", address: 64, size: 8)
    #expect(try explorer.refusal(of: [[low], [high]]) == nil)
  }

  /// No alignment tells single bytes of Normal memory apart from more (B2.2.1).
  @Test func `recorded bytes on Normal-NC are atomic one by one`() throws {
    try expectPieces(explorer(.normalNC, at: 0, size: 12, .recorded), most: 12)
  }
}
