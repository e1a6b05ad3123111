// swift-tools-version: 6.2
import PackageDescription

/// Settings for every Swift target: language mode 6, no warning passes, explicit imports.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("ExistentialAny"),
]

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

/// A room of the product: `Sources/NAME`, and the rooms it may import.
func room(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// The tests of one room: `Tests/NAMETests`.
///
/// - Parameters:
///   - name: The room.
///   - dependencies: Rooms that the tests use besides it.
///   - exclude: Files and folders that are no source, read by path at run time.
/// - Returns: The test target.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
    path: "Tests/\(name)Tests", exclude: exclude, swiftSettings: strict)
}

/// The built-in profiles, one YAML file each; see `BuiltInProfiles`.
let profileFiles = [
  "cpu-generic-arm64", "cpu-neoverse-n1", "cpu-neoverse-v2", "cpu-x86-wc", "rc-generic",
  "rc-minimal", "rc-aligned", "rc-qword", "link-generic", "device-generic",
  "device-intel-pf-tile", "device-intel-gts", "platform-pcie-server",
  "platform-pcie-server-dpc", "platform-firmware-first", "platform-rpi-cm4",
  "platform-cadence-pcie", "platform-soc-device",
]

/// The built-in litmus programs, several to a file, and their verdicts; see `LitmusSuite`.
let suiteFiles = [
  "arrival.litmus", "values.litmus", "system.litmus", "rules.litmus", "verdicts.csv",
]

/// Published measurements that the model is held against; see `Validation`.
let measurementFiles = ["cpu-writes", "cpu-reads", "device-dma", "calculated", "unmodelled"]

let package = Package(
  name: "mmioscope",
  products: [
    .executable(name: "mmioscope", targets: ["mmioscope"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CLzma", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
    // Debian ships no pkg-config file for it.
    .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),

    // Ground: vocabulary, no files, no libraries.
    room("TraceCore", []),
    room("Tables", []),
    room("Results", ["TraceCore"]),

    // Input: bytes to blocks of events.
    room(
      "TraceIO", ["TraceCore", "CZstd", "CZlib", "CLzma", "CBzip2", "CLZ4", system, crypto]),
    room("YAMLInput", ["TraceCore", yams, system]),
    room(
      "Importers",
      ["TraceCore", "Tables", "TraceIO", "YAMLInput", "ArmMemory", "ConfigSpace"]),

    room("TraceEdit", ["TraceCore", "ConfigSpace"]),
    room("CaptureProbe", ["TraceCore", system]),

    // Models: what the architecture and the bus do, without files. Those further down use those
    // further up; the profiles give all of them their values.
    room("ArmMemory", ["TraceCore", "Tables"]),
    room("PCIeModel", ["TraceCore", "Tables"]),
    room("ConfigSpace", ["TraceCore"]),
    room("Resets", ["TraceCore", "ArmMemory", "ConfigSpace"]),
    room("Containment", ["TraceCore", "ArmMemory", "Results"]),
    room(
      "Profiles",
      [
        "TraceCore", "Tables", "ArmMemory", "PCIeModel", "ConfigSpace", "Containment",
        "YAMLInput", "Results",
      ],
      resources: (profileFiles + ["traffic"]).map { .embedInCode("Data/\($0).yaml") }),

    // Engine: blocks through the models to results.
    room("Hazards", ["TraceCore", "ArmMemory", "ConfigSpace", "Results"]),
    room(
      "Replay",
      [
        "TraceCore", "ArmMemory", "PCIeModel", "ConfigSpace", "Resets", "Hazards", "Results",
        "Profiles",
      ]),

    // Evidence: published measurements beside what the model says.
    room(
      "Validation",
      [
        "TraceCore", "Results", "PCIeModel", "ArmMemory", "Profiles", "Replay", "YAMLInput",
      ], resources: measurementFiles.map { .embedInCode("Data/\($0).yaml") }),

    // Proof: small programs, every outcome that the rules allow.
    room("Ordering", ["TraceCore", "ArmMemory", "PCIeModel"]),
    room(
      "Litmus", ["TraceCore", "Tables", "ArmMemory", "PCIeModel", "Ordering"],
      resources: suiteFiles.map { .embedInCode("Suite/\($0)") }),

    room(
      "ResetProof",
      ["TraceCore", "ArmMemory", "PCIeModel", "ConfigSpace", "Resets", "Ordering"]),

    // Output.
    room("Reporting", ["TraceCore", "Tables", "Results"]),
    room("Differences", ["TraceCore", "Results", "YAMLInput"]),
    room("Matching", ["TraceCore", "TraceIO", "Results"]),
    room("Timeline", ["TraceCore", "Results"]),

    .executableTarget(
      name: "mmioscope",
      dependencies: [
        "TraceCore", "Tables", "TraceIO", "YAMLInput", "Importers", "ArmMemory", "PCIeModel",
        "ConfigSpace", "Profiles", "Hazards", "Replay", "Results", "Reporting", "Ordering",
        "Litmus",
        "Differences", "Matching", "Timeline", "Validation", "Containment", "Resets", "ResetProof",
        "TraceEdit", "CaptureProbe",
        argumentParser, system,
      ], swiftSettings: strict),
    // Speed: what `make bench` measured, as tables.
    room("Measurements", ["TraceCore", "Tables"]),

    .executableTarget(
      name: "bench",
      dependencies: [
        "TraceCore", "TraceIO", "Importers", "ArmMemory", "Profiles", "Replay", "Measurements",
        argumentParser,
      ], resources: [.embedInCode("Baseline/baseline.py")], swiftSettings: strict),

    .target(
      name: "TestSupport",
      dependencies: [
        "TraceCore", "Results", "ArmMemory", "PCIeModel", "ConfigSpace", "Profiles", "Replay",
        "TraceIO", "Ordering",
      ],
      path: "Tests/TestSupport", swiftSettings: strict),
    tests("TraceCore", []),
    tests("Tables", []),
    tests("TraceIO", ["TraceCore", "CZstd", "CZlib", "CLzma", "CBzip2", "CLZ4"]),
    tests("TraceEdit", ["TraceCore", "TraceIO", "Importers"]),
    tests("CaptureProbe", ["TraceCore"]),
    tests("ArmMemory", ["TraceCore"]),
    tests("PCIeModel", ["TraceCore"]),
    tests("ConfigSpace", ["TraceCore"]),
    tests("Containment", ["TraceCore", "ArmMemory", "Results", "Profiles"]),
    tests(
      "Profiles",
      [
        "TraceCore", "YAMLInput", "Importers", "ArmMemory", "PCIeModel", "ConfigSpace",
        "Containment", "Results",
      ]),
    tests("Importers", ["TraceCore", "TraceIO", "YAMLInput"], exclude: ["Fixtures"]),
    tests(
      "Replay",
      [
        "TraceCore", "ArmMemory", "PCIeModel", "ConfigSpace", "Resets", "Hazards", "Results",
        "Profiles",
      ]),
    tests(
      "Ordering",
      ["TraceCore", "ArmMemory", "PCIeModel", "Litmus", "Replay", "Profiles", "Results"]),
    tests("Resets", ["TraceCore", "ArmMemory", "ConfigSpace"]),
    tests(
      "ResetProof",
      ["TraceCore", "ArmMemory", "PCIeModel", "ConfigSpace", "Resets", "Ordering", "Litmus"]),
    tests("Litmus", ["TraceCore", "ArmMemory", "PCIeModel", "Ordering"]),
    tests("Validation", ["TraceCore", "Results", "PCIeModel", "Profiles", "YAMLInput"]),
    tests("Reporting", ["TraceCore", "Results"], exclude: ["Golden"]),
    tests("Differences", ["TraceCore", "Results"]),
    tests("Matching", ["TraceCore", "TraceIO", "Results"]),
    tests("Timeline", ["TraceCore", "ArmMemory", "PCIeModel", "Profiles", "Replay", "Results"]),
    tests("Measurements", ["TraceCore"]),
    .testTarget(
      name: "EndToEndTests", dependencies: ["CZstd"], path: "Tests/EndToEndTests",
      swiftSettings: strict),
  ]
)

// `make fuzz`: the readers as a library for libFuzzer, which brings the program around it.
if Context.environment["MMIOSCOPE_FUZZ"] != nil {
  package.products.append(.library(name: "Fuzz", type: .static, targets: ["Fuzz"]))
  package.targets.append(
    .target(
      name: "Fuzz",
      dependencies: [
        "ConfigSpace", "Importers", "Litmus", "Matching", "Results", "TraceCore", "TraceEdit",
        "TraceIO", "YAMLInput",
      ],
      path: "Tests/Fuzz/Harness", swiftSettings: strict))
}
