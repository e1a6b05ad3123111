import ArgumentParser
import PCIeModel
import TraceCore

/// `mmioscope link`: wire bytes, TLP rate and goodput of posted writes in closed form.
struct LinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link",
    abstract: "Wire bytes, TLP rate and goodput of posted writes, in closed form, as CSV.",
    discussion: """
        mmioscope link gen5x16 --sizes 4,8,64,256         one link
        mmioscope link gen3x8,mps=512 gen4x8               links side by side
        mmioscope link --gen 1-7 --lanes 1-32 --mps 128,256 --sizes 1-64
        mmioscope link --gen 3-5 --flit both --header-dw 3,4 --digest both
        mmioscope link gen4x16 --formulas --sizes 64,512   reads, latency, credits too
        mmioscope link gen4x16,ph=32 --formulas --issue-ns 2.5 --credit-loop-ns 500

      A size is a number of consecutive bytes written from an aligned address; above \
      Max_Payload_Size it becomes several TLPs. Credits and the CPU play a part with --formulas \
      alone. An empty cell: there is no such limit.
      """)

  @Argument(help: "Links, each genGxL[,mps=…]; gen4x16 where nothing is said.")
  var links: [String] = []

  @Option(help: "Bytes written, separated by commas; 1-64 is every size between.")
  var sizes = "4,8,64,256"

  @OptionGroup(title: "Grid") var grid: LinkGrid

  @Flag(help: "Print every term of the closed forms: B1 to B12 of the article on the link model.")
  var formulas = false

  @OptionGroup(title: "With --formulas") var terms: FormulaOptions

  func run() throws {
    if !formulas, let option = terms.given.first {
      throw TraceError(.configuration, "\(option) needs --formulas")
    }
    let sizes = try NumberList(
      sizes, option: "--sizes", what: "a number of bytes", limits: 1...(1 << 30))
    let forms = try forms()
    let split = try terms.split()
    let assumptions = try terms.assumptions()
    var table = try LinkTable()
    table.begin(formulas ? LinkTable.formulas : LinkTable.contract)
    for form in forms {
      for size in sizes.ranges.joined() {
        if formulas {
          try table.addFormulas(form, payloadBytes: size, split: split, assumptions)
        } else {
          try table.addContract(form, payloadBytes: size)
        }
      }
    }
    try table.finish()
  }

  /// The links with every header and with or without an ECRC.
  private func forms() throws(TraceError) -> [LinkTable.Form] {
    let headers = try grid.headers()
    let digests = try grid.digests()
    let loop = try terms.creditLoopPs()
    var forms: [LinkTable.Form] = []
    for var link in try grid.links(named: links) {
      if let loop { link.flowControl.loopPs = loop }
      for header in headers {
        for ecrc in digests {
          forms.append(LinkTable.Form(link: link, headerDwords: header, ecrc: ecrc))
        }
      }
    }
    return forms
  }
}
