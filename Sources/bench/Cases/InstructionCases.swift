import Foundation
import Measurements

/// Instructions of the hot loops under callgrind: each command on a trace and on a tenth of it.
func instructionCases(_ laboratory: Laboratory) throws -> [Case] {
  var cases: [Case] = []
  let long = laboratory.options.countedRecords
  for records in [long, max(1, long / 10)] {
    for mix in Laboratory.Mix.allCases {
      for (name, options) in [("compare", []), (Limit.single, ["--ranges", "off"])]
      where laboratory.options.wants(.instructions, name, mix.rawValue) {
        let trace = try laboratory.trace(mix, records: records)
        let arguments = ["compare", trace.path, "--json", "/dev/null"] + options
        cases.append(Case(.instructions, name, trace, arguments))
      }
    }
    for name in ["csv"] + TextWorkload.allCases.map(\.rawValue)
    where laboratory.options.wants(.instructions, "import", name) {
      let text =
        try TextWorkload(rawValue: name).map { try laboratory.text($0, lines: records) }
        ?? laboratory.csv(lines: records)
      let output = laboratory.path("counted.mmt")
      let arguments = ["import", text.path, "-o", output]
      cases.append(Case(.instructions, "import", text, arguments))
    }
  }
  guard !cases.isEmpty else { return [] }
  let (program, missing) = try strippedCommand(laboratory)
  let counter = [
    Tool.path("valgrind") ?? "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
    program,
  ]
  return cases.map { one in
    var one = one
    one.arguments = counter + one.arguments + laboratory.singleThread(one.arguments[0])
    one.missing = missing
    return one
  }
}

/// A copy of the command without debug information, which valgrind cannot read.
private func strippedCommand(
  _ laboratory: Laboratory
) throws -> (path: String, missing: String?) {
  guard Tool.path("valgrind") != nil else { return ("", "valgrind is missing") }
  guard let strip = Tool.path("strip") else { return ("", "strip (binutils) is missing") }
  let copy = laboratory.path("mmioscope-stripped")
  _ = try Child([strip, "-g", "-o", copy, laboratory.mmioscope]).run()
  return (copy, nil)
}
