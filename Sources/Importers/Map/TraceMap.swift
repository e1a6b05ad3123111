public import TraceCore
import YAMLInput

/// What a user knows of a capture's windows (`--map`): regions, their types, functions' images.
public struct TraceMap: Sendable, Equatable {
  /// Regions with a base, in the file's order; none overlaps another.
  public var regions: [Region]
  /// Regions without a base (it is 0): they describe the region of this name that the capture names.
  ///
  /// The size is 0 where the map does not say it.
  public var regionsWithoutBase: [Region]
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

  public init(
    regions: [Region] = [], regionsWithoutBase: [Region] = [], configImages: [ConfigImage] = []
  ) {
    self.regions = regions
    self.regionsWithoutBase = regionsWithoutBase
    self.configImages = configImages
  }
}
