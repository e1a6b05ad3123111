import Results

extension ModelSettings {
  /// The settings with the variants that bracket what gathering gains.
  ///
  /// Numbers and times are at the ends of their ranges, in six combinations. In the time of one
  /// scenario every delay and number of credits is monotone (a longer latency or fewer credits never
  /// make a run faster), which is nearly so of the number of gathering buffers, too: extremes of a
  /// ratio of two times are looked for where the two pull apart:
  ///
  /// - what delays only accesses that cannot gather at its slow end, what delays gathering or
  ///   every access alike at its fast end: the most is gained; and the reverse: the least;
  /// - each with a fast link, with a link whose headers are slow and with one whose data is slow,
  ///   because there the ratio of the times tends to that of TLPs or of bytes, which may be above
  ///   or below.
  ///
  /// Each alternative of a word or flag is a variant by itself, and with each of these
  /// combinations. This brackets the gain wherever one delay outweighs the others; two
  /// alternatives of different words at once and values between the ends are not tried, so that it
  /// is no proof for them.
  ///
  /// - Returns: The settings with ``variants``; none where no value has a range.
  public func withCorners() -> ModelSettings {
    var settings = self
    settings.variants = corners
    return settings
  }

  /// The settings with a variant for each end of each range, all else unchanged.
  ///
  /// They tell which value a result hangs on. What ``withCorners()`` tries alone already, as it
  /// does every alternative of a word, is left out.
  ///
  /// - Returns: The settings with ``variants``; none where no value has a range.
  public func withEachAlone() -> ModelSettings {
    let known = corners.map(\.changes)
    var settings = self
    settings.variants = rangedKeys.filter(\.key.type.isOrdered).flatMap { key, setting in
      setting.range.filter { $0 != setting.value }.map { variant([(key, setting, $0)]) }
    }.filter { !known.contains($0.changes) }
    return settings
  }

  private typealias Ranged = (key: SettingKey, setting: Setting)

  /// The settings that may have other values, sorted by key.
  private var rangedKeys: [Ranged] {
    values.compactMap { setting in
      guard !setting.range.isEmpty, let key = SettingKey.named(setting.key) else { return nil }
      return (key, setting)
    }
  }

  private var corners: [SettingsVariant] {
    var variants: [SettingsVariant] = []
    func add(_ variant: SettingsVariant) {
      guard !variant.changes.isEmpty, !variants.contains(variant) else { return }
      variants.append(variant)
    }
    let numbers = rangedKeys.compactMap { key, setting in
      key.effect.map { (key: key, setting: setting, effect: $0) }
    }
    var ends: [[(key: SettingKey, setting: Setting, value: Setting.Value)]] = []
    for gainsMuch in [true, false] {
      for link in LinkState.allCases {
        let changes = numbers.map { key, setting, effect in
          let isSlow = link.isSlow(effect.delayed) ?? ((effect.delayed == .device) == gainsMuch)
          let isHigh = isSlow == effect.isSlowerWhenLarger
          return (key, setting, setting.range[isHigh ? setting.range.count - 1 : 0])
        }
        // A slow link is one where what is in range of it is slow.
        let isOne = numbers.contains { link.isSlow($0.effect.delayed) == true }
        if link == .fast || isOne { ends.append(changes) }
      }
    }
    for changes in ends { add(variant(changes)) }
    for (key, setting) in rangedKeys where key.effect == nil {
      for other in setting.range where other != setting.value {
        add(variant([(key, setting, other)]))
        for changes in ends { add(variant(changes + [(key, setting, other)])) }
      }
    }
    return variants
  }

  /// These settings with other values; what is no change is left out.
  private func variant(
    _ others: [(key: SettingKey, setting: Setting, value: Setting.Value)]
  ) -> SettingsVariant {
    var variant = SettingsVariant(changes: [], settings: self)
    variant.settings.variants = []
    for (key, setting, value) in others where value != setting.value {
      guard let exact = key.type.parse(value.text) else { continue }
      key.store(&variant.settings, exact)
      var change = setting
      change.value = value
      variant.changes.append(change)
      if let index = values.firstIndex(where: { $0.key == setting.key }) {
        variant.settings.values[index] = change
      }
    }
    variant.changes.sort { $0.key < $1.key }
    return variant
  }
}

/// Which credits of a link are the slow ones.
private enum LinkState: CaseIterable {
  case fast, slowHeaders, slowData

  /// nil where the value is none of the link's.
  func isSlow(_ delayed: SettingKey.Effect.Delayed) -> Bool? {
    switch delayed {
    case .device, .gathering, .both: nil
    case .tlps: self == .slowHeaders
    case .bytes: self == .slowData
    case .link: self != .fast
    }
  }
}
