import ArgumentParser
import ArmMemory

/// Options of `memattr --kvm`: which decision, and in which form.
struct KVMDecisionOptions: ParsableArguments {
  @Flag(help: "The stage-2 mapping that KVM chooses; alone, CSV of every decision.")
  var kvm = false

  @Option(help: "Upstream release, 6.8 or 6.12.3: explain one decision.")
  var kernel: String?

  @Flag(
    inversion: .prefixedNo,
    help: "The VMA carries VM_ALLOW_ANY_UNCACHED, as vfio-pci's BARs do; no by default.")
  var vfio: Bool?

  @Flag(help: "The access is an instruction fetch.")
  var exec = false

  @Flag(help: "The access is a write.")
  var write = false

  @Option(help: "Type of the VMA's pgprot: nc, ngnrne (default), ngnre, cacheable.")
  var pgprot: String?

  @Option(help: "Flag of the VMA: pfnmap (default), mixedmap, plain.")
  var vma: String?

  @Flag(help: "The page is in the kernel's direct map.")
  var mapMemory = false

  @Option(help: "Memslot: rw (default), ro, log.")
  var memslot: String?

  @Flag(help: "CTR_EL0.DIC is 1.")
  var cacheDic = false

  @Option(help: "The attribute setter alone, with these flags: r, w, x, device, nc.")
  var prot: String?

  @Flag(help: "Print the decisions that the other options leave open, as CSV.")
  var rows = false

  @Flag(help: "Print them as a table for people: decisions with the same result on one line.")
  var text = false

  /// The options that are given, `--kvm` left out.
  var given: [String] { inputs + forms }

  /// Those that say what KVM looks at in a fault.
  private var inputs: [String] {
    let all: [(String, Bool)] = [
      ("--kernel", kernel != nil), ("--vfio", vfio != nil), ("--exec", exec), ("--write", write),
      ("--pgprot", pgprot != nil), ("--vma", vma != nil), ("--map-memory", mapMemory),
      ("--memslot", memslot != nil), ("--cache-dic", cacheDic),
    ]
    return all.filter(\.1).map(\.0)
  }

  private var forms: [String] {
    [("--prot", prot != nil), ("--rows", rows), ("--text", text)].filter(\.1).map(\.0)
  }

  /// Whether the answer is a table, not one decision.
  private func isTable(stage1: UInt8?, fwb: Bool) -> Bool {
    rows || text || inputs.isEmpty && prot == nil && stage1 == nil && !fwb
  }

  /// Checks that the options go together.
  ///
  /// - Parameters:
  ///   - stage1: Value of `--s1`.
  ///   - fwb: `--fwb` is given.
  /// - Throws: `ValidationError` naming what is wrong.
  func check(stage1: UInt8?, fwb: Bool) throws {
    guard forms.count < 2 else {
      throw ValidationError("give one of " + forms.joined(separator: ", "))
    }
    guard !exec || !write else { throw ValidationError("give one of --exec, --write") }
    _ = try answer(stage1: stage1, fwb: fwb)
  }

  /// What the command prints.
  ///
  /// - Parameters:
  ///   - stage1: Value of `--s1`.
  ///   - fwb: `--fwb` is given.
  /// - Returns: Whole lines.
  /// - Throws: `ValidationError` naming a wrong value.
  func answer(stage1: UInt8?, fwb: Bool) throws -> String {
    if isTable(stage1: stage1, fwb: fwb) { return try table(stage1: stage1, fwb: fwb) }
    let lines =
      try prot.map { try setter($0, stage1: stage1, fwb: fwb) }
      ?? fault(fwb: fwb).explanation(stage1: stage1)
    return lines.joined(separator: "\n") + "\n"
  }

  private func table(stage1: UInt8?, fwb: Bool) throws -> String {
    guard stage1 == nil else {
      throw ValidationError("--s1 needs one decision; leave out --rows and --text")
    }
    let wanted = try filter(fwb: fwb)
    let rows = Stage2DecisionTable.rows.filter { row in
      wanted.allSatisfy { row[$0.key] == $0.value }
    }
    if text { return Stage2DecisionTable.text(rows).joined(separator: "\n") + "\n" }
    return Stage2DecisionTable.csv(rows)
  }

  /// Cells that a row must have; an option that is not given leaves its column open.
  private func filter(fwb: Bool) throws -> [Stage2DecisionTable.Column: String] {
    var cells: [Stage2DecisionTable.Column: String] = [:]
    if kernel != nil { cells[.kernel] = try generation().name }
    if let vfio { cells[.allowsAnyUncached] = vfio ? "1" : "0" }
    if exec { cells[.access] = Stage2Fault.Access.execute.rawValue }
    if write { cells[.access] = Stage2Fault.Access.write.rawValue }
    if let pgprot {
      cells[.pageProtection] = try value(pgprot, "--pgprot", as: PageProtection.self).rawValue
    }
    if let vma { cells[.vma] = try value(vma, "--vma", as: Stage2Fault.VMA.self).rawValue }
    if mapMemory { cells[.isMapMemory] = "1" }
    if let memslot {
      cells[.memslot] = try value(memslot, "--memslot", as: Stage2Fault.Memslot.self).rawValue
    }
    if fwb { cells[.fwb] = "1" }
    if cacheDic { cells[.cacheDIC] = "1" }
    return cells
  }

  private typealias PageProtection = Stage2Fault.PageProtection

  private func fault(fwb: Bool) throws -> Stage2Fault {
    var fault = Stage2Fault(kernel: try generation())
    fault.allowsAnyUncached = vfio ?? false
    if exec { fault.access = .execute }
    if write { fault.access = .write }
    if let pgprot { fault.pageProtection = try value(pgprot, "--pgprot", as: PageProtection.self) }
    if let vma { fault.vma = try value(vma, "--vma", as: Stage2Fault.VMA.self) }
    fault.isMapMemory = mapMemory
    if let memslot {
      fault.memslot = try value(memslot, "--memslot", as: Stage2Fault.Memslot.self)
    }
    fault.fwb = fwb
    fault.cacheDIC = cacheDic
    return fault
  }

  private func setter(_ list: String, stage1: UInt8?, fwb: Bool) throws -> [String] {
    let others = inputs.filter { $0 != "--kernel" }
    guard others.isEmpty else {
      throw ValidationError(
        "--prot is the setter alone; leave out " + others.joined(separator: ", "))
    }
    var protection: KVMProtection = []
    for name in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let flag = KVMProtection(flagName: name) else {
        let names = KVMProtection.flagNames.joined(separator: ", ")
        throw ValidationError("--prot: '\(name)' is not a flag; it may be \(names)")
      }
      protection.formUnion(flag)
    }
    if kernel != nil, try generation() == .deviceOnly, protection.contains(.normalNC) {
      throw ValidationError("--prot: the flag nc came with Linux 6.9")
    }
    return SetterExplanation.lines(protection, fwb: fwb, stage1: stage1)
  }

  private func generation() throws -> KVMKernel {
    guard let kernel else {
      throw ValidationError(
        "one decision needs --kernel; --rows and --text print all that are open")
    }
    guard let generation = KVMKernel(release: kernel) else {
      throw ValidationError("--kernel '\(kernel)' is not a release such as 6.8 or 6.12.3")
    }
    return generation
  }

  private func value<Value: RawRepresentable & CaseIterable>(
    _ text: String, _ option: String, as type: Value.Type
  ) throws -> Value where Value.RawValue == String {
    guard let value = Value(rawValue: text) else {
      let names = type.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("\(option) is '\(text)'; it may be \(names)")
    }
    return value
  }
}
