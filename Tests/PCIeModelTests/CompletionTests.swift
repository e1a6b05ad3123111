import PCIeModel
import Testing

/// How reads are answered, against every cut that the rules allow.
@Suite struct CompletionTests {
  private func pieces(
    _ address: UInt64, _ bytes: Int, rcb: Int = 64, mps: Int = 256, _ split: CompletionSplit
  ) -> [CompletionPiece] {
    CompletionPiece.pieces(
      address: address, bytes: bytes, boundary: rcb, maxPayload: mps, split: split)
  }

  // The published example: RCB 64, 256 bytes from 0x20 on take 1 (256) to 5 pieces.
  @Test func `256 bytes from 0x20 on take one to five completions`() {
    #expect(pieces(0x20, 256, .few).map(\.bytes) == [256])
    let most = pieces(0x20, 256, .rcb)
    #expect(most.map(\.bytes) == [32, 64, 64, 64, 32])
    #expect(most.map(\.byteCount) == [256, 224, 160, 96, 32])
    #expect(most.map(\.lowerAddress) == [0x20, 0x40, 0x00, 0x40, 0x00])
    #expect(most.map(\.dwords) == [8, 16, 16, 16, 8])
  }

  /// Least and most completions of a request of whole DWs, by trying every legal end.
  private func bounds(_ start: Int, _ end: Int, rcb: Int, mps: Int) -> (least: Int, most: Int) {
    var least = [end: 0]
    var most = [end: 0]
    for from in stride(from: end - 4, through: start, by: -4) {
      let ends = stride(from: from + 4, through: min(end, from + mps), by: 4).filter {
        ($0 == end || $0 % rcb == 0) && least[$0] != nil
      }
      guard from == start || from % rcb == 0 else { continue }
      least[from] = 1 + ends.compactMap { least[$0] }.reduce(1 << 20, min)
      most[from] = 1 + ends.compactMap { most[$0] }.reduce(0, max)
    }
    return (least[start] ?? 0, most[start] ?? 0)
  }

  @Test(arguments: [64, 128], [128, 256])
  func `few and rcb are the least and the most that any legal cut has`(rcb: Int, mps: Int) {
    for start in stride(from: 0, to: 128, by: 4) {
      for length in stride(from: 4, through: 640, by: 4) {
        let found = bounds(start, start + length, rcb: rcb, mps: mps)
        let few = pieces(UInt64(start), length, rcb: rcb, mps: mps, .few)
        let many = pieces(UInt64(start), length, rcb: rcb, mps: mps, .rcb)
        #expect(few.count == found.least && many.count == found.most, "\(start) \(length)")
        // The closed forms: floor((a + L - 1) / RCB) - floor(a / RCB) + 1; and 1 up to MPS, else
        // the first to floor((a + MPS) / RCB) x RCB, then MPS each.
        #expect(many.count == (start + length - 1) / rcb - start / rcb + 1)
        let first = (start + mps) / rcb * rcb - start
        let least = length <= mps ? 1 : 1 + (length - first + mps - 1) / mps
        #expect(few.count == least)
      }
    }
  }

  @Test(arguments: CompletionSplit.allCases)
  func `pieces are legal and say what is left, wherever the first byte is`(split: CompletionSplit) {
    for (rcb, mps) in [(64, 128), (64, 256), (128, 128), (128, 512)] {
      for address in UInt64(0x1000)..<0x1080 {
        for bytes in stride(from: 1, through: 700, by: 23) {
          check(pieces(address, bytes, rcb: rcb, mps: mps, split), address, bytes, rcb, mps)
        }
      }
    }
  }

  private func check(
    _ pieces: [CompletionPiece], _ address: UInt64, _ bytes: Int, _ rcb: Int, _ mps: Int
  ) {
    var next = address
    for (index, piece) in pieces.enumerated() {
      let end = piece.address + UInt64(piece.bytes)
      #expect(piece.address == next && piece.bytes > 0)
      #expect(piece.byteCount == Int(address) + bytes - Int(next))
      #expect(Int(piece.lowerAddress) == Int(next % 128))
      #expect(piece.dwords == Int((end + 3) / 4 - next / 4) && 4 * piece.dwords <= mps)
      #expect(index == pieces.count - 1 || end % UInt64(rcb) == 0)
      next = end
    }
    #expect(next == address + UInt64(bytes))
  }

  // PCI Express Base Specification 5.0, section 2.2.9: an AtomicOp's Byte Count is the operand's
  // size, of other requests without a memory read's data 4; Lower Address is 0.
  @Test func `completions of other requests are one, with a fixed Byte Count`() {
    let atomic = TLP.atomic(.compareAndSwap, address: 0x1030, operandBytes: 16)
    let expected: [(TLP, TLPType, dwords: Int, count: Int)] = [
      (atomic, .completionWithData, 4, 16),
      (TLP.atomic(.swap, address: 0x1038, operandBytes: 8), .completionWithData, 2, 8),
      (TLP.configRead(function: 9, register: 0x3d, bytes: 1), .completionWithData, 1, 4),
      (TLP.configWrite(function: 9, register: 0x3d, bytes: 1), .completion, 0, 4),
    ]
    for (request, type, dwords, count) in expected {
      let answers = request.completions(.rcb, link: link(4, 16), completer: 9)
      #expect(answers.map(\.type) == [type])
      #expect(answers.map(\.dwords) == [dwords])
      let fields = CompletionFields(
        completer: 9, status: .successful, byteCount: count, lowerAddress: 0)
      #expect(answers.map(\.route) == [.completion(fields)])
      #expect(answers[0].completions(.few, link: link(4, 16), completer: 9).isEmpty)
    }
  }

  @Test func `what is no request is the caller's mistake`() async {
    await #expect(processExitsWith: .failure) {
      _ = TLP.atomic(.fetchAdd, address: 0x1000, operandBytes: 16)
    }
    await #expect(processExitsWith: .failure) {
      _ = TLP.atomic(.swap, address: 0x1004, operandBytes: 8)
    }
    await #expect(processExitsWith: .failure) {
      _ = TLP.configRead(function: 0, register: 0x3e, bytes: 4)
    }
  }
}
