import ArmMemory
import ConfigSpace
import PCIeModel
import Resets
import TraceCore

/// What a capture has between an access and a reset after it.
extension Engine {
  private func access(
    _ side: StoreMarks.Side, _ mark: StoreMarks.Mark, _ vcpu: Int, isStore: Bool
  ) -> MMIOAccess {
    let isKnown = mark.function < ReplayTables.unknownFunction
    return MMIOAccess(
      record: side.record - 1, timeNs: side.time, vcpu: order.name(vcpu),
      region: Int(side.region), function: isKnown ? hazards.functions[mark.function] : nil,
      isStore: isStore, type: side.type)
  }

  /// The stores of a vCPU to a function that may be under way, the last one first, and what has
  /// ordered them since.
  func storesBefore(_ mark: StoreMarks.Mark, _ vcpu: Int) -> [MMIOBefore] {
    var stores: [MMIOBefore] = []
    for side in [mark.strict, mark.weak, mark.unsynchronized, mark.unflushed]
    where side.record > 0 && !stores.contains(where: { $0.access.record + 1 == side.record }) {
      stores.append(before(side, mark, vcpu))
    }
    return stores.sorted { $0.access.record > $1.access.record }
  }

  private func before(
    _ side: StoreMarks.Side, _ mark: StoreMarks.Mark, _ vcpu: Int
  ) -> MMIOBefore {
    var before = MMIOBefore(access: access(side, mark, vcpu, isStore: true))
    before.isGathered = isGathered(side, vcpu)
    let ordered = hazards.resets.marks.storeOrder(vcpu)
    if ordered > side.record { before.ordered = ordered - 1 }
    if side.completed > 0 { before.synchronized = side.completed - 1 }
    if side.isReadBack {
      before.readBack = side.other - 1
    } else if side.completed > 0, let read = laterRead(of: mark, after: side.completed) {
      before.readBack = read
      before.readBackIsLoose = true
    }
    return before
  }

  /// The last byte of a store is still in an open line.
  private func isGathered(_ side: StoreMarks.Side, _ vcpu: Int) -> Bool {
    guard side.type.gathers else { return false }
    let last = side.address &+ UInt64(max(side.size, 1)) &- 1
    let line = last & ~(UInt64(cpu.lineBytes) - 1)
    let slot = gather.find(line: line, vcpu: vcpu)
    return slot >= 0 && gather[slot].record + 1 >= side.record
      && gather[slot].mask >> UInt128(last - line) & 1 == 1
  }

  /// A read of the same device, of any vCPU, after the DSB behind a store: it pushes the store
  /// (PCI Express Base Specification 5.0, Table 2-40, B2a).
  private func laterRead(of mark: StoreMarks.Mark, after barrier: UInt64) -> UInt64? {
    guard mark.function < ReplayTables.unknownFunction else { return nil }
    let device = hazards.functions[mark.function].rawValue >> 3
    var last: UInt64 = 0
    for (number, function) in hazards.functions.enumerated()
    where function.rawValue >> 3 == device {
      last = max(last, hazards.resets.lastRead(number))
    }
    return last > barrier ? last - 1 : nil
  }

  /// The last load of a vCPU from a function; complete where the vCPU has trapped since.
  func loadBefore(
    _ mark: StoreMarks.Mark, _ vcpu: Int, _ resetting: Int, _ path: ConfigPath
  ) -> MMIOBefore? {
    guard mark.load.record > 0 else { return nil }
    var before = MMIOBefore(access: access(mark.load, mark, vcpu, isStore: false))
    if mark.load.other > 0 { before.synchronized = mark.load.other - 1 }
    if mark.load.completed > 0 {
      before.ordered = mark.load.completed - 1
    } else if path == .vfio || path.returnsWhenDone && vcpu == resetting {
      before.ordered = record
    } else if time &- mark.load.time >= rootComplex.completionTimeoutNs ?? .max {
      // A request is answered or timed out by then (PCI Express Base Specification 5.0, 2.8).
      before.ordered = record
    }
    return before
  }
}

extension ResetCase {
  /// Keeps the last store and load, and the store that least orders.
  mutating func take(_ stores: [MMIOBefore], _ load: MMIOBefore?) {
    for store in stores {
      if store.access.record > lastStore?.access.record ?? 0 || lastStore == nil {
        lastStore = store
      }
      if weakestStore.map({ store.strength < $0.strength }) ?? true { weakestStore = store }
    }
    if let load, load.access.record > lastLoad?.access.record ?? 0 || lastLoad == nil {
      lastLoad = load
    }
  }

  mutating func settle(hole lost: UInt64?) {
    if lastStore == nil, lastLoad == nil { hole = lost }
    if weakestStore?.strength == lastStore?.strength { weakestStore = nil }
  }
}

extension MMIOBefore {
  /// How much orders a store before the reset.
  fileprivate var strength: Int {
    if isGathered { return 0 }
    if readBack != nil { return 4 }
    if synchronized != nil { return 3 }
    return ordered != nil ? 2 : 1
  }
}
