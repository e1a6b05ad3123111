public import TraceCore
import Yams

/// A mapping whose keys have been checked.
public struct YAMLMapping {
  /// The mapping itself, for errors about the whole.
  public let node: YAMLNode
  /// In the order of the file.
  public let keys: [String]
  private let children: [String: YAMLNode]

  init(node: YAMLNode, keys: [String], children: [String: YAMLNode]) {
    self.node = node
    self.keys = keys
    self.children = children
  }

  /// The value of a key; nil where the key is absent.
  public subscript(key: String) -> YAMLNode? { children[key] }

  /// The value of a key that must be there.
  ///
  /// - Throws: ``TraceError`` at the mapping when the key is absent.
  public func required(_ key: String) throws(TraceError) -> YAMLNode {
    guard let child = children[key] else { throw node.error("missing key '\(key)'") }
    return child
  }
}

extension YAMLNode {
  /// The node as a mapping with known keys.
  ///
  /// - Parameter allowed: Every key that may occur.
  /// - Returns: Its values by key.
  /// - Throws: ``TraceError`` when the node is no mapping or has another key, with the nearest
  ///   allowed one.
  public func mapping(allowed: [String]) throws(TraceError) -> YAMLMapping {
    guard case .mapping(let pairs) = node else {
      throw error("expected a mapping, found \(found)")
    }
    var keys: [String] = []
    var children: [String: YAMLNode] = [:]
    for (key, value) in pairs {
      let place = YAMLNode(node: key, path: path, source: source)
      guard case .scalar(let scalar) = key else { throw place.error("a key must be a word") }
      guard allowed.contains(scalar.string) else {
        let hint = didYouMean(scalar.string, among: allowed)
        throw place.error("unknown key '\(shortened(scalar.string))'\(hint)")
      }
      // Twice here only where tags or quotes made the parser see two different keys.
      guard children[scalar.string] == nil else {
        throw place.error("duplicate key '\(scalar.string)'")
      }
      keys.append(scalar.string)
      children[scalar.string] = child(value, key: scalar.string)
    }
    return YAMLMapping(node: self, keys: keys, children: children)
  }
}
