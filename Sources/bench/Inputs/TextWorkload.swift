import TraceIO

/// Generated captures in the formats of text: the same bytes for the same count of lines.
enum TextWorkload: String, CaseIterable {
  case qemuLog = "qemu-log"
  case vfioLog = "vfio-log"
  case mmiotrace
  case rwmmio
  case kvmMMIO = "kvm-mmio"
  case m1n1
  case plugin

  /// A word that `grep` finds in a part of the lines.
  var word: String {
    switch self {
    case .mmiotrace: "W"
    case .m1n1: "W.4"
    case .plugin: "w"
    default: "write"
    }
  }

  private var heading: String {
    switch self {
    case .mmiotrace: "VERSION 20070824\n"
    case .plugin: "#mmioscope-plugin 1\n#api 4\n#values recorded\n#types page-tables\n"
    default: ""
    }
  }

  /// Writes a capture, its heading besides the lines.
  func write(lines: Int, path: String) throws {
    let file = try OutputFile(path: path)
    var generator = Workload.Generator()
    var text = heading
    for index in 0..<lines {
      text += line(index, &generator) + "\n"
      if text.utf8.count > 65_536 {
        try file.write(text)
        text = ""
      }
    }
    if self == .plugin { text += "#end \(lines) 0\n" }
    try file.write(text)
    try file.commit()
  }

  private func line(_ index: Int, _ generator: inout Workload.Generator) -> String {
    let offset = String(generator.next(below: 1 << 20) * 8, radix: 16)
    let value = String(generator.next(below: 1 << 32), radix: 16)
    let vcpu = generator.next(below: 4)
    let fraction = 100_000 + index % 900_000
    let time = "\(26 + index / 900_000).\(fraction)"
    switch self {
    case .qemuLog:
      return "\(30_000 + vcpu)@\(1_795_343_881 + index / 900_000).\(fraction):"
        + "memory_region_ops_write cpu \(vcpu) "
        + "mr 0x55ff86d92830 addr 0x1\(offset) value 0x\(value) size 4 name 'nvme'"
    case .vfioLog:
      return "\(115 + vcpu)@\(time):vfio_region_"
        + (index % 2 == 0
          ? "write  (0000:00:05.0:region0+0x\(offset), 0x\(value), 4)"
          : "read  (0000:00:05.0:region0+0x\(offset), 4) = 0x\(value)")
    case .mmiotrace: return "W 4 \(time) 1 0xfe\(offset) 0x\(value) 0x0 0"
    case .rwmmio:
      // An access and the event behind it.
      let event = index % 2 == 0 ? "rwmmio_write" : "rwmmio_post_write"
      return "              dd-96      [00\(index / 2 % 4)] .....    \(time): \(event): "
        + "nvme_queue_rqs+0xd8/0x178 -> nvme_submit_cmds.part.0+0x190/0x1c0 width=32 "
        + "val=0x\(index / 2) addr=0xffff800080c2b018"
    case .kvmMMIO:
      return " qemu-system-aar-\(150 + vcpu)   [00\(vcpu)]    \(time): kvm_mmio:             "
        + "mmio write len 4 gpa 0x8\(offset) val 0x\(value)"
    case .m1n1:
      return "[cpu\(vcpu)] [0xfffffe00089a1234] MMIO: W.4   0x23c54100c "
        + "(dptx-phy[0], offset 0x100c) = 0x\(value)"
    case .plugin:
      return "w \(vcpu) \(16_932_619_581 + 700 * index) 0x210ffc 0x80\(offset) 8 0x\(value) "
        + "0x00 0xf900016d RAM"
    }
  }
}
