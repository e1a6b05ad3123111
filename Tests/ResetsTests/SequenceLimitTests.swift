import Resets
import Testing

/// What is kept of a stream that never stops resetting.
@Suite struct SequenceLimitTests {
  // By hand: one FLR every 100 ms; the first ones are kept, as the replay keeps the first cases.
  @Test(arguments: [0, 1, 3, 5, 9])
  func `the first resets have sequences, those beyond the limit none`(limit: Int) {
    var stream = Stream()
    stream.recogniser = SequenceRecogniser(limit: limit)
    var records: [UInt64] = []
    for _ in 0..<5 {
      stream.save()
      stream.commandOff()
      records.append(stream.write(0x68, 2, 0x8000))
      stream.sleep(ms: 100)
      stream.deviceWait()
      stream.restore()
    }
    let sequences = stream.finish()
    #expect(sequences.map(\.resetRecord) == Array(records.prefix(limit)))
    #expect(sequences.allSatisfy { $0.method.id == "linux-flr" })
  }
}
