/// A column of the canonical CSV.
enum CSVColumn: Int, CaseIterable {
  case record, time, vcpu, op, address, size, value, flags, kind, attribute, code, function
  case region, sourceLine

  /// The word in the header.
  var name: String {
    switch self {
    case .record: "record"
    case .time: "t_ns"
    case .vcpu: "vcpu"
    case .op: "op"
    case .address: "addr"
    case .size: "size"
    case .value: "value"
    case .flags: "flags"
    case .kind: "kind"
    case .attribute: "attr"
    case .code: "pc"
    case .function: "bdf"
    case .region: "region"
    case .sourceLine: "source_line"
    }
  }

  /// Columns that a header must have.
  static let required: [CSVColumn] = [.op, .vcpu, .address, .size]

  init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}
