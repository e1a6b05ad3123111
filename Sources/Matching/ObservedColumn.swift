/// A column of an observed list that says something here.
enum ObservedColumn: String {
  case type, direction, tlp
  case address = "addr"
  case length = "length_dw"
  case firstEnables = "first_be"
  case lastEnables = "last_be"
  case picoseconds = "time_ps"
  case nanoseconds = "time_ns"

  /// Columns that a header must have.
  static let required: [ObservedColumn] = [.type, .address, .length]
}
