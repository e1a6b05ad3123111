import ArgumentParser
import FoundationEssentials

/// Options of one value that a command line gives more than once.
///
/// ArgumentParser takes the last and says nothing of the others. Which options take one value alone it
/// tells only in the JSON form of its help, so that is made where some option is there twice.
enum RepeatedOptions {
  /// - Parameters:
  ///   - arguments: What was parsed, without the verb.
  ///   - verb: What parsed them.
  /// - Throws: A usage error that names the first such option.
  static func refuse(_ arguments: some Sequence<String>, of verb: any ParsableCommand.Type) throws {
    let given = arguments.prefix { $0 != "--" }.compactMap(name)
    guard given.count > 1, Set(given).count < given.count || given.contains("-o") else { return }
    let dump = try JSONDecoder().decode(Dump.self, from: Data(verb._dumpHelp().utf8))
    var seen: Set<Dump.Argument> = []
    for name in given {
      guard let option = dump.command.arguments?.first(where: { $0.takesOneValue(name) }) else {
        continue
      }
      guard seen.insert(option).inserted else {
        throw ValidationError("\(name) is given twice; it takes one value")
      }
    }
  }

  /// `--json` of `--json=a`; nil of what is a value, `-` among them.
  private static func name(_ argument: String) -> String? {
    guard argument.hasPrefix("-"), argument != "-" else { return nil }
    return String(argument.prefix { $0 != "=" })
  }

  /// The part of the help's JSON that tells.
  private struct Dump: Decodable {
    struct Command: Decodable { var arguments: [Argument]? }
    struct Argument: Decodable, Hashable {
      var kind: String
      var isRepeating: Bool
      var names: [Name]?

      func takesOneValue(_ name: String) -> Bool {
        kind == "option" && !isRepeating && names?.contains { $0.text == name } == true
      }
    }
    struct Name: Decodable, Hashable {
      var kind: String
      var name: String

      var text: String { (kind == "long" ? "--" : "-") + name }
    }
    var command: Command
  }
}
