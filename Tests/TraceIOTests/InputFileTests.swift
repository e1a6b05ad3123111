import Testing
import TraceIO
