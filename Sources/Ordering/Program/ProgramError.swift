/// Why a program cannot be explored.
public struct ProgramError: Error, Sendable, Equatable {
  public var message: String

  init(_ message: String) { self.message = message }
}

extension ProgramError: CustomStringConvertible {
  public var description: String { message }
}
