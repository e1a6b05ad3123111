import ArmMemory
import TestSupport
import Testing
import TraceCore

// The limits of a posted stream, of dependent reads and of nGnRnE stores, each from its closed form
// (PCIeModel's article Link, B7 to B12), over generation x lanes x payload.

/// Widths and payloads of the grid, with the data credits of a payload (16 bytes each).
private let widths = [1, 2, 4, 8, 12, 16]
private let payloads = [(bytes: 4, units: 1), (8, 1), (64, 4)]

/// A payload of 64 bytes is a Normal-NC line of eight stores; smaller ones are Device stores.
private func rig(generation: Int, lanes: Int, payload: Int) -> ClockRig {
  ClockRig(
    type: payload == 64 ? .normalNC : .deviceNGnRE, generation: generation, lanes: lanes)
}

extension ClockRig {
  /// Steady time in ps between two posted writes of a stream.
  fileprivate func postedPeriod(_ payload: Int, window: Int) throws -> Double {
    guard payload == 64 else {
      return try period(of: .store, size: payload, cycle: window)
    }
    return try 8 * period(of: .store, size: 8, cycle: 8 * window)
  }
}

@Suite struct `Time limits: posted stream` {
  /// Header and data credits; 0 = infinite.
  ///
  /// The last but one is no multiple of a 64-byte write's four.
  private static let credits = [
    (0, 0), (1, 0), (8, 0), (32, 0), (127, 0), (0, 32), (64, 66), (32, 1024),
  ]

  /// W = min(PH, floor(PD/u)) writes may be out; each holds its credits for T, hence W in T.
  ///
  /// PD / (u T) is the same where PD is a multiple of u; a test below says how far apart they are
  /// otherwise.
  private struct Expected {
    var window: Int
    var period: Double

    init(_ rig: ClockRig, payload: Int, units: Int) {
      let headers = rig.headerCredits == 0 ? Int.max : rig.headerCredits
      let data = rig.dataCredits == 0 ? Int.max : rig.dataCredits / units
      let out = min(headers, data)
      window = out == .max ? 16 : out
      let wire = rig.writePs(payload)
      let issue = Double(rig.issuePs) * (payload == 64 ? 8 : 1)
      let loop = out == .max ? 0 : Double(rig.creditLoopPs) / Double(out)
      period = max(issue, wire, loop)
    }
  }

  @Test(arguments: 1...7)
  func `the smallest of issue rate, credits and link rules, within 1 %`(generation: Int) throws {
    for lanes in widths {
      for (payload, units) in payloads {
        for (headers, data) in Self.credits {
          for (loop, issue) in [(100_000, 1), (300_000, 1), (1_000_000, 1), (300_000, 2_000)] {
            let rig = rig(generation: generation, lanes: lanes, payload: payload).with {
              $0.headerCredits = headers
              $0.dataCredits = data
              $0.creditLoopPs = UInt64(loop)
              $0.issuePs = UInt64(issue)
            }
            let expected = Expected(rig, payload: payload, units: units)
            let found = try rig.postedPeriod(payload, window: expected.window)
            #expect(isWithin(0.01, found, expected.period), "\(rig), \(payload) bytes")
          }
        }
      }
    }
  }

  @Test(arguments: 1...7)
  func `where credits and link cross, the limit has its corner`(generation: Int) throws {
    // W credits and the link bind alike at T = W wire; the link rules below.
    for lanes in widths {
      for (payload, _) in payloads {
        for headers in [8, 64] {
          let plain = rig(generation: generation, lanes: lanes, payload: payload)
          let corner = Double(headers) * plain.writePs(payload)
          for share in [0.5, 0.98, 1, 1.02, 2] {
            let rig = plain.with {
              $0.headerCredits = headers
              $0.creditLoopPs = UInt64(corner * share)
            }
            let wire = rig.writePs(payload)
            let credits = corner * share / Double(headers)
            let found = try rig.postedPeriod(payload, window: headers)
            #expect(isWithin(0.01, found, max(wire, credits)), "\(rig), \(payload) bytes")
          }
        }
      }
    }
  }

  @Test(arguments: 1...7)
  func `where issue and link cross, the slower one rules`(generation: Int) throws {
    for lanes in widths {
      for (payload, _) in payloads {
        let plain = rig(generation: generation, lanes: lanes, payload: payload)
        for share in [0.5, 0.98, 1.02, 2] {
          let stores = payload == 64 ? 8.0 : 1
          // Whole ps: 1 % of the shortest wire time there is, 85 ps, is less than one.
          let issue = (plain.writePs(payload) * share / stores).rounded()
          let rig = plain.with { $0.issuePs = UInt64(issue) }
          let found = try rig.postedPeriod(payload, window: 16)
          #expect(isWithin(0.01, found, max(stores * issue, rig.writePs(payload))), "\(rig)")
        }
      }
    }
  }

  @Test(arguments: 1...7)
  func `PH / T holds to 1 % where the credits rule`(generation: Int) throws {
    for lanes in widths {
      for (payload, _) in payloads {
        let plain = rig(generation: generation, lanes: lanes, payload: payload)
        let wire = plain.writePs(payload)
        for headers in [4, 32] {
          let loop = wire * Double(2 * headers)
          let rig = plain.with {
            $0.headerCredits = headers
            $0.creditLoopPs = UInt64(loop)
          }
          let found = try rig.postedPeriod(payload, window: headers)
          #expect(isWithin(0.01, found, loop / Double(headers)))
        }
      }
    }
  }

  @Test func `data credits that are no multiple of a TLP's leave the rest unused`() throws {
    // A 64-byte write takes 4. With 10 credits 2 are out, not 2.5: PD / (u T) is 25 % too high.
    let rig = ClockRig(
      type: .normalNC, generation: 5, lanes: 16, dataCredits: 10, creditLoopPs: 300_000)
    let found = try rig.postedPeriod(64, window: 2)
    #expect(isWithin(0.01, found, 300_000 / 2))
  }
}

@Suite struct `Time limits: acknowledged stores` {
  @Test(arguments: 1...7)
  func `nGnRnE stores: 1 / ack, or the link where that is slower`(generation: Int) throws {
    for lanes in widths {
      for payload in [4, 8] {
        for ack in [50, 20_000, 100_000, 500_000] as [UInt64] {
          let rig = ClockRig(
            type: .deviceNGnRnE, generation: generation, lanes: lanes, ackPs: ack)
          let found = try rig.period(of: .store, size: payload, cycle: 16)
          #expect(isWithin(0.01, found, max(Double(ack), rig.writePs(payload))), "\(rig)")
        }
      }
    }
  }

  @Test(arguments: 1...7)
  func `nGnRE stores: in flight / ack, or issue rate, or link`(generation: Int) throws {
    for lanes in widths {
      for payload in [4, 8] {
        for inFlight in [1, 2, 4, 16, 64] {
          for (ack, issue) in [(100_000, 1), (100_000, 2_000), (1_000_000, 20_000)] {
            let rig = ClockRig(
              generation: generation, lanes: lanes, issuePs: UInt64(issue),
              writesInFlight: inFlight, ackPs: UInt64(ack))
            let expected = max(
              Double(ack) / Double(inFlight), Double(issue), rig.writePs(payload))
            let found = try rig.period(of: .store, size: payload, cycle: inFlight)
            #expect(isWithin(0.01, found, expected), "\(rig)")
          }
        }
      }
    }
  }

  @Test func `nGnRE stores: credits rule where the loop is longer than the acknowledgement`() throws
  {
    // 8 credits in 300 ns against 8 in flight in 200 ns.
    let rig = ClockRig(
      generation: 5, headerCredits: 8, creditLoopPs: 300_000, writesInFlight: 8, ackPs: 200_000)
    #expect(
      try isWithin(0.01, rig.period(of: .store, size: 8, cycle: 8), 300_000 / 8))
  }

  @Test func `nGRE stores are acknowledged as nGnRE ones`() throws {
    let rig = ClockRig(writesInFlight: 3, ackPs: 90_000)
    let reordering = rig.with { $0.type = .deviceNGRE }
    #expect(
      try rig.time(of: .store, size: 8, count: 50)
        == reordering.time(of: .store, size: 8, count: 50))
  }
}

@Suite struct `Time limits: reads` {
  @Test(arguments: 1...7)
  func `dependent reads: 1 / (latency + request + completion)`(generation: Int) throws {
    for lanes in widths {
      for (payload, _) in payloads {
        for latency in [0, 100_000, 800_000] as [UInt64] {
          let rig = rig(generation: generation, lanes: lanes, payload: payload).with {
            $0.readLatencyPs = latency
          }
          let expected = Double(latency) + rig.requestPs + rig.completionPs(payload)
          let found = try rig.period(of: .load, size: payload, cycle: 8)
          #expect(isWithin(0.01, found, expected), "\(rig), \(payload) bytes")
        }
      }
    }
  }

  @Test(arguments: 1...7)
  func `N reads in flight: N times as many, up to the slower direction of the link`(
    generation: Int
  ) throws {
    for lanes in widths {
      for (payload, _) in payloads {
        for loads in [2, 8, 64] {
          let rig = rig(generation: generation, lanes: lanes, payload: payload).with {
            $0.deviceLoads = loads
            $0.normalLoads = loads
            $0.readLatencyPs = 400_000
          }
          let (request, completion) = (rig.requestPs, rig.completionPs(payload))
          let expected = max(
            (400_000 + request + completion) / Double(loads), request, completion)
          let found = try rig.period(of: .load, size: payload, cycle: loads)
          #expect(isWithin(0.01, found, expected), "\(rig), \(payload) bytes")
        }
      }
    }
  }
}

@Suite struct `Time limits: gathering buffers` {
  /// Lines of which every other 8 bytes are written, each ended by a barrier: 4 TLPs a line.
  private func period(_ rig: ClockRig) throws -> Double {
    func time(_ lines: Int) throws -> UInt64 {
      var events: [NaiveEvent] = []
      for line in 0..<UInt64(lines) {
        for part in 0..<UInt64(4) {
          events.append(.store(ClockRig.base + 64 * line + 16 * part, 8))
        }
        events.append(.barrier("dmb.st"))
      }
      return try rig.time(events)
    }
    let (early, late) = (try time(8), try time(24))
    return Double(late - early) / 16
  }

  @Test(arguments: [1, 8, 32, 64])
  func `one buffer: filling and sending take turns; two or more: they overlap`(share: Int) throws {
    // Filling takes L = 4 issues, sending 4 w. A buffer is free at the *start* of its last TLP, so
    // with one buffer the line after it is filled while that TLP is sent: max(L, w) + 3 w. With
    // two or more the slower of filling and sending rules: max(L, 4 w).
    let plain = ClockRig(type: .normalNC, generation: 3, lanes: 8)
    let wire = plain.writePs(8)
    let issue = (wire * Double(share) / 32).rounded()
    for buffers in [1, 2, 4, 16] {
      let rig = plain.with {
        $0.buffers = buffers
        $0.issuePs = UInt64(issue)
      }
      let fill = 4 * issue
      let expected = buffers == 1 ? max(fill, wire) + 3 * wire : max(fill, 4 * wire)
      #expect(try isWithin(0.01, period(rig), expected), "\(buffers) buffers")
    }
  }

  @Test func `full lines leave as one TLP: one buffer is as good as many`() throws {
    let rig = ClockRig(type: .normalNC, generation: 3, lanes: 1, buffers: 1)
    let found = try 8 * rig.period(of: .store, size: 8, cycle: 64)
    #expect(isWithin(0.01, found, rig.writePs(64)))
  }
}
