/// What wrote a result.
public enum Product {
  public static let name = "mmioscope"
  public static let version = "0.1.0"
}
