import Testing
import TraceCore
import TraceEdit

/// Config accesses of the bridges above a region's function, in a slice of that region.
///
/// By hand from PCIe Base 5.0, 7.5.1.1.9 (header type), 7.5.1.3.3 and 7.5.1.3.4 (secondary and
/// subordinate bus at 0x19 and 0x1a): what lies between the two is below the bridge.
struct UpstreamTests {
  /// A trace whose region `a` is a BAR of 0000:01:00.0, as a map would say.
  private final class Described: BlockSource {
    private let inner: any BlockSource
    init(_ inner: any BlockSource) { self.inner = inner }
    var context: TraceContext { inner.context }
    var progress: (consumed: UInt64, total: UInt64?) { inner.progress }
    func next(into block: Block) throws(TraceError) -> Bool {
      let result = try inner.next(into: block)
      if let id = context.regions.first(named: "a") {
        context.regions[id].function = PCIFunction(bus: 1, device: 0, function: 0)
      }
      return result
    }
  }

  private func kept(
    _ trace: String, images: [PCIFunction: [UInt8]] = [:],
    _ change: (inout SliceSelection) -> Void = { $0.regions = ["a"] }
  ) throws -> [Int] {
    var selection = SliceSelection()
    change(&selection)
    let whole = try rows(source(trace))
    let input = Described(try source(trace))
    input.context.configImages = images
    var from = 0
    return try rows(SlicedSource(input, selection)).map { row in
      let index = whole[from...].firstIndex(of: row) ?? -1
      from = index + 1
      return index
    }
  }

  private static func line(
    _ op: String, _ register: String, _ value: String, _ bdf: String
  ) -> String {
    let size = ["0x18": 4, "0xe": 1][register] ?? 2
    return "\(op),0,\(register),\(size),\(value),,,\(bdf),config"
  }

  private static let trace =
    [
      // Bridges of unknown buses may be above whatever has a higher bus.
      line("config_read", "0xe", "0x81", "0000:00:01.0"),
      line("config_read", "0xe", "0x1", "0000:00:02.0"),
      line("config_write", "0x18", "0x20100", "0000:00:01.0"),
      line("config_write", "0x18", "0x30300", "0000:00:02.0"),
      // No bridge, as far as anything shows.
      line("config_write", "0x4", "0x6", "0000:00:03.0"),
      line("config_write", "0x3e", "0x40", "0000:00:02.0"),
      line("config_write", "0x3e", "0x40", "0000:00:01.0"),
      line("config_write", "0x4", "0x6", "0000:01:00.0"),
      // Taken for a bridge by this very write.
      line("config_write", "0x3e", "0x42", "0000:00:04.0"),
      // A bridge that is below.
      line("config_read", "0xe", "0x1", "0000:02:00.0"),
      // Another segment.
      line("config_read", "0xe", "0x1", "0001:00:01.0"),
      "store,0,0x1000,8,0x1,10,,,a",
    ].joined(separator: "\n") + "\n"

  @Test func `bridges above a region's function stay, others go`() throws {
    #expect(try kept(Self.trace) == [0, 1, 2, 6, 7, 8, 11])
  }

  @Test func `an image tells a bridge and its buses, too`() throws {
    var image = [UInt8](repeating: 0, count: 64)
    (image[0], image[0x0e], image[0x19], image[0x1a]) = (0x36, 1, 3, 3)
    // 00:01.0 is now known to lead to bus 3 until it is written; 00:03.0 leads to bus 1.
    let third = PCIFunction(bus: 0, device: 3, function: 0)
    let first = PCIFunction(bus: 0, device: 1, function: 0)
    var above = image
    (above[0x19], above[0x1a]) = (1, 1)
    #expect(
      try kept(Self.trace, images: [first: image, third: above]) == [1, 2, 4, 6, 7, 8, 11])
  }

  /// 02:00.0 is below 00:01.0 once that leads to buses 1 and 2; region `a` is another function's.
  @Test func `a function's own config accesses and those of bridges above it stay`() throws {
    let owner = PCIFunction(bus: 1, device: 0, function: 0)
    let below = PCIFunction(bus: 2, device: 0, function: 0)
    #expect(try kept(Self.trace) { $0.functions = [owner] } == [0, 1, 2, 6, 7, 8, 11])
    #expect(try kept(Self.trace) { $0.functions = [below] } == [0, 1, 2, 6, 8, 9])
    #expect(
      try kept(Self.trace) { $0.functions = [owner, below] } == [0, 1, 2, 6, 7, 8, 9, 11])
    #expect(
      try kept(Self.trace) {
        $0.functions = [below]
        $0.regions = ["a"]
      } == [])
    #expect(
      try kept(Self.trace) {
        $0.functions = [owner]
        $0.direction = .load
      } == [0, 1])
  }

  @Test func `a function that the trace does not have is an error that names those it has`() {
    let error = #expect(throws: TraceError.self) {
      try kept(Self.trace) { $0.functions = [PCIFunction(bus: 9, device: 0, function: 0)] }
    }
    #expect(error?.message.hasPrefix("the trace has no function 0000:09:00.0; there are: ") == true)
    #expect(error?.message.contains("0000:00:01.0, 0000:00:02.0") == true)
  }

  @Test func `what comes ahead of the records selected tells of them, too`() throws {
    #expect(
      try kept(Self.trace) {
        $0.regions = ["a"]
        $0.records = 5..<100
      } == [6, 7, 8, 11])
  }

  @Test func `addresses alone keep every config access`() throws {
    #expect(try kept(Self.trace) { $0.addresses = [0x1000...0x1fff] } == Array(0...11))
    #expect(try kept(Self.trace) { $0.addresses = [0x2000...0x2fff] } == Array(0...10))
  }
}
