/// Error numbers that KVM's stage 2 returns (Linux `errno-base.h`).
public enum LinuxError: Int32, Sendable, CaseIterable {
  case enoexec = 8
  case efault = 14
  case einval = 22

  /// `ENOEXEC`, `EFAULT` or `EINVAL`.
  public var name: String {
    switch self {
    case .enoexec: "ENOEXEC"
    case .efault: "EFAULT"
    case .einval: "EINVAL"
    }
  }
}
