import TraceCore
import YAMLInput

/// One entry of a region's `registers`: `name`, `offset`, `size` in bytes (4), and for arrays
/// `count` and `stride` (the size); `side_effects: true` says that reading or writing it acts.
struct RegisterEntry {
  var register: Region.Register
  var hasSideEffects: Bool

  var range: ClosedRange<UInt64> { register.offset...register.offset + (register.size - 1) }

  /// Registers of a map at most, elements of arrays counted one by one.
  static let limit = 65_536

  /// Decodes the list.
  ///
  /// - Parameters:
  ///   - node: The sequence; nil for none.
  ///   - regionSize: Bytes of the region; 0 where it is not known yet.
  ///   - others: Registers of the regions ahead.
  /// - Returns: The registers by offset.
  /// - Throws: ``TraceError`` with file, line and key: a register outside its region or inside
  ///   another one.
  static func list(
    _ node: YAMLNode?, regionSize: UInt64, others: Int
  ) throws(TraceError) -> [RegisterEntry] {
    var placed: [(entry: RegisterEntry, node: YAMLNode)] = []
    var names: Set<String> = []
    for item in try node?.sequence() ?? [] {
      let fields = try item.mapping(
        allowed: ["name", "offset", "size", "count", "stride", "side_effects"])
      let name = try fields.required("name").string()
      let offset = try fields.required("offset").integer(in: 0...(.max))
      let size = try fields["size"]?.byteSize(in: 1...(.max)) ?? 4
      let count = try fields["count"]?.integer(in: 1...UInt64(limit))
      let stride = try fields["stride"]?.byteSize(in: 1...(.max)) ?? size
      guard stride >= size else {
        throw (fields["stride"] ?? item).error("the stride is less than the size")
      }
      guard others + placed.count + Int(count ?? 1) <= limit else {
        throw item.error("more than \(limit) registers in the map")
      }
      let hasSideEffects = try fields["side_effects"]?.boolean() ?? false
      for index in 0..<(count ?? 1) {
        let (skip, far) = index.multipliedReportingOverflow(by: stride)
        let (first, beyond) = offset.addingReportingOverflow(skip)
        let (last, over) = first.addingReportingOverflow(size - 1)
        guard !far, !beyond, !over, regionSize == 0 || last < regionSize else {
          throw item.error("the register ends outside its region")
        }
        let register = Region.Register(
          name: count == nil ? name : "\(name)[\(index)]", offset: first, size: size)
        guard names.insert(register.name).inserted else {
          throw item.error("a second register '\(register.name)' in the region")
        }
        placed.append((RegisterEntry(register: register, hasSideEffects: hasSideEffects), item))
      }
    }
    placed.sort { $0.entry.register.offset < $1.entry.register.offset }
    for (lower, upper) in zip(placed, placed.dropFirst())
    where upper.entry.register.offset <= lower.entry.range.upperBound {
      throw upper.node.error(
        "register '\(upper.entry.register.name)' overlaps '\(lower.entry.register.name)'")
    }
    return placed.map(\.entry)
  }
}
