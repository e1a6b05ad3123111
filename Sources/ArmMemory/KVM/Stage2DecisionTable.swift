import Tables
import TraceCore

/// Every stage-2 mapping that KVM chooses: what it looks at, what comes out, and why.
///
/// The paths: the memslot's registration, the guest's fault, the attribute setter on its own, the two
/// mappings that no fault chooses, and a fault on a zapped BAR. The VMM may replace the VMA after
/// the registration, so a fault is also decided where its memslot would be refused.
public enum Stage2DecisionTable {
  /// Columns in order; the raw value is the name in the header.
  public enum Column: String, Sendable, CaseIterable {
    /// `memslot`, `fault`, `setter`, `gicv2`, `realm` or `zapped`.
    case path
    case kernel, vma
    case isMapMemory = "pfn_is_map_memory"
    case allowsAnyUncached = "allow_any_uncached"
    case pageProtection = "pgprot"
    case access, memslot, fwb
    case cacheDIC = "cache_dic"
    /// Input of the setter's paths, output of the others.
    case protection = "prot"
    case outcome, errno
    case memAttr = "s2_memattr"
    case type = "s2_type"
    case executeNever = "xn"
    case accessPermissions = "s2ap"
    case shareability = "sh"
    case accessFlag = "af"
    case descriptor
    case witness = "seen_by"
    case rule

    /// What KVM looks at.
    static let inputs: [Column] = [
      .path, .kernel, .vma, .isMapMemory, .allowsAnyUncached, .pageProtection, .access, .memslot,
      .fwb, .cacheDIC,
    ]
  }

  /// One line of the table.
  ///
  /// What does not apply is empty.
  public struct Row: Sendable, Equatable {
    fileprivate var cells = [String](repeating: "", count: Column.allCases.count)

    public internal(set) subscript(column: Column) -> String {
      get { cells[Self.places[column, default: 0]] }
      set { cells[Self.places[column, default: 0]] = newValue }
    }

    private static let places = Dictionary(
      uniqueKeysWithValues: zip(Column.allCases, Column.allCases.indices))
  }

  /// All rows: path after path, the inputs counting up with the last column fastest.
  public static let rows: [Row] = memslots + faults.map(row) + setter + gicv2 + realm + zapped

  /// Every fault that can be told apart.
  public static let faults: [Stage2Fault] = {
    var faults = KVMKernel.allCases.map { Stage2Fault(kernel: $0) }
    vary(&faults, \.vma, Stage2Fault.VMA.allCases)
    vary(&faults, \.isMapMemory, [false, true])
    vary(&faults, \.allowsAnyUncached, [false, true])
    vary(&faults, \.pageProtection, Stage2Fault.PageProtection.allCases)
    vary(&faults, \.access, Stage2Fault.Access.allCases)
    vary(&faults, \.memslot, Stage2Fault.Memslot.allCases)
    vary(&faults, \.fwb, [false, true])
    vary(&faults, \.cacheDIC, [false, true])
    return faults
  }()

  private static func vary<Value>(
    _ faults: inout [Stage2Fault], _ field: WritableKeyPath<Stage2Fault, Value>, _ values: [Value]
  ) {
    faults = faults.flatMap { fault in
      values.map { value in
        var copy = fault
        copy[keyPath: field] = value
        return copy
      }
    }
  }

  /// Rows as CSV with a header.
  public static func csv(_ rows: [Row]) -> String {
    var csv = CSVText(header: Column.allCases.map(\.rawValue))
    for row in rows { csv.add(row.cells) }
    return csv.text
  }
}

extension Stage2DecisionTable {
  /// The row of a fault.
  public static func row(_ fault: Stage2Fault) -> Row {
    var row = Row()
    row[.path] = "fault"
    row[.kernel] = fault.kernel.name
    row[.vma] = fault.vma.rawValue
    row[.isMapMemory] = bit(fault.isMapMemory)
    row[.allowsAnyUncached] = bit(fault.allowsAnyUncached)
    row[.pageProtection] = fault.pageProtection.rawValue
    row[.access] = fault.access.rawValue
    row[.memslot] = fault.memslot.rawValue
    row[.fwb] = bit(fault.fwb)
    row[.cacheDIC] = bit(fault.cacheDIC)
    fill(&row, fault.decide(), fwb: fault.fwb)
    return row
  }

  /// The registrations that can be told apart.
  private static var memslots: [Row] {
    faults.filter { !$0.isMapMemory && !$0.allowsAnyUncached && $0.access == .read }.map { fault in
      var row = row(fault)
      row[.path] = "memslot"
      for column in [Column.isMapMemory, .allowsAnyUncached, .access] { row[column] = "" }
      for column in Column.allCases where !Column.inputs.contains(column) { row[column] = "" }
      fill(&row, fault.checkMemslot(), fwb: fault.fwb)
      return row
    }
  }

  private static func fill(_ row: inout Row, _ decision: Stage2Decision, fwb: Bool) {
    row[.rule] = decision.rule.rawValue
    row[.outcome] = decision.outcome.name
    row[.errno] = decision.outcome.error?.name ?? ""
    row[.witness] = decision.outcome.witness.rawValue
    guard case .mapped(let protection, let leaf) = decision.outcome else { return }
    row[.protection] = protection.name
    fill(&row, memAttr: leaf.memAttr, permissions: leaf.accessPermissions, fwb: fwb)
    row[.executeNever] = bit(leaf.executeNever)
    row[.shareability] = "ISH"
    row[.accessFlag] = "1"
    row[.descriptor] = "0x" + hex(leaf.descriptorBits)
  }

  private static func fill(_ row: inout Row, memAttr: UInt8, permissions: UInt8, fwb: Bool) {
    row[.memAttr] = "0x" + hex(UInt64(memAttr))
    row[.type] = Stage2Attribute(memAttr: memAttr, fwb: fwb)?.name ?? "reserved"
    row[.accessPermissions] = "0x" + hex(UInt64(permissions))
  }

  private static func bit(_ value: Bool) -> String { value ? "1" : "0" }
}

extension Stage2DecisionTable {
  /// Every set of flags that a kernel knows.
  private static func protections(_ kernel: KVMKernel) -> [KVMProtection] {
    (0..<UInt8(32)).map { KVMProtection(rawValue: $0) }
      .filter { kernel != .deviceOnly || !$0.contains(.normalNC) }
  }

  private static var setter: [Row] {
    KVMKernel.allCases.flatMap { kernel in
      protections(kernel).flatMap { protection in
        [false, true].map { setterRow(protection, kernel: kernel, fwb: $0) }
      }
    }
  }

  /// The row of the attribute setter called with these flags.
  ///
  /// - Parameters:
  ///   - protection: The flags; NORMAL_NC exists since 6.9.
  ///   - kernel: The kernel's generation.
  ///   - fwb: HCR_EL2.FWB.
  /// - Returns: Its outcome as if a fault had led there.
  public static func setterRow(
    _ protection: KVMProtection, kernel: KVMKernel, fwb: Bool
  ) -> Row {
    var row = Row()
    row[.path] = "setter"
    row[.kernel] = kernel.name
    row[.fwb] = bit(fwb)
    do throws(Stage2Refusal) {
      let leaf = try Stage2Fault.leaf(protection, fwb: fwb)
      fill(&row, Stage2Decision(rule: .setter, outcome: .mapped(protection, leaf)), fwb: fwb)
    } catch {
      fill(&row, Stage2Decision(rule: .setter, outcome: .refused(error)), fwb: fwb)
    }
    row[.protection] = protection.name
    return row
  }

  private static var gicv2: [Row] {
    KVMKernel.allCases.flatMap { kernel in
      [false, true].map { fwb in
        var row = Row()
        row[.path] = "gicv2"
        row[.kernel] = kernel.name
        row[.fwb] = bit(fwb)
        fill(&row, FixedMappings.gicv2CPUInterface(fwb: fwb), fwb: fwb)
        // Mapped when the VM is set up: no access waits for it.
        row[.witness] = Stage2Outcome.Witness.nobody.rawValue
        return row
      }
    }
  }

  private static var realm: [Row] {
    protections(.cacheablePFNMap).map { protection in
      var row = Row()
      row[.path] = "realm"
      row[.protection] = protection.name
      row[.rule] = Stage2Rule.realm.rawValue
      do throws(Stage2ProtectionError) {
        let mapping = try FixedMappings.realm(protection)
        row[.outcome] = "mapped"
        row[.witness] = Stage2Outcome.Witness.guestRetries.rawValue
        fill(
          &row, memAttr: mapping.memAttr, permissions: mapping.accessPermissions, fwb: true)
      } catch {
        fill(&row, Stage2Decision(rule: .realm, outcome: .refused(.setter(error))), fwb: true)
      }
      return row
    }
  }

  private static var zapped: [Row] {
    KVMKernel.allCases.flatMap { kernel in
      [Stage2Zap.State.resetRunning, .memoryDisabled].flatMap { state in
        Stage2Fault.Access.allCases.map { access in
          var fault = Stage2Fault(kernel: kernel)
          fault.access = access
          var row = Row()
          row[.path] = "zapped"
          row[.kernel] = kernel.name
          row[.vma] = fault.vma.rawValue
          row[.access] = access.rawValue
          fill(&row, Stage2Zap.decide(state, fault), fwb: fault.fwb)
          return row
        }
      }
    }
  }
}
