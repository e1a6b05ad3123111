extension Recogniser {
  /// Initiate FLR of a conventional function: AF Control bit 0 (Advanced Features ECN).
  ///
  /// Needs both AF capability bits, transactions pending and FLR.
  static let advancedFeaturesReset = Recogniser(
    location: .capability(.advancedFeatures, 4), width: 1
  ) { write, shadow in
    guard write.sets(0), let features = shadow.layout[.advancedFeatures] else { return .nothing }
    guard let capabilities = shadow.bytes[features + 3] else {
      return .unknown(.unknownCapability)
    }
    return capabilities & 3 == 3 ? .event(.advancedFeaturesReset) : .nothing
  }
}
