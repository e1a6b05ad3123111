extension Access {
  var isSingle64: Bool { form == .single64 || form == .single64WithStatus }
}

/// Equal pieces, a shorter one last.
func cut(_ size: Int, into piece: Int) -> [Int] {
  stride(from: 0, to: size, by: piece).map { min(piece, size - $0) }
}
