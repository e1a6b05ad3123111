import ArmMemory
import Containment
import Replay
import Results
import TraceCore

/// The outcomes of a trace's accesses if their device failed them.
struct ContainmentOfTrace {
  /// What a trace holds.
  struct Census {
    var counts: FaultCensus
    var context: TraceContext
    var before: String
    var after: String
    /// Some mapping has no stage 2.
    var withoutKVM: Bool
    /// Which part of a trace this is of, in words; nil for all of it.
    var filtered: String?
  }

  let platforms: [PlatformSettings]
  let faults: [FaultKind]
  /// The trace's one access is asked about, so that reads beside it are not.
  let isOneRecord: Bool

  /// Accesses of one place that have the same types.
  private struct Place {
    var name: String
    var isBusSlave: Bool
    var before: MemoryType
    var after: MemoryType
    /// Their names, in order of first appearance.
    var regions: [String] = []
    var stores: UInt64 = 0
    var loads: UInt64 = 0
  }

  func result(_ census: Census) throws(TraceError) -> ContainmentResult {
    let places = places(census)
    let (rows, verdicts) = ContainmentMatrix.over(platforms) { matrix in
      places.flatMap { self.rows(matrix, $0) }
    }
    return ContainmentResult(
      trace: .init(
        name: census.context.name, sha256: census.context.sha256 ?? "",
        records: census.counts.records),
      before: census.before, after: census.after, rows: rows, verdicts: verdicts,
      blast: census.counts.blast, failed: census.counts.failed, notes: notes(census, places, rows))
  }

  private func places(_ census: Census) -> [Place] {
    var places: [Place] = []
    for (group, count) in census.counts.groups {
      let region = group.region.map { census.context.regions[$0] }
      let isBusSlave = region?.kind == .platform
      let name = isBusSlave ? region?.name ?? "" : "BAR"
      let index =
        places.firstIndex {
          $0.name == name && $0.isBusSlave == isBusSlave && $0.before == group.before
            && $0.after == group.after
        } ?? places.count
      if index == places.count {
        places.append(
          Place(name: name, isBusSlave: isBusSlave, before: group.before, after: group.after))
      }
      let described = region?.name ?? "unmapped"
      if !places[index].regions.contains(described) { places[index].regions.append(described) }
      if group.isStore { places[index].stores += count } else { places[index].loads += count }
    }
    // BARs first, then the other regions, each in order of first appearance.
    return Self.toldApart(places.filter { !$0.isBusSlave })
      + Self.toldApart(places.filter(\.isBusSlave))
  }

  /// Places of one name get their regions' names, and where those are alike too, their types.
  private static func toldApart(_ places: [Place]) -> [Place] {
    var places = places
    renameAlike(&places) { place in
      let shown = place.regions.prefix(3).joined(separator: ", ")
      let rest = place.regions.count - 3
      return "\(place.name) (\(shown)\(rest > 0 ? " and \(rest) more" : ""))"
    }
    renameAlike(&places) { "\($0.name), \($0.before.name) -> \($0.after.name)" }
    return places
  }

  private static func renameAlike(_ places: inout [Place], _ name: (Place) -> String) {
    let names = places.map(\.name)
    for index in places.indices where names.count(where: { $0 == names[index] }) > 1 {
      places[index].name = name(places[index])
    }
  }

  private func rows(_ matrix: ContainmentMatrix, _ place: Place) -> [ContainmentRow] {
    // A bus slave has one way to fail; it is not left out where another fault is asked for.
    let faults = place.isBusSlave ? [FaultKind.slaveError] : faults
    return faults.flatMap { fault in
      AccessKind.allCases.compactMap { access in
        let count: UInt64? =
          switch access {
          case .read: place.loads
          case .write: place.stores
          case .speculativeRead: isOneRecord ? 0 : nil
          }
        guard count != 0 else { return nil }
        var row = matrix.row(
          place: place.name, fault: fault, access: access, before: place.before,
          after: place.after, accesses: count, isBusSlave: place.isBusSlave)
        row?.regions = place.regions
        return row
      }
    }
  }

  private func notes(
    _ census: Census, _ places: [Place], _ rows: [ContainmentRow]
  ) -> [String] {
    var notes = [census.filtered].compactMap(\.self)
    let slaves = places.filter(\.isBusSlave)
    if !slaves.isEmpty {
      let names = Set(slaves.flatMap(\.regions)).sorted().joined(separator: ", ")
      notes.append(
        "\(names): no PCI window, so a bus slave that answers errors on the bus itself. "
          + (census.withoutKVM
            ? "Without a hypervisor its accesses reach it; under KVM most such regions are emulated."
            : "It is there because the map says that it is passed through (vfio: true), and then has"
              + " the policy's type; of Linux's drivers only vfio-pci sets VM_ALLOW_ANY_UNCACHED."))
    }
    if !census.counts.emulated.isEmpty {
      let parts = census.counts.emulated.map { region, count in
        "\(count) to \(census.context.regions[region].name)"
      }
      notes.append(
        "Left out: accesses that the hypervisor emulates and that reach no hardware ("
          + parts.joined(separator: ", ")
          + "): a guest's access to what is no PCI window, as the vGIC's distributor or a virtual UART,"
          + " traps. vfio: true in the map says that a region is passed through. Only the GICv2 CPU"
          + " interface (GICV) does KVM map itself, always as device memory (kvm_phys_addr_ioremap), so"
          + " that no policy changes it.")
    }
    for place in places where rows.allSatisfy({ $0.place != place.name }) {
      notes.append(
        "\(place.name): none of its accesses can fail so on these platforms: a posted write has no"
          + " completion that could be late, and only what is no PCIe device answers with a slave error."
      )
    }
    if census.withoutKVM {
      notes.append(
        "Without a hypervisor (policy none) an abort is the process's own: where the steps name KVM and"
          + " the guest, read the kernel and the process.")
    }
    if census.counts.configAccesses > 0 {
      notes.append(
        "Left out: \(census.counts.configAccesses) config accesses, which the hypervisor performs for"
          + " the guest: their errors are the host's own under every mapping.")
    }
    for (name, count) in zip([census.before, census.after], census.counts.faulting) where count > 0
    {
      notes.append(
        "\(name): \(count) accesses fault at their own alignment or size and reach no device; they are"
          + " counted all the same.")
    }
    for row in census.context.counters.rows where row.severity != .info {
      notes.append("\(row.name): \(row.count) (\(row.meaning))")
    }
    return notes
  }
}
