import TraceCore
import TraceEdit

/// Several captures as one trace: each after the one before.
enum InputChain {
  /// Opens captures to be imported.
  ///
  /// - Parameters:
  ///   - paths: One or more files.
  ///   - options: How they are read.
  ///   - clocks: What becomes of their time stamps where there is more than one.
  ///   - threads: Cores to use.
  /// - Returns: The blocks of all of them.
  /// - Throws: ``TraceError`` when one cannot be opened.
  static func open(
    _ paths: [String], _ options: InputOptions, clocks: ConcatenatedSource.Clocks = .asRecorded,
    threads: Int = CoreOptions.all
  ) throws(TraceError) -> any BlockSource {
    if paths.count == 1 { return try options.open(paths[0], hashes: false, threads: threads) }
    // Captures of different runs have threads and BARs of their own.
    return try options.open(paths, continues: clocks == .asRecorded, threads: threads) {
      ConcatenatedSource($0, clocks: clocks)
    }
  }
}
