import Foundation
import Measurements

/// Other programs on the same files, on one core.
func besideCases(_ laboratory: Laboratory) throws -> [Case] {
  var cases: [Case] = []
  func add(
    _ name: String, _ program: String, _ options: [String], _ input: Input?
  ) {
    guard let input, laboratory.options.wants(.beside, name, input.name) else { return }
    let path = Tool.path(program)
    let command = laboratory.pinned([path ?? program] + options + [input.path])
    var one = Case(.beside, name, input, command)
    one.missing = path == nil ? "\(program) is missing" : nil
    cases.append(one)
  }
  func isWanted(_ input: String) -> Bool {
    ["zstd -dc", "wc -l", "grep -c", "pandas"].contains {
      laboratory.options.wants(.beside, $0, input)
    }
  }
  for mix in Laboratory.Mix.allCases where isWanted(mix.rawValue) {
    add("zstd -dc", "zstd", ["-dcq"], try laboratory.trace(mix))
  }
  if isWanted("qemu-log.zst") {
    add("zstd -dc", "zstd", ["-dcq"], try laboratory.compressedLog())
  }
  let words = [("csv", "store")] + TextWorkload.allCases.map { ($0.rawValue, $0.word) }
  for (name, word) in words where isWanted(name) {
    let text = try laboratory.text(name)
    add("wc -l", "wc", ["-l"], text)
    // To /dev/null, grep would stop at the first match.
    add("grep -c", "sh", ["-c", "grep -c \"$0\" \"$1\" | cat", word], text)
  }
  if laboratory.options.wants(.beside, "pandas", "csv") {
    cases.append(try pandas(laboratory, laboratory.csv()))
  }
  return cases
}

/// The table of stores, loads and bytes by region, which `analyze --csv` makes of the same text.
private func pandas(_ laboratory: Laboratory, _ text: Input) throws -> Case {
  let script = laboratory.path("baseline.py")
  try Data(PackageResources.baseline_py).write(to: URL(fileURLWithPath: script))
  let python = Tool.path("python3")
  let command = laboratory.pinned([python ?? "python3", script, text.path])
  var one = Case(.beside, "pandas", text, command)
  if python == nil {
    one.missing = "python3 is missing"
  } else if said("python3", ["-c", "import pandas"]) == nil {
    one.missing = "python3 has no pandas"
  }
  return one
}
