public import TraceCore
import Yams

/// A node of a configuration file: its content, its place and its dotted path.
public struct YAMLNode {
  let node: Node
  /// Keys and indices from the root: `regions[0].base`; empty for the root.
  public let path: String
  let source: YAMLSource

  /// The file's name, as in errors.
  public var file: String { source.file }
  /// Line of the node's first character, from 1.
  public var line: UInt64? { node.mark.map { UInt64(max(1, $0.line)) } }

  /// An error about this node.
  ///
  /// - Parameter message: What is wrong, without place and key.
  /// - Returns: The error, code `configuration`, with file, line, column and key.
  public func error(_ message: String) -> TraceError {
    source.error(path.isEmpty ? message : "\(path): \(message)", at: node.mark)
  }

  func child(_ node: Node, key: String) -> Self {
    YAMLNode(node: node, path: path.isEmpty ? key : "\(path).\(key)", source: source)
  }

  /// The nodes of a sequence, in order.
  ///
  /// - Throws: ``TraceError`` when the node is something else.
  public func sequence() throws(TraceError) -> [YAMLNode] {
    guard case .sequence(let nodes) = node else {
      throw error("expected a sequence, found \(found)")
    }
    return nodes.enumerated().map { index, node in
      YAMLNode(node: node, path: "\(path)[\(index)]", source: source)
    }
  }

  /// The nodes of a sequence that is not empty, or a scalar alone.
  ///
  /// - Throws: ``TraceError`` when the node is something else, or holds nothing.
  public func items() throws(TraceError) -> [YAMLNode] {
    if case .scalar = node { return [self] }
    let items = try sequence()
    guard !items.isEmpty else { throw error("the list is empty") }
    return items
  }

  /// The node's kind and text, for messages.
  var found: String {
    switch node {
    case .scalar(let scalar):
      scalar.string.isEmpty && scalar.style == .plain ? "nothing" : "'\(shortened(scalar.string))'"
    case .sequence: "a sequence"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }

  /// Tags (`!!int`) would give a node another type than its text shows.
  func rejectTags() throws(TraceError) {
    let tag = node.tag.description
    // What Yams itself gives to a node without a tag, or in quotes.
    let untagged = ["str", "seq", "map"].map { "tag:yaml.org,2002:" + $0 } + ["", "!"]
    guard untagged.contains(tag) else { throw error("tags are not accepted: '\(shortened(tag))'") }
    switch node {
    case .sequence(let nodes):
      for (index, node) in nodes.enumerated() {
        try YAMLNode(node: node, path: "\(path)[\(index)]", source: source).rejectTags()
      }
    case .mapping(let pairs):
      for (key, value) in pairs { try child(value, key: key.string ?? "?").rejectTags() }
    case .scalar, .alias: break
    }
  }
}

/// The start of a text that goes into an error.
func shortened(_ text: String) -> String {
  text.count <= 60 ? text : text.prefix(57) + "..."
}
