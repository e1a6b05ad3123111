import Testing
import TraceCore
import TraceIO

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

struct OutputFileTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func `a file has its name only after the commit`() throws {
    let output = try OutputFile(path: scratch.path("a.csv"))
    try output.write("first,")
    try output.write([UInt8](repeating: 0x78, count: 300_000))
    try output.write("last\n")
    #expect(output.bytesWritten == 300_011)
    #expect(!scratch.exists("a.csv"))
    try output.commit()
    #expect(
      try scratch.bytes("a.csv")
        == Array("first,".utf8) + [UInt8](repeating: 0x78, count: 300_000) + Array("last\n".utf8))
    #expect(!scratch.exists("a.csv.part"))
  }

  @Test func `without a commit nothing stays and an older file is kept`() throws {
    let path = try scratch.file("a.csv", [1, 2, 3])
    do {
      let output = try OutputFile(path: path)
      try output.write("new")
      try output.flush()
      #expect(try scratch.bytes("a.csv") == [1, 2, 3])
    }
    #expect(!scratch.exists("a.csv.part"))
    #expect(try scratch.bytes("a.csv") == [1, 2, 3])
  }

  /// It may be a user's file, or another process's that is still at work.
  @Test func `a file that has the name of a part is left alone`() throws {
    _ = try scratch.file("a.csv.part", [1])
    _ = try scratch.file("a.csv.2.part", [2])
    let output = try OutputFile(path: scratch.path("a.csv"))
    try output.write("new")
    try output.commit()
    #expect(try scratch.bytes("a.csv") == Array("new".utf8))
    #expect(try scratch.bytes("a.csv.part") == [1])
    #expect(try scratch.bytes("a.csv.2.part") == [2])
    #expect(!scratch.exists("a.csv.3.part"))
  }

  @Test func `a symbolic link to what is not there yet stays one, too`() throws {
    #expect(unsafe symlink("real.csv", scratch.path("second.csv")) == 0)
    #expect(unsafe symlink(scratch.path("second.csv"), scratch.path("first.csv")) == 0)
    let output = try OutputFile(path: scratch.path("first.csv"))
    try output.write("new")
    try output.commit()
    #expect(try scratch.bytes("real.csv") == Array("new".utf8))
    var buffer = [CChar](repeating: 0, count: 16)
    #expect(unsafe readlink(scratch.path("second.csv"), &buffer, 16) == 8)
  }

  /// Links that lead to each other lead nowhere.
  @Test func `a ring of symbolic links is an error`() throws {
    #expect(unsafe symlink("b.csv", scratch.path("a.csv")) == 0)
    #expect(unsafe symlink("a.csv", scratch.path("b.csv")) == 0)
    #expect(throws: TraceError.self) { _ = try OutputFile(path: scratch.path("a.csv")) }
    var buffer = [CChar](repeating: 0, count: 16)
    for name in ["a.csv", "b.csv"] {
      #expect(unsafe readlink(scratch.path(name), &buffer, 16) == 5, "\(name) is a link still")
    }
  }

  /// A file behind a descriptor goes on where it is; opened anew it would begin at its start.
  @Test func `an open descriptor is written where it stands`() throws {
    let path = try scratch.file("log", Array("old\n".utf8))
    let descriptor = unsafe open(path, O_WRONLY | O_APPEND)
    try #require(descriptor >= 0)
    defer { _ = close(descriptor) }
    let output = try OutputFile(path: "/dev/fd/\(descriptor)")
    try output.write("new\n")
    try output.commit()
    #expect(try scratch.bytes("log") == Array("old\nnew\n".utf8))
    #expect(fcntl(descriptor, F_GETFD) != -1, "it stays open")
  }

  @Test(.enabled(if: unsafe access("/dev/shm", W_OK) == 0))
  func `a file below /dev is a file`() throws {
    let path = "/dev/shm/mmioscope-test-\(getpid())"
    defer { _ = unsafe unlink(path) }
    for text in ["a longer text", "short"] {
      let output = try OutputFile(path: path)
      try output.write(text)
      try output.commit()
      let file = try InputFile(path: path)
      #expect(file.head == Array(text.utf8))
    }
  }

  @Test func `a symbolic link stays one, and what it points to is replaced`() throws {
    let path = try scratch.file("real.csv", [1])
    #expect(unsafe symlink("real.csv", scratch.path("link.csv")) == 0)
    let output = try OutputFile(path: scratch.path("link.csv"))
    try output.write("new")
    try output.commit()
    var status = stat()
    #expect(unsafe lstat(scratch.path("link.csv"), &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFLNK)
    #expect(try scratch.bytes("real.csv") == Array("new".utf8))
    #expect(path.hasSuffix("real.csv"))
  }

  @Test func `a file has the rights that the process gives`() throws {
    let output = try OutputFile(path: scratch.path("a.csv"))
    try output.write("x")
    try output.commit()
    let mask = umask(0)
    umask(mask)
    var status = stat()
    #expect(unsafe stat(scratch.path("a.csv"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o666 & ~mask)
  }

  @Test func `a full device is an error of the operating system`() throws {
    let output = try OutputFile(path: "/dev/full")
    try output.write("x")
    let error = #expect(throws: TraceError.self) { try output.commit() }
    #expect(error?.code == .io)
    #expect(error?.message.contains("No space left") == true)
    let large = #expect(throws: TraceError.self) {
      try OutputFile(path: "/dev/full").write([UInt8](repeating: 0, count: 1 << 20))
    }
    #expect(large?.code == .io)
  }

  @Test func `a pipe whose reader has gone is told apart`() throws {
    // As the command does; otherwise the signal ends the process.
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    #expect(unsafe pipe(&ends) == 0)
    let output = try OutputFile(path: "/dev/fd/\(ends[1])")
    close(ends[0])
    try output.write("text\n")
    let error = #expect(throws: TraceError.self) { try output.flush() }
    #expect(error?.code == .brokenPipe)
    close(ends[1])
  }

  @Test func `what cannot be written is refused at once`() throws {
    for path in [scratch.folder, scratch.path("none/a.csv")] {
      let error = #expect(throws: TraceError.self) { try OutputFile(path: path) }
      #expect(error?.code == .io)
      #expect(error?.file == path)
    }
  }
}
