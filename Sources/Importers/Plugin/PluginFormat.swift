extension ImportFormat {
  /// The stream of a QEMU TCG plugin: this package's, or the comma-separated one of `mmio_plugin`.
  public static let plugin = ImportFormat(
    name: "plugin",
    summary: "QEMU TCG plugin: accesses, barriers and memory types in program order",
    recognizes: { head in
      PluginDialect.allCases.contains { head.starts(with: $0.firstLine.utf8) }
    },
    reader: { source, context, options in
      TextImporter(PluginParser(context, options), source, options)
    })
}

/// The two streams, by their first line.
enum PluginDialect: CaseIterable {
  /// Written by `Capture/plugin`; see `Capture/README.md` for the format.
  case own
  /// `mmio_plugin`, version 1: fields between commas, barriers by name.
  case commas

  var firstLine: String {
    switch self {
    case .own: "#mmioscope-plugin 1\n"
    case .commas: "#mmio_plugin,1\n"
    }
  }
}
