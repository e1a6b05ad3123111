/// A short name for a machine, fit for a folder: `amd-epyc-9b14-2core`.
///
/// - Parameters:
///   - model: What the system calls the CPU.
///   - cores: Cores that may be used.
/// - Returns: At most three words of the model and the cores, in `[a-z0-9-]`.
public func machineName(model: String, cores: Int) -> String {
  let noise = ["r", "tm", "cpu", "processor", "core", "with", "unknown"]
  var words: [String] = []
  let plain = model.lowercased().split(separator: "@").first ?? ""
  for word in plain.split(whereSeparator: { !($0.isASCII && ($0.isLetter || $0.isNumber)) }) {
    // "24-Core" is its number of cores, not that of the guest.
    if noise.contains(String(word)) {
      if word == "core", words.last?.allSatisfy(\.isNumber) == true { words.removeLast() }
      continue
    }
    words.append(String(word))
  }
  return (words.prefix(3) + ["\(cores)core"]).joined(separator: "-")
}
