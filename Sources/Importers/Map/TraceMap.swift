public import TraceCore
import YAMLInput

/// What a user knows of a capture's windows (`--map`): regions, their types, functions' images.
public struct TraceMap: Sendable, Equatable {
  /// What it says of regions, in the file's order; no window overlaps another.
  public var entries: [MapRegion]
  /// Dumps of configuration space to be read, in the file's order.
  public var configImages: [ConfigImage]

  /// A function and the file that holds its configuration space as `lspci -xxxx` prints it.
  public struct ConfigImage: Sendable, Equatable {
    public var function: PCIFunction
    /// Ready to be opened: relative to the map's folder, unless absolute.
    public var path: String
    /// An error at the map's key that names it, without words of its own.
    private var place: TraceError?

    public init(function: PCIFunction, path: String) {
      self.function = function
      self.path = path
    }

    init(function: PCIFunction, path: String, node: YAMLNode) {
      self.init(function: function, path: path)
      place = node.error(path)
    }

    public static func == (left: Self, right: Self) -> Bool {
      left.function == right.function && left.path == right.path
    }

    /// What is wrong with the file, with file, line and key of the map that names it.
    ///
    /// - Parameter error: Why it cannot be read.
    /// - Returns: The error to throw.
    public func error(_ error: TraceError) -> TraceError {
      guard var located = place else { return error }
      located.code = error.code
      located.message += ": " + error.message
      return located
    }
  }

  public init(entries: [MapRegion] = [], configImages: [ConfigImage] = []) {
    self.entries = entries
    self.configImages = configImages
  }

  /// Regions with a base.
  public var regions: [Region] { entries.filter(\.hasBase).map(\.region) }

  /// Regions without a base (it is 0).
  public var regionsWithoutBase: [Region] { entries.filter { !$0.hasBase }.map(\.region) }
}
