import Results

/// One style sheet for all pictures: plain fills by class, and what a dark page changes.
let pictureStyle = """
  text { font-family: sans-serif; font-size: 12px; fill: #1f2328; }
  .page { fill: #ffffff; }
  .head { font-size: 15px; font-weight: bold; }
  .quiet { fill: #59636e; }
  .inside { fill: #ffffff; }
  .before { fill: #8c959f; }
  .after { fill: #0969da; }
  .track { fill: #eff2f5; }
  \(causeFills)
  @media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .page { fill: #0d1117; }
  .quiet { fill: #9198a1; }
  .before { fill: #6e7681; }
  .after { fill: #388bfd; }
  .track { fill: #1c2128; }
  .cause-lost { fill: #444c56; }
  }
  """

/// White text is legible on each of these, and each stands out from a white and a black page.
private let causeFills = FlushCause.allCases.map { cause in
  ".\(causeClass(cause)) { fill: \(fill(cause)); }"
}.joined(separator: "\n")

/// The class of a flush cause.
func causeClass(_ cause: FlushCause) -> String { "cause-" + cause.name }

private func fill(_ cause: FlushCause) -> String {
  switch cause {
  case .full: "#1a7f37"
  case .capacity: "#9a6700"
  case .stream: "#6f4e00"
  case .barrier: "#cf222e"
  case .dgh: "#82071e"
  case .release: "#bf3989"
  case .read: "#0969da"
  case .load: "#0550ae"
  case .device: "#8250df"
  case .singleCopy: "#1b7c83"
  case .trap: "#bc4c00"
  case .timer: "#344e00"
  case .lost: "#24292f"
  case .end: "#6e7781"
  }
}

/// The fills of ``TimeShare``, for the picture that has them; as legible as those of the causes.
let timeFills = TimeShare.allCases.map { share in
  "\n.\(timeClass(share)) { fill: \(fill(share)); }"
}.joined()

/// The class of a share of time.
func timeClass(_ share: TimeShare) -> String { "time-" + share.name }

private func fill(_ share: TimeShare) -> String {
  switch share {
  case .issue: "#1a7f37"
  case .link: "#0969da"
  case .credit: "#cf222e"
  case .turn: "#6f4e00"
  case .buffer: "#9a6700"
  case .acknowledgement: "#8250df"
  case .read: "#1b7c83"
  case .barrier: "#bf3989"
  case .config: "#bc4c00"
  case .idle: "#57606a"
  }
}
