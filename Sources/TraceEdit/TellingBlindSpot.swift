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
    [slice, filter, overlap, map].first { text.hasPrefix($0.beginning) }?.anonymous ?? text
  }
}
