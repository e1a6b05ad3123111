/// A blind spot of this room that names captures, regions or marks.
///
/// What writes one begins it as is said here, so that ``AnonymizedSource`` finds all of them.
struct TellingBlindSpot {
  /// How the sentence begins.
  let beginning: String
  /// What an anonymous trace says instead.
  let anonymous: String

  static let slice = Self(beginning: "A slice of ", anonymous: "A slice of another trace.")
  static let filter = Self(
    beginning: "Filtered: ",
    anonymous: "Filtered: records left out may have ordered, flushed or delayed the rest; record "
      + "numbers count those kept.")
  static let overlap = Self(
    beginning: "Regions '",
    anonymous: "Regions of two joined captures have addresses in common: accesses to both count as "
      + "to one place.")
  static let map = Self(
    beginning: "No access lies in ", anonymous: "The map had windows that no access lies in.")

  /// A blind spot without names.
  static func anonymous(_ text: String) -> String {
    if text.hasPrefix(partBeginning), let end = text.ranges(of: partEnd).last {
      return "\(partBeginning)a part\(partEnd)\(anonymous(String(text[end.upperBound...])))"
    }
    return plain(text)
  }

  private static let partBeginning = "Of "
  private static let partEnd = " alone: "

  /// The sentence of some of several joined captures.
  static func ofParts(_ names: [String], _ text: String) -> String {
    let more = names.count > 3 ? " and \(names.count - 3) more" : ""
    return partBeginning + names.prefix(3).joined(separator: ", ") + more + partEnd + text
  }

  private static func plain(_ text: String) -> String {
    [slice, filter, overlap, map].first { text.hasPrefix($0.beginning) }?.anonymous ?? text
  }
}
