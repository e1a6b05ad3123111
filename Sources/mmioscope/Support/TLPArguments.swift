import ConfigSpace
import TraceCore
import YAMLInput

/// Addresses, ranges and functions as `tlp` takes them.
enum TLPArguments {
  /// The most bytes that one write or read may have: what is printed must be read by someone.
  static let largestRange = 1 << 24

  /// A number as everywhere else, decimal or with 0x hexadecimal.
  private static func number(_ text: Substring) -> UInt64? {
    if case .value(let number) = IntegerText(text) { number } else { nil }
  }

  /// An address of which so many bytes lie below 2^64.
  ///
  /// - Parameters:
  ///   - text: What was written.
  ///   - option: Name for errors, with its dashes.
  ///   - bytes: Bytes from the address on.
  ///   - what: What they are.
  /// - Returns: The address.
  /// - Throws: `TraceError.configuration`.
  static func address(
    _ text: String, option: String, bytes: Int, what: String
  ) throws(TraceError) -> UInt64 {
    guard let address = number(text[...]) else {
      throw error("\(option) is '\(text)', which is not an address")
    }
    guard address <= UInt64.max - UInt64(bytes - 1) else {
      throw error("\(option) is '\(text)': the \(what) reaches beyond 2^64")
    }
    return address
  }

  /// Consecutive bytes: `0x1000+64`.
  ///
  /// - Parameters:
  ///   - text: What was written.
  ///   - option: Name for errors, with its dashes.
  /// - Returns: The first byte's address, and how many there are.
  /// - Throws: `TraceError.configuration`.
  static func range(
    _ text: String, option: String
  ) throws(TraceError) -> (address: UInt64, bytes: Int) {
    let parts = text.split(separator: "+", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw error("\(option) is '\(text)'; expected ADDR+LEN, for example 0x10000000+64")
    }
    guard let length = number(parts[1]), 1...UInt64(largestRange) ~= length else {
      throw error(
        "\(option) is '\(text)': '\(parts[1])' is not a number of bytes, 1 to \(largestRange)"
          + (number(parts[1]) == 0 ? " (see --zero-length)" : ""))
    }
    let bytes = Int(length)
    let address = try address(String(parts[0]), option: option, bytes: bytes, what: "range")
    return (address, bytes)
  }

  /// A function as bus, device and function: `01:00.0`.
  ///
  /// - Parameters:
  ///   - text: Bus and device hexadecimal, as lspci prints them.
  ///   - option: Name for errors, with its dashes.
  /// - Returns: Bus 15:8, device 7:3, function 2:0.
  /// - Throws: `TraceError.configuration`.
  static func function(_ text: Substring, option: String) throws(TraceError) -> UInt16 {
    // A routing ID has no segment.
    guard text.count(where: { $0 == ":" }) == 1, let function = PCIFunction(String(text)) else {
      throw error("\(option): '\(text)' is not a function; expected BUS:DEVICE.FUNCTION: 01:00.0")
    }
    return function.routingID
  }

  /// A function's register: `01:00.0:0x04`.
  ///
  /// - Parameters:
  ///   - text: What was written.
  ///   - option: Name for errors, with its dashes.
  /// - Returns: The function, and the byte offset, 0 to 4095.
  /// - Throws: `TraceError.configuration`.
  static func register(
    _ text: String, option: String
  ) throws(TraceError) -> (function: UInt16, register: Int) {
    guard let colon = text.lastIndex(of: ":"), text[..<colon].contains(":") else {
      throw error("\(option) is '\(text)'; expected BDF:REG, for example 01:00.0:0x04")
    }
    let function = try function(text[..<colon], option: option)
    let digits = text[text.index(after: colon)...]
    guard let register = number(digits), register < 4096 else {
      throw error("\(option): '\(digits)' is not a register, 0 to 0xfff")
    }
    return (function, Int(register))
  }

  /// The mask of a list of bytes and ranges.
  ///
  /// - Parameters:
  ///   - text: `0-7,16-63`.
  ///   - lineBytes: Bytes of the line; the largest that may be named is one less.
  /// - Returns: The mask, never empty.
  /// - Throws: `TraceError.configuration` naming the wrong item.
  static func mask(_ text: String, lineBytes: Int) throws(TraceError) -> UInt128 {
    let list = try NumberList(
      text, option: "--bytes", what: "a byte of the line (see --line)", limits: 0...lineBytes - 1)
    return list.ranges.joined().reduce(0) { $0 | 1 << UInt128($1) }
  }

  static func error(_ message: String) -> TraceError { TraceError(.configuration, message) }
}
