import Testing

@testable import Timeline

/// The examples of protobuf.dev, "Encoding".
struct ProtobufWriterTests {
  @Test func `an integer, a text and a message are encoded as the documentation has them`() {
    var writer = ProtobufWriter()
    writer.add(1, 150)
    #expect(writer.take() == [0x08, 0x96, 0x01])
    writer.add(2, "testing")
    #expect(writer.take() == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67])
    writer.add(3) { $0.add(1, 150) }
    #expect(writer.take() == [0x1a, 0x03, 0x08, 0x96, 0x01])
    #expect(writer.bytes.isEmpty)
  }

  /// -2 as an int64 is 2^64 - 2: ten bytes; field 16 and up need two bytes of tag.
  @Test func `the longest integers, and numbers of two bytes`() {
    var writer = ProtobufWriter()
    writer.add(1, UInt64.max - 1)
    #expect(
      writer.take() == [0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
    writer.add(47, fixed64: 0x0102_0304_0506_0708)
    #expect(writer.take() == [0xf9, 0x02, 8, 7, 6, 5, 4, 3, 2, 1])
    writer.add(1, 0)
    #expect(writer.take() == [0x08, 0x00])
  }
}
