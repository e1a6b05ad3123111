extension Pair {
  /// The first is a load whose data one of the registers still holds where it is used.
  ///
  /// - Parameters:
  ///   - registers: What the use reads.
  ///   - use: Place of the instruction that uses it, among those between; nil: the second's.
  /// - Returns: Whether the use depends on the first.
  func depends(on registers: [String]?, usedAt use: Int? = nil) -> Bool {
    guard let registers, !first.isStore, !isSameInstruction, !first.isSpeculative,
      let register = scene.access(of: first)?.register, registers.contains(register)
    else { return false }
    // Another load of the register before the use hides the first.
    return !between[..<(use ?? between.endIndex)].contains { instruction in
      if case .access(let access) = instruction { return access.register == register }
      return false
    }
  }

  /// Place of the first access between whose address depends on the first.
  var dependentAddress: Int? {
    between.indices.first { place in
      guard case .access(let access) = between[place] else { return false }
      return depends(on: access.addressDependencies, usedAt: place)
    }
  }
}
