import Testing
import TraceCore

/// Round trips of `RecordClass.packed`, exhaustive over each field on two backgrounds: all other
/// fields absent or zero, and all at their largest.
@Suite struct `Record class: packed` {
  private let plain = RecordClass(.store)
  private let crowded = RecordClass(
    .store, size: 64, vcpu: .max, flags: [.release, .acquire, .single64], attribute: 0xff,
    region: RegionID(rawValue: 0xfffe), function: PCIFunction(rawValue: 0xffff_fffe),
    text: 0xff_fffe, columns: [.time, .value, .configValue, .codeAddress, .line])

  /// The first class of a field's values that does not survive, nil where all do.
  private func lost<Values: Sequence>(
    _ values: Values, _ set: (inout RecordClass, Values.Element) -> Void
  ) -> RecordClass? {
    for value in values {
      for background in [plain, crowded] {
        var entry = background
        set(&entry, value)
        if RecordClass(packed: entry.packed) != entry { return entry }
      }
    }
    return nil
  }

  @Test func `every operation but barrier survives without a barrier`() {
    #expect(lost(Operation.allCases.filter { $0 != .barrier }) { $0.operation = $1 } == nil)
  }

  @Test func `every barrier survives`() {
    let all = Barrier.Kind.allCases.flatMap { kind in
      Barrier.Domain.allCases.map { Barrier(kind, $0) }
    }
    let found = lost(all) {
      $0.operation = .barrier
      $0.barrier = $1
    }
    #expect(found == nil)
  }

  @Test func `every size, vCPU, flag, attribute and column survives`() {
    #expect(lost(0...UInt8(64)) { $0.size = $1 } == nil)
    #expect(lost(0...UInt16.max) { $0.vcpu = $1 } == nil)
    #expect(lost(0..<UInt8(16)) { $0.flags = AccessFlags(rawValue: $1) } == nil)
    #expect(lost([nil] + (0...UInt8.max).map(Optional.some)) { $0.attribute = $1 } == nil)
    #expect(lost(0...UInt8.max) { $0.columns = RecordClass.Columns(rawValue: $1) } == nil)
  }

  @Test func `every region survives`() {
    #expect(lost([nil]) { (entry, _: Int?) in entry.region = nil } == nil)
    #expect(lost(0..<UInt16.max) { $0.region = RegionID(rawValue: $1) } == nil)
  }

  @Test func `every function of some segments survives`() {
    #expect(lost([nil]) { (entry, _: Int?) in entry.function = nil } == nil)
    for segment in [0, 1, 0x8000, 0xfffe] as [UInt32] {
      let functions = lost(0...UInt32(0xffff)) {
        $0.function = PCIFunction(rawValue: segment << 16 | $1)
      }
      #expect(functions == nil)
    }
    // ffff:ff:1f.7 stands for "no function": the format's one hole.
    #expect(lost(0xffff_0000..<UInt32.max) { $0.function = PCIFunction(rawValue: $1) } == nil)
  }

  @Test func `texts survive up to the largest index`() {
    #expect(lost([nil]) { (entry, _: Int?) in entry.text = nil } == nil)
    let edges = (0..<24).flatMap { bit in [1 << bit, (1 << bit) - 1] as [UInt32] }
    #expect(lost(edges + [0xff_fffe]) { $0.text = $1 } == nil)
  }

  @Test func `the bits lie where the native format has them`() {
    // Word 0 by hand: operation 0, size 8 << 4, vCPU 3 << 11, flags 1 << 27, no barrier 0xff << 31,
    // attribute 0x44 << 39 with bit 47, region 2 << 48. Word 1: function 01:00.0 = 0x100, no text,
    // columns 17 << 56.
    let entry = RecordClass(
      .store, size: 8, vcpu: 3, flags: .release, attribute: 0x44, region: RegionID(rawValue: 2),
      function: PCIFunction(rawValue: 0x100), columns: [.time, .line])
    let low: UInt64 =
      8 << 4 | 3 << 11 | 1 << 27 | 0xff << 31 | 0x44 << 39 | 1 << 47 | 2 << 48
    #expect(entry.packed.0 == low)
    #expect(entry.packed.1 == 0x11ff_ffff_0000_0100)
  }
}

@Suite struct `Record class: what packed refuses` {
  /// A class's words with some bits of the first replaced.
  private func decoded(
    _ entry: RecordClass, _ bits: UInt64, at shift: UInt64, width: UInt64
  ) -> RecordClass? {
    let mask = ((1 << width) - 1 as UInt64) << shift
    return RecordClass(packed: (entry.packed.0 & ~mask | bits << shift, entry.packed.1))
  }

  @Test func `undefined operations`() {
    for operation in 8..<UInt64(16) {
      #expect(decoded(RecordClass(.store), operation, at: 0, width: 4) == nil)
    }
  }

  @Test func `sizes above 64`() {
    for size in 65..<UInt64(128) {
      #expect(decoded(RecordClass(.store), size, at: 4, width: 7) == nil)
    }
  }

  @Test func `undefined barriers, on every operation`() {
    for operation in Operation.allCases {
      var entry = RecordClass(operation)
      if operation == .barrier { entry.barrier = Barrier(.isb) }
      let accepted = (0..<UInt64(255)).filter { byte in
        Barrier(rawValue: UInt8(byte)) == nil && decoded(entry, byte, at: 31, width: 8) != nil
      }
      #expect(accepted.isEmpty, "\(operation)")
    }
  }

  @Test func `a barrier record without a barrier, and a barrier on another record`() {
    let barrier = RecordClass(.barrier, barrier: Barrier(.isb))
    #expect(decoded(barrier, 0xff, at: 31, width: 8) == nil)
    for operation in Operation.allCases where operation != .barrier {
      #expect(decoded(RecordClass(operation), 0, at: 31, width: 8) == nil)
    }
  }
}
