import TraceCore
import YAMLInput

/// The error that a body throws, as text; what it returned instead where it throws none.
func failure<Value>(_ body: () throws(TraceError) -> Value) -> String {
  do {
    return "no error: \(try body())"
  } catch {
    return error.description
  }
}

/// A document that is a mapping `key: TEXT`; the node of the key.
func node(_ text: String) throws -> YAMLNode {
  try YAMLDocument(text: "key: \(text)\n", file: "f").root.mapping(allowed: ["key"]).required("key")
}
