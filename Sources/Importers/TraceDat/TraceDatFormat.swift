import TraceCore
import TraceIO

extension ImportFormat {
  /// trace-cmd's binary file.
  public static let traceDat = ImportFormat(
    name: "trace-dat",
    summary: "trace-cmd's trace.dat, versions 6 and 7: rwmmio or kvm_mmio events",
    recognizes: { $0.starts(with: DatLayout.magic) },
    reader: { source, context, options throws(TraceError) in
      let file = try seekable(source)
      let layout = try DatLayout(file)
      // Both families in one file would mix kernel virtual and guest physical addresses.
      let names = Set(layout.formats.values.map(\.name))
      if !names.contains("rwmmio_write"), names.contains("kvm_mmio") {
        return try TraceDatImporter<KVMEvents>(source, file, layout, context, options)
      }
      return try TraceDatImporter<RWMMIOEvents>(source, file, layout, context, options)
    })
}
