import ArmMemory
import Results
import Testing
import TraceCore
import YAMLInput

@testable import Profiles

@Suite struct UserProfileTests {
  /// A library whose every file is this text.
  static func library(_ text: String) -> ProfileLibrary {
    ProfileLibrary { path throws(TraceError) in try YAMLDocument(text: text, file: path) }
  }

  static let mine = """
    kind: cpu
    name: mine
    description: A test
    extends: neoverse-v2
    values:
      buffers:
        value: 8
        unit: lines
        source: Counted with a scope in the laboratory
        status: measured

    """

  @Test func `a user's profile changes what it names and inherits the rest`() throws {
    let settings = try Self.library(Self.mine).resolve(cpu: "./mine.yaml")
    #expect(settings.cpuName == "mine")
    #expect(settings.cpu.buffers == 8)
    #expect(settings.cpu.loadBreaksGather, "from neoverse-v2")
    #expect(settings.cpu.deviceBusBytes == 8, "from generic-arm64, through neoverse-v2")
    let buffers = try #require(settings.values.first { $0.key == "cpu.buffers" })
    #expect(buffers.status == .measured)
    #expect(buffers.source == "Counted with a scope in the laboratory")
  }

  @Test(arguments: ["mine.yaml", "mine.yml", "./mine", "a/b"])
  func `a slash or a suffix makes a file`(text: String) {
    #expect(ProfileLibrary.isFile(text))
    #expect(!ProfileLibrary.isFile("mine"))
  }

  struct Change: CustomTestStringConvertible {
    var from: String
    var to: String
    var error: String
    var testDescription: String { error }
  }

  /// Lines and columns counted in `mine`, each change on one line.
  @Test(arguments: [
    Change(
      from: "kind: cpu", to: "kind: cup", error: "1:7: configuration: kind: unknown kind 'cup'"),
    Change(
      from: "kind: cpu", to: "knd: cpu",
      error: "1:1: configuration: unknown key 'knd'; did you mean 'kind'?"),
    Change(from: "kind: cpu", to: "", error: "2:1: configuration: missing key 'kind'"),
    Change(
      from: "name: mine", to: "name: x86-wc",
      error:
        "1:1: configuration: name: 'x86-wc' is the name of a built-in profile; give yours a name of its own"
    ),
    Change(
      from: "description: A test", to: "description:",
      error: "3:13: configuration: description: the value is missing"),
    Change(
      from: "extends: neoverse-v2", to: "extends: neoverse-v9",
      error: "4:10: configuration: extends: there is no built-in cpu profile 'neoverse-v9'; did you"
    ),
    Change(
      from: "extends: neoverse-v2", to: "",
      error: "6:3: configuration: values: missing key 'evict'"),
    Change(
      from: "  buffers:", to: "  bufers:",
      error: "6:3: configuration: values: unknown key 'bufers'; did you mean 'buffers'?"),
    Change(
      from: "value: 8", to: "value: 65",
      error:
        "7:12: configuration: values.buffers.value: '65' is not allowed for cpu.buffers: 1 to 64"),
    Change(
      from: "value: 8", to: "value: \"8\"",
      error: "7:12: configuration: values.buffers.value: quoted text '8' where"),
    Change(
      from: "value: 8", to: "value: [8]",
      error: "7:12: configuration: values.buffers.value: expected a value, found a sequence"),
    Change(
      from: "unit: lines", to: "unit: bytes",
      error: "8:11: configuration: values.buffers.unit: wrong unit 'bytes': cpu.buffers is in lines"
    ),
    Change(
      from: "    unit: lines\n", to: "",
      error: "7:5: configuration: values.buffers: missing key 'unit': it is 'lines'"),
    Change(
      from: "source: Counted with a scope in the laboratory", to: "source: \"\"",
      error: "9:13: configuration: values.buffers.source: the text is empty"),
    Change(
      from: "status: measured", to: "status: guessed",
      error: "10:13: configuration: values.buffers.status: unknown status 'guessed'; known are"),
    Change(
      from: "status: measured", to: "status: user",
      error: "10:13: configuration: values.buffers.status: unknown status 'user'"),
    Change(
      from: "status: measured", to: "stat: measured",
      error: "10:5: configuration: values.buffers: unknown key 'stat'; did you mean"),
  ])
  func `a wrong profile names file, line, column and key`(_ change: Change) throws {
    let text = Self.mine.replacing(change.from, with: change.to)
    try #require(text != Self.mine)
    let library = Self.library(text)
    let error = failure { () throws(TraceError) in try library.resolve(cpu: "my.yaml") }
    #expect(error.hasPrefix("my.yaml:" + change.error), "\(error)")
  }

  @Test func `a profile of another kind is refused`() throws {
    let library = Self.library(Self.mine)
    let error = failure { () throws(TraceError) in try library.resolve(rc: "my.yaml") }
    #expect(
      error == "my.yaml:1:1: configuration: a profile of kind rc is needed, this is of kind cpu")
  }

  @Test func `a unit where none belongs is refused`() throws {
    let text = """
      kind: rc
      name: odd
      description: A test
      extends: generic
      values: { ecrc: { value: true, unit: bytes, source: a datasheet, status: specified } }
      """
    let library = Self.library(text)
    let error = failure { () throws(TraceError) in try library.resolve(rc: "my.yaml") }
    #expect(error.contains("values.ecrc.unit: wrong unit 'bytes': rc.ecrc has no unit"), "\(error)")
  }

  /// The text that a user copies must be one that the program reads.
  @Test func `every built-in profile's text is accepted under another name`() throws {
    let built = ProfileLibrary()
    for profile in try built.profiles() {
      let text = try #require(built.yaml(profile.kind, named: profile.name))
      let copy = text.replacing("name: \(profile.name)\n", with: "name: copy\n")
      let read = try Self.library(copy).load(profile.kind, nameOrFile: "copy.yaml")
      #expect(read.settings == profile.settings)
    }
  }
}
