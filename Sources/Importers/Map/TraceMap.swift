public import TraceCore

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

    public init(function: PCIFunction, path: String) {
      self.function = function
      self.path = path
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
