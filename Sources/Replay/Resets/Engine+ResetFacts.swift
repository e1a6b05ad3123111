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
    // A store that straddles two lines may have left in part, and be gathered in part.
    if mark.left.record > 0,
      !stores.contains(where: { $0.access.record + 1 == mark.left.record && !$0.isGathered })
    {
      stores.append(before(mark.left, mark, vcpu))
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
    if mark.load.record > side.record {
      before.laterRead = mark.load.record - 1
    } else if let read = laterRead(of: mark, after: side.record) {
      before.laterRead = read
      before.laterReadIsLoose = true
    }
    return before
  }

  /// Some byte of a store is still in an open line: one that no later store opened.
  private func isGathered(_ side: StoreMarks.Side, _ vcpu: Int) -> Bool {
    guard side.type.gathers else { return false }
    let lineBytes = UInt64(cpu.lineBytes)
    var byte = side.address
    var left = UInt64(max(side.size, 1))
    while left > 0 {
      let offset = byte & (lineBytes - 1)
      let slot = gather.find(line: byte - offset, vcpu: vcpu)
      if slot >= 0, gather[slot].firstRecord < side.record,
        gather[slot].mask >> UInt128(offset) & 1 == 1
      {
        return true
      }
      let piece = min(left, lineBytes - offset)
      byte &+= piece
      left -= piece
    }
    return false
  }

  /// A read of the same device, of any vCPU, after the DSB behind a store: it pushes the store
  /// (PCI Express Base Specification 5.0, Table 2-40, B2a).
  private func laterRead(of mark: StoreMarks.Mark, after barrier: UInt64) -> UInt64? {
    guard mark.function < ReplayTables.unknownFunction else { return nil }
    let device = hazards.functions[mark.function].rawValue >> 3
    var last = hazards.resets.lastRead(device: device)
    for (number, function) in hazards.functions.enumerated()
    where function.rawValue >> 3 == device {
      last = max(last, hazards.resets.lastRead(number))
    }
    return last > barrier ? last - 1 : nil
  }

  /// The last load of a vCPU from a function, or one before it that may still be without its data
  /// when the last one, an acquire, has it.
  func loadBefore(
    _ mark: StoreMarks.Mark, _ vcpu: Int, _ resetting: Int, _ path: ConfigPath
  ) -> MMIOBefore? {
    guard mark.load.record > 0 else { return nil }
    let last = before(load: mark.load, mark, vcpu, resetting, path)
    guard last.ordered != nil, mark.loose.record > 0 else { return last }
    let loose = before(load: mark.loose, mark, vcpu, resetting, path)
    return loose.ordered == nil ? loose : last
  }

  /// A load; complete where the vCPU has trapped since.
  private func before(
    load: StoreMarks.Side, _ mark: StoreMarks.Mark, _ vcpu: Int, _ resetting: Int,
    _ path: ConfigPath
  ) -> MMIOBefore {
    var before = MMIOBefore(access: access(load, mark, vcpu, isStore: false))
    if load.other > 0 { before.synchronized = load.other - 1 }
    if load.completed > 0 {
      before.ordered = load.completed - 1
    } else if path == .vfio || path.returnsWhenDone && vcpu == resetting {
      before.ordered = record
    } else if time &- load.time >= rootComplex.completionTimeoutNs ?? .max {
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
