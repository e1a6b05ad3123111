/// How a set of bytes that leaves the CPU at once becomes memory writes (Replay's article Model,
/// "TLPs and bytes").
///
/// Lines and bus accesses are at most 128 bytes, so no group ever exceeds a legal
/// Max_Payload_Size and only the 4 KiB rule can cut one.
///
/// - Parameters:
///   - bytes: Addresses of the enabled bytes, ascending, not empty.
///   - split: `runs`, `minimal`, `aligned` or `qword`.
///   - isFullLine: The bytes are a whole gathering line.
/// - Returns: One list of addresses a TLP, in address order.
public func naiveSplit(_ bytes: [UInt64], _ split: String, isFullLine: Bool) -> [[UInt64]] {
  if split == "qword" {
    return isFullLine ? [bytes] : naiveGroups(bytes) { $0 / 8 == $1 / 8 }
  }
  let pages = naiveGroups(bytes) { $0 / 4096 == $1 / 4096 }
  switch split {
  case "runs": return pages.flatMap(naiveRuns)
  case "aligned": return pages.flatMap(naiveRuns).flatMap(naiveAlignedPieces)
  case "minimal": return pages.flatMap(naiveMinimal)
  default: preconditionFailure("unknown split: \(split)")
  }
}

/// Cuts a list between neighbours that do not belong together.
func naiveGroups(
  _ bytes: [UInt64], together: (UInt64, UInt64) -> Bool
) -> [[UInt64]] {
  var groups: [[UInt64]] = []
  for byte in bytes {
    if let last = groups.last?.last, together(last, byte) {
      groups[groups.count - 1].append(byte)
    } else {
      groups.append([byte])
    }
  }
  return groups
}

private func naiveRuns(_ bytes: [UInt64]) -> [[UInt64]] {
  naiveGroups(bytes) { $0 + 1 == $1 }
}

/// From the low end always the largest power of two that is aligned and fits.
private func naiveAlignedPieces(_ run: [UInt64]) -> [[UInt64]] {
  var pieces: [[UInt64]] = []
  var rest = run[...]
  while let first = rest.first {
    var size = 1
    while size * 2 <= rest.count, first % UInt64(size * 2) == 0 { size *= 2 }
    pieces.append(Array(rest.prefix(size)))
    rest = rest.dropFirst(size)
  }
  return pieces
}

/// The shortest list of legal groups, among equals the fewest DWs (byte enables of PCIe
/// Base 5.0, 2.2.5).
///
/// The rule leaves ties open; here the lowest group is then the longest possible, and so on
/// upwards. A tie decides the histogram and, in flit mode, which TLPs need byte enables.
private func naiveMinimal(_ bytes: [UInt64]) -> [[UInt64]] {
  let count = bytes.count
  // best[i]: TLPs and DWs for bytes i..., and where the first group ends.
  var best = [(tlps: Int, dwords: Int, end: Int)](repeating: (0, 0, 0), count: count + 1)
  for start in stride(from: count - 1, through: 0, by: -1) {
    best[start] = (Int.max, Int.max, 0)
    for end in (start + 1)...count {
      guard isLegalGroup(bytes, start, end) else { break }
      let tlps = 1 + best[end].tlps
      let dwords = Int(bytes[end - 1] / 4 - bytes[start] / 4) + 1 + best[end].dwords
      if (tlps, dwords) <= (best[start].tlps, best[start].dwords) {
        best[start] = (tlps, dwords, end)
      }
    }
  }
  var groups: [[UInt64]] = []
  var start = 0
  while start < count {
    groups.append(Array(bytes[start..<best[start].end]))
    start = best[start].end
  }
  return groups
}

/// One contiguous run, or inside one aligned 8 bytes.
private func isLegalGroup(_ bytes: [UInt64], _ start: Int, _ end: Int) -> Bool {
  let isRun = bytes[end - 1] - bytes[start] == UInt64(end - 1 - start)
  return isRun || bytes[end - 1] / 8 == bytes[start] / 8
}
