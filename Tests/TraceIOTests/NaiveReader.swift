import CZstd
import FoundationEssentials
import TraceCore

/// Reads native traces by the article *The native trace* alone, slowly and with no shared code.
///
/// For sound traces only.
struct NaiveReader {
  /// A section as it lies in the file.
  struct Section {
    var kind: String
    var offset: Int
    var head: [UInt8]
    var parts: [(id: UInt32, frame: [UInt8], content: [UInt8])]

    func content(_ id: UInt32) -> [UInt8]? { parts.first { $0.id == id }?.content }
    var firstRecord: UInt64 { number(head, 8, 8) }
    var count: Int { Int(number(head, 16, 4)) }
  }

  var sections: [Section] = []

  init(_ bytes: [UInt8]) {
    var place = 0
    while place < bytes.count {
      let magic = number(bytes, place, 4)
      let size = Int(number(bytes, place + 4, 4))
      let start = place
      place += 8 + size
      guard magic == 0x184d_2a51 else { continue }
      let head = Array(bytes[start + 8..<place])
      var section = Section(
        kind: String(decoding: head[..<4], as: UTF8.self), offset: start, head: head, parts: [])
      for part in 0..<Int(number(head, 40, 4)) {
        let row = 44 + 12 * part
        let stored = Int(number(head, row + 4, 4))
        let frame = Array(bytes[place..<place + stored])
        section.parts.append(
          (
            UInt32(number(head, row, 4)), frame,
            unzip(frame, size: Int(number(head, row + 8, 4)))
          ))
        place += stored
      }
      sections.append(section)
    }
  }

  /// The blocks, in the shape that the tests compare.
  var blocks: [Block] {
    sections.filter { $0.kind == "BLCK" }.map { section in
      let block = Block()
      block.firstRecord = section.firstRecord
      block.count = section.count
      decodeRuns(section.content(1) ?? [], block)
      block.times = decodeSteps(section.content(2) ?? [], section.count)
      block.configValues = section.content(3) ?? []
      block.values = section.content(4) ?? []
      block.codeAddresses = decodeCode(section.content(5), demand(block, .codeAddress))
      if let lines = section.content(6) {
        block.lines = decodeSteps(lines, demand(block, .line))
      }
      return block
    }
  }

  private func demand(_ block: Block, _ column: RecordClass.Columns) -> Int {
    zip(block.runTokens, block.runCounts).reduce(0) {
      $0 + (block.classes[Int($1.0)].columns.contains(column) ? Int($1.1) : 0)
    }
  }

  private func decodeRuns(_ bytes: [UInt8], _ block: Block) {
    let runs = Int(number(bytes, 0, 4))
    let classes = Int(number(bytes, 4, 2))
    let hasCounts = bytes[6] == 1
    let width = Int(bytes[7])
    let longs = Int(number(bytes, 8, 4))
    let exceptionCount = Int(number(bytes, 12, 4))
    var bases: [UInt64] = []
    var place = 16
    for _ in 0..<classes {
      let packed = (number(bytes, place, 8), number(bytes, place + 8, 8))
      if let entry = RecordClass(packed: packed) { block.classes.append(entry) }
      bases.append(number(bytes, place + 16, 8))
      place += 24
    }
    var exceptions = (0..<exceptionCount).map { number(bytes, place + $0 * width, width) }[...]
    place += exceptionCount * width
    var long = (0..<longs).map { number(bytes, place + 2 * $0, 2) }[...]
    place += 2 * longs
    for run in 0..<runs {
      guard hasCounts else {
        block.runCounts.append(1)
        continue
      }
      let byte = bytes[place + run]
      block.runCounts.append(UInt16(byte == 255 ? long.removeFirst() : UInt64(byte) + 1))
    }
    place += hasCounts ? runs : 0
    block.runTokens = Array(bytes[place..<place + runs])
    place += runs
    var (starts, ends) = (bases, bases)
    // Runs that are no accesses share one place, as if they were one more vCPU's.
    var vcpuEnds: [Int: UInt64] = [:]
    for run in 0..<runs {
      let token = Int(block.runTokens[run])
      let entry = block.classes[token]
      let isAccess = entry.operation == .store || entry.operation == .load
      let vcpu = isAccess ? Int(entry.vcpu) : -1
      let address: UInt64
      switch bytes[place + run / 4] >> (run % 4 * 2) & 3 {
      case 0: address = vcpuEnds[vcpu] ?? 0
      case 1: address = starts[token]
      case 2: address = ends[token]
      default: address = bases[token] + exceptions.removeFirst()
      }
      block.runAddresses.append(address)
      starts[token] = address
      ends[token] = address + (isAccess ? UInt64(entry.size) * UInt64(block.runCounts[run]) : 0)
      vcpuEnds[vcpu] = ends[token]
    }
  }

  private func decodeSteps(_ bytes: [UInt8], _ count: Int) -> [UInt64] {
    let mode = bytes[0]
    let first = number(bytes, 8, 8)
    let unit = number(bytes, 16, 8)
    let wideCount = Int(number(bytes, 24, 4))
    let shortCount = Int(number(bytes, 28, 4))
    var wide = (0..<wideCount).map { number(bytes, 32 + 8 * $0, 8) }[...]
    var short = (0..<shortCount).map { number(bytes, 32 + 8 * wideCount + 2 * $0, 2) }[...]
    let plane = 32 + 8 * wideCount + 2 * shortCount
    let width = [0, 1, 2, 4, 8][Int(mode)]
    var numbers = [first]
    for index in 0..<count - 1 {
      let step = number(bytes, plane + index * width, width)
      let delta: UInt64
      switch (mode, step) {
      case (0, _): delta = unit
      case (4, _): delta = step
      case (1, 254): delta = short.removeFirst() * unit
      case (1, 255), (2, 0xffff), (3, 0xffff_ffff): delta = wide.removeFirst()
      default: delta = step * unit
      }
      numbers.append(numbers[index] &+ delta)
    }
    return numbers
  }

  private func decodeCode(_ bytes: [UInt8]?, _ count: Int) -> [UInt64] {
    guard let bytes else { return [] }
    let entries = Int(number(bytes, 0, 4))
    let width = Int(number(bytes, 4, 4))
    return (0..<count).map { record in
      let value = number(bytes, 8 + 8 * entries + record * width, width)
      return width == 8 ? value : number(bytes, 8 + 8 * Int(value), 8)
    }
  }
}

/// A little-endian number of `width` bytes.
func number(_ bytes: [UInt8], _ place: Int, _ width: Int) -> UInt64 {
  bytes[place..<place + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
}

private func unzip(_ frame: [UInt8], size: Int) -> [UInt8] {
  var content = [UInt8](repeating: 0, count: size)
  let got = unsafe content.withUnsafeMutableBytes { target in
    unsafe frame.withUnsafeBytes { source in
      unsafe ZSTD_decompress(target.baseAddress, size, source.baseAddress, source.count)
    }
  }
  return got == size ? content : []
}
