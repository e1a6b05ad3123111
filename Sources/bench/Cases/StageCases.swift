import Measurements

/// Parts of the commands alone, on one core.
func stageCases(_ laboratory: Laboratory) throws -> [Case] {
  var cases: [Case] = []
  func add(_ stage: Stage, _ input: @autoclosure () throws -> Input?, _ name: String) throws {
    guard laboratory.options.wants(.stage, stage.rawValue, name), let input = try input() else {
      return
    }
    let command = laboratory.pinned([Tool.bench, "stage", stage.rawValue, input.path])
    cases.append(Case(.stage, stage.rawValue, input, command))
  }
  for mix in Laboratory.Mix.allCases {
    for stage in Stage.ofTraces { try add(stage, laboratory.trace(mix), mix.rawValue) }
  }
  for name in Laboratory.texts {
    try add(.parse, laboratory.text(name), name)
  }
  return cases
}
