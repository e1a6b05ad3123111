import ArgumentParser
import Profiles
import Results
import TraceCore

/// `mmioscope profiles [NAME]`: what a scenario can run under, and where each value comes from.
struct ProfilesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profiles",
    abstract: "List the profiles, or show one with the source and status of every value.")

  @Argument(
    help: "A profile's name, kind/name, a link such as gen4x16, or a profile's YAML file.")
  var name: String?

  @Flag(help: "Write CSV.")
  var csv = false

  @Flag(help: "Write the profile's YAML, to be copied and edited.")
  var yaml = false

  func validate() throws {
    if csv, yaml { throw ValidationError("--csv and --yaml exclude each other") }
    if yaml, name == nil { throw ValidationError("--yaml needs a profile's name") }
  }

  func run() throws {
    try Console.output(lines().map { $0 + "\n" }.joined())
  }

  private func lines() throws(TraceError) -> [String] {
    let library = ProfileLibrary()
    guard let name else {
      return csv ? try ProfileText.listCSV(library) : try ProfileText.list(library)
    }
    let profiles = try library.profiles(matching: name)
    if yaml {
      guard profiles.count == 1 else {
        throw TraceError(
          .configuration,
          "--yaml: '\(name)' is the name of several profiles ("
            + profiles.map(\.kind.rawValue).joined(separator: ", ")
            + "); one of them is \(profiles[0].kind.rawValue)/\(name)")
      }
      return try yamlTexts(of: profiles, in: library)
    }
    if csv { return [ProfileText.tableHead] + profiles.flatMap(ProfileText.tableCSV) }
    return Array(profiles.map(ProfileText.table).joined(separator: [""]))
  }

  private func yamlTexts(
    of profiles: [Profile], in library: ProfileLibrary
  ) throws(TraceError) -> [String] {
    let texts = profiles.compactMap { library.yaml($0.kind, named: $0.name) }
    guard texts.count == profiles.count else {
      throw TraceError(.configuration, "--yaml: only built-in profiles have a YAML text")
    }
    return texts.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
  }
}
