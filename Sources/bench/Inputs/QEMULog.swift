import TraceIO

extension Workload {
  /// Writes a log as QEMU's `log` back end does with `-msg timestamp=on`: one store a line.
  static func writeLog(records: Int, path: String) throws {
    let file = try OutputFile(path: path)
    var generator = Generator()
    var text = ""
    for index in 0..<records {
      let offset = String(generator.next(below: 1 << 20) * 8, radix: 16)
      let value = String(generator.next(below: 1 << 32), radix: 16)
      let vcpu = generator.next(below: 4)
      let (seconds, fraction) = (1_795_343_881 + index / 900_000, 100_000 + index % 900_000)
      text +=
        "\(30_000 + vcpu)@\(seconds).\(fraction):memory_region_ops_write cpu \(vcpu) "
        + "mr 0x55ff86d92830 addr 0x1\(offset) value 0x\(value) size 4 name 'nvme'\n"
      if text.utf8.count > 65_536 {
        try file.write(text)
        text = ""
      }
    }
    try file.write(text)
    try file.commit()
  }
}
