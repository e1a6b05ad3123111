import ArgumentParser

/// Reads the path that an option writes to.
///
/// Every output option has it as its transform. An empty path, as of a shell variable that is not
/// set, would name the root directory's files.
///
/// - Parameter text: The option's value.
/// - Returns: The same.
/// - Throws: `ValidationError` where it is empty, to which the parser adds the option.
@Sendable func outputPath(_ text: String) throws -> String {
  guard !text.isEmpty else {
    throw ValidationError("the path is empty; is a variable not set?")
  }
  return text
}
