/// The profiles inside the program: YAML files of `Data/`, embedded when it is built.
enum BuiltInProfiles {
  /// Bytes and name of every file; a profile comes after the one that it extends.
  static let files: [(name: String, bytes: [UInt8])] = [
    ("cpu-generic-arm64.yaml", PackageResources.cpu_generic_arm64_yaml),
    ("cpu-neoverse-n1.yaml", PackageResources.cpu_neoverse_n1_yaml),
    ("cpu-neoverse-v2.yaml", PackageResources.cpu_neoverse_v2_yaml),
    ("cpu-x86-wc.yaml", PackageResources.cpu_x86_wc_yaml),
    ("rc-generic.yaml", PackageResources.rc_generic_yaml),
    ("rc-minimal.yaml", PackageResources.rc_minimal_yaml),
    ("rc-aligned.yaml", PackageResources.rc_aligned_yaml),
    ("rc-qword.yaml", PackageResources.rc_qword_yaml),
    ("link-generic.yaml", PackageResources.link_generic_yaml),
    ("device-generic.yaml", PackageResources.device_generic_yaml),
    ("device-intel-pf-tile.yaml", PackageResources.device_intel_pf_tile_yaml),
    ("device-intel-gts.yaml", PackageResources.device_intel_gts_yaml),
    ("platform-pcie-server.yaml", PackageResources.platform_pcie_server_yaml),
    ("platform-pcie-server-dpc.yaml", PackageResources.platform_pcie_server_dpc_yaml),
    ("platform-firmware-first.yaml", PackageResources.platform_firmware_first_yaml),
    ("platform-rpi-cm4.yaml", PackageResources.platform_rpi_cm4_yaml),
    ("platform-cadence-pcie.yaml", PackageResources.platform_cadence_pcie_yaml),
    ("platform-soc-device.yaml", PackageResources.platform_soc_device_yaml),
  ]

  /// The number of a profile among ``files``, which are named after what they hold.
  static func index(of kind: ProfileKind, named name: String) -> Int? {
    files.firstIndex { $0.name == "\(kind.rawValue)-\(name).yaml" }
  }

  /// Names of the profiles of one kind, in order.
  static func names(of kind: ProfileKind) -> [String] {
    files.map(\.name).filter { $0.hasPrefix("\(kind.rawValue)-") }.map {
      String($0.dropFirst(kind.rawValue.count + 1).dropLast(".yaml".count))
    }
  }
}
