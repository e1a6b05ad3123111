extension Access {
  /// The instruction consists of elements that are atomic each on its own.
  var hasElements: Bool {
    switch form {
    case .vector, .scalable, .memoryCopy, .zeroBlock: true
    case .pair: size >= 16
    default: false
    }
  }

  var isSingle64: Bool { form == .single64 || form == .single64WithStatus }
}

/// Equal pieces, a shorter one last.
func cut(_ size: Int, into piece: Int) -> [Int] {
  stride(from: 0, to: size, by: piece).map { min(piece, size - $0) }
}
