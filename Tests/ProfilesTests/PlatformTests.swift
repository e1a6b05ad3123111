import Containment
import Results
import Testing
import TraceCore

@testable import Profiles

/// Platforms: their keys, and that no replay knows them.
@Suite struct PlatformTests {
  /// Every word of a key, by hand from what the key means.
  static let words: [(key: String, words: [String])] = [
    ("aer", ["none", "native", "firmware"]), ("attachment", ["pcie", "soc"]),
    ("device_load_abort", ["sync", "serror"]), ("dpc", ["none", "fatal", "nonfatal"]),
    ("error_class", ["ueo", "uer", "ueu", "uc"]), ("external_aborts", ["kernel", "firmware"]),
    ("failed_read", ["all-ones", "zeros", "slave-error"]),
    ("failed_write", ["drop", "slave-error"]),
    ("firmware_panics", ["never", "fatal", "nonfatal"]),
    ("normal_load_abort", ["sync", "serror"]),
    ("poisoned_read", ["poison", "data", "slave-error"]), ("ras", ["true", "false"]),
    ("serror_taken", ["guest", "host"]), ("speculative_abort", ["none", "serror"]),
    ("store_abort", ["none", "interrupt", "serror"]), ("strict_store_abort", ["sync", "serror"]),
    ("timed_out_read", ["all-ones", "zeros", "slave-error"]),
    ("completion_timeout_us", ["1", "64000000"]),
  ]

  @Test func `every key of a platform is in the table`() {
    let keys = SettingKey.keys(of: .platform).map(\.shortName).sorted()
    #expect(Self.words.map(\.key).sorted() == keys)
  }

  @Test(arguments: words)
  func `every word reaches the platform, and no other is taken`(key: String, words: [String]) throws
  {
    let library = ProfileLibrary()
    let platforms = try words.map {
      try library.platform("pcie-server", overrides: ["platform.\(key)=\($0)"]).platform
    }
    for (index, platform) in platforms.enumerated() {
      #expect(!platforms[..<index].contains(platform), "\(words[index]) changes nothing")
    }
    for text in ["", "sometimes", "0"] {
      let error = failure { () throws(TraceError) in
        try library.platform("pcie-server", overrides: ["platform.\(key)=\(text)"])
      }
      #expect(error.contains("'\(text)' is not allowed"), "\(error)")
    }
  }

  @Test func `alternatives are choices, and one value ends them`() throws {
    let library = ProfileLibrary()
    let open = try library.platform("rpi-cm4")
    #expect(open.choices.map(\.key) == open.choices.map(\.key).sorted())
    let normal = try #require(open.choices.first { $0.key == "normal_load_abort" })
    #expect(normal.options.map(\.text) == ["sync", "serror"])
    var platform = open.platform
    normal.options[1].apply(&platform)
    #expect(platform.normalLoadAbort == .serror)
    platform.normalLoadAbort = open.platform.normalLoadAbort
    #expect(platform == open.platform, "a choice changes one value")
    let closed = try library.platform(
      "rpi-cm4", overrides: ["platform.normal_load_abort=serror"])
    #expect(!closed.choices.contains { $0.key == "normal_load_abort" })
    #expect(closed.combinations * 2 == open.combinations)
  }

  @Test func `a replay neither takes nor shows a platform's values`() throws {
    let library = ProfileLibrary()
    let error = failure { () throws(TraceError) in
      try library.resolve(overrides: ["platform.dpc=fatal"])
    }
    #expect(
      error
        == "configuration: --set platform.dpc=fatal: 'platform.dpc' means something to contain only"
    )
    let other = failure { () throws(TraceError) in
      try library.platform("pcie-server", overrides: ["cpu.buffers=2"])
    }
    #expect(other.contains("'cpu.buffers' means something to a replay only"))
    #expect(try !library.resolve().values.contains { $0.key.hasPrefix("platform.") })
  }

  @Test func `an unknown platform is an error with the nearest`() throws {
    let library = ProfileLibrary()
    let error = failure { () throws(TraceError) in try library.platform("rpi-cm5") }
    #expect(error.contains("no platform profile 'rpi-cm5'; did you mean 'rpi-cm4'?"))
  }
}
