import ArgumentParser
import CaptureProbe
import TraceCore

/// `doctor`: what can be captured on this machine.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "What this machine can capture, and the commands for it.",
    discussion: """
      mmioscope doctor
      mmioscope doctor --json -

      Looks at tracefs, VFIO, KVM and the QEMU binaries in PATH. Needs no rights, changes nothing,
      and says unknown where it may not look.
      """)

  @Option(help: "The same as JSON; - is standard output.", transform: outputPath)
  var json: String?

  @Option(help: ArgumentHelp("Folder to take for /.", visibility: .hidden))
  var root: String = ""

  func run() throws {
    let report = CaptureProbe(Machine(root: root, path: Console.searchPath)).report()
    try Outputs.write { outputs throws(TraceError) in try outputs.add(json) { report.json } }
    if json != "-" { try Console.output(report.text) }
  }
}
