/// Numbers of the native trace format; see the article *The native trace*.
enum NativeFormat {
  /// Skippable zstd frame that opens a trace.
  static let headerMagic: UInt32 = 0x184d_2a50
}
