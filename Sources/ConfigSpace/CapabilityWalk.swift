/// Follows one of a function's capability lists, as far as the bytes are known.
///
/// A list has a fixed number of possible entries and none is visited twice, so that the walk ends
/// whatever the bytes say.
public struct CapabilityWalk {
  /// The two lists of a function.
  public enum List: Sendable {
    /// In the first 256 bytes (PCIe Base 5.0, section 7.5.1.1.11).
    case conventional
    /// Behind them (section 7.6.3).
    case extended
  }

  /// What comes next.
  public enum Step: Equatable, Sendable {
    case entry(id: UInt16, offset: Int)
    /// The list was seen to its end, or is known to be absent or, as the oddity says, broken.
    case end(ConfigOddity?)
    /// A byte that would be needed is not known.
    case unknown
  }

  private let list: List
  /// Where the next entry lies; nil ahead of the first one.
  private var pointer: Int?
  /// By double word.
  private var visited: [Bool]

  public init(_ list: List) {
    self.list = list
    visited = [Bool](repeating: false, count: list == .conventional ? 64 : 1024)
  }

  /// Takes the next step; not to be called behind the last one.
  ///
  /// - Parameter byte: The byte of a register, nil where it is not known.
  /// - Returns: The entry, or why there is none.
  public mutating func next(_ byte: (Int) -> UInt8?) -> Step {
    let floor = list == .conventional ? 0x40 : 0x100
    guard let place = pointer ?? start(byte) else { return .unknown }
    guard place != 0 else { return .end(nil) }
    guard place >= floor else { return .end(.capabilityInHeader) }
    guard !visited[place / 4] else { return .end(.capabilityLoop) }
    visited[place / 4] = true
    return list == .conventional ? conventional(place, byte) : extended(place, byte)
  }

  /// Where the list begins; 0 where Status says that there is none.
  private func start(_ byte: (Int) -> UInt8?) -> Int? {
    guard list == .conventional else { return 0x100 }
    if let status = byte(0x06), status & 0x10 == 0 { return 0 }
    return byte(0x34).map { Int($0 & 0xfc) }
  }

  private mutating func conventional(_ place: Int, _ byte: (Int) -> UInt8?) -> Step {
    guard let id = byte(place), let next = byte(place + 1) else { return .unknown }
    guard id != 0xff else { return .end(.capabilityAllOnes) }
    pointer = Int(next & 0xfc)
    return .entry(id: UInt16(id), offset: place)
  }

  private mutating func extended(_ place: Int, _ byte: (Int) -> UInt8?) -> Step {
    // All four are asked for: whoever keeps the bytes learns which the list hangs on.
    let bytes = (0..<4).map { byte(place + $0) }
    var header: UInt32 = 0
    for value in bytes.reversed() {
      guard let value else { return .unknown }
      header = header << 8 | UInt32(value)
    }
    guard header != 0 else { return .end(nil) }
    guard header != .max else { return .end(.capabilityAllOnes) }
    pointer = Int(header >> 20 & 0xffc)
    return .entry(id: UInt16(header & 0xffff), offset: place)
  }
}
