import ArgumentParser

@main
struct Mmioscope: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mmioscope", abstract: "What a BAR's memory type does to the PCIe link.")
}
