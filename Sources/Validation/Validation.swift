// The whole comparison: data in, rows out.

import Profiles
public import Results
public import TraceCore
import YAMLInput

/// Compares the model with published measurements.
public struct Validation {
  /// Every measurement that the model can be asked for.
  public let measurements: [Measurement]
  public let unmodelled: [UnmodelledMeasurement]
  private let predictor: Predictor

  /// Decodes the built-in measurements.
  ///
  /// - Throws: ``TraceError`` when the data are wrong: a defect of this program.
  public init() throws(TraceError) {
    var documents: [YAMLDocument] = []
    for (name, bytes) in MeasurementFiles.files {
      documents.append(try YAMLDocument(bytes: bytes, file: "built-in " + name))
    }
    try self.init(documents)
  }

  /// Decodes measurements.
  ///
  /// - Parameter documents: Keys `measurements` and `unmodelled`, in their order.
  /// - Throws: ``TraceError`` with code `configuration`, file, line and key.
  init(_ documents: [YAMLDocument]) throws(TraceError) {
    predictor = Predictor(library: ProfileLibrary())
    var decoder = MeasurementDecoder(predictor: predictor)
    for document in documents { try decoder.decode(document) }
    measurements = decoder.measurements
    unmodelled = decoder.unmodelled
  }

  /// Predicts every measurement.
  ///
  /// - Returns: Rows in the order of the data.
  /// - Throws: ``TraceError`` where the model refuses a workload.
  public func run() throws(TraceError) -> ValidationResult {
    var rows: [ValidationRow] = []
    for measurement in measurements { rows.append(try row(measurement)) }
    return ValidationResult(rows: rows, unmodelled: unmodelled)
  }

  private func row(_ measurement: Measurement) throws(TraceError) -> ValidationRow {
    let result = try Sensitivity(measurement, predictor)
    let fits = measurement.scenario.overrides.filter(\.isFitted).map {
      ValidationRow.Fit(assignment: $0.assignment, reason: $0.reason)
    }
    return ValidationRow(
      id: measurement.id, what: measurement.what, source: measurement.source,
      setup: measurement.setup, limit: measurement.limit, status: measurement.status,
      unit: measurement.unit.rawValue, published: (measurement.low, measurement.high),
      predicted: result.predicted, range: (result.low, result.high),
      coversCombinations: result.coversCombinations, hangsOn: result.hangsOn,
      informed: measurement.informs.filter(result.mayHangOn), fits: fits,
      bound: measurement.bound, note: measurement.note)
  }
}

/// The measurements inside the program: YAML files of `Data/`, embedded when it is built.
enum MeasurementFiles {
  static let files: [(name: String, bytes: [UInt8])] = [
    ("cpu-writes.yaml", PackageResources.cpu_writes_yaml),
    ("cpu-reads.yaml", PackageResources.cpu_reads_yaml),
    ("device-dma.yaml", PackageResources.device_dma_yaml),
    ("calculated.yaml", PackageResources.calculated_yaml),
    ("unmodelled.yaml", PackageResources.unmodelled_yaml),
  ]
}
