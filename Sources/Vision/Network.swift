internal import COpenVINO
public import Foundation

/// An array of numbers with a shape, in row-major order.
public struct Tensor: Sendable {
  /// The size of each dimension, outermost first.
  public let shape: [Int]
  /// All values, as many as the product of `shape`.
  public let values: [Float]
}

/// A neural network that is compiled for this processor.
///
/// The size of the input may change from call to call. Calls from several threads run one after another, and each uses
/// all threads of the network: the fastest way to use few cores.
///
/// `@unchecked Sendable`: OpenVINO's compiled model is immutable, and its infer request is used under the lock only.
public final class Network: @unchecked Sendable {
  /// The arithmetic inside the network.
  public enum Precision: String, Sendable, CaseIterable {
    /// 32-bit floating point.
    case float32 = "f32"
    /// bfloat16, with about three digits: twice as fast on some processors that support it.
    case bfloat16 = "bf16"
    /// The faster of both on this machine. It is measured once and kept in the cache; without a cache, 32-bit.
    case fastest = "auto"
  }

  /// How a network is compiled.
  public struct Options: Sendable {
    /// The number of threads for one call.
    public var threads: Int
    /// The arithmetic inside the network. Default 32-bit.
    public var precision: Precision
    /// A folder that keeps the compiled form, so that the next start is faster; nil to compile at every start.
    public var cache: URL?

    /// Creates options. By default: all processors, 32-bit arithmetic and no cache.
    public init(
      threads: Int = ProcessInfo.processInfo.activeProcessorCount, precision: Precision = .float32, cache: URL? = nil
    ) {
      self.threads = threads
      self.precision = precision
      self.cache = cache
    }
  }

  private let model: OpaquePointer
  private let request: OpaquePointer
  // NSLock, because ThreadSanitizer on Linux does not know Mutex and reports races where there are none.
  private let turn = NSLock()
  private let name: String

  /// Reads and compiles an ONNX file.
  ///
  /// - Parameter typical: The shape of a usual input, in bytes, for the choice of the fastest arithmetic.
  /// - Throws: `VisionError` with code `model` when the file is missing or not a network.
  public convenience init(contentsOf file: URL, typical: [Int], options: Options) throws(VisionError) {
    var options = options
    if options.precision == .fastest {
      options.precision =
        try options.cache.map { cache throws(VisionError) in
          try PrecisionChoice(cache: cache).fastest(for: file, typical: typical, options)
        } ?? .float32
    }
    try self.init(contentsOf: file, options: options)
  }

  /// Reads and compiles an ONNX file with the arithmetic that the options name.
  ///
  /// - Throws: `VisionError` with code `model` when the file is missing or not a network.
  public init(contentsOf file: URL, options: Options = Options()) throws(VisionError) {
    name = file.lastPathComponent
    let operation = "load the model \(file.path)"
    // The names are written out because the header declares them as variables, and Swift does not let threads share
    // those.
    var settings = [
      "INFERENCE_NUM_THREADS": String(max(1, options.threads)),
      "NUM_STREAMS": "1",
      "INFERENCE_PRECISION_HINT": options.precision.rawValue,
      "ENABLE_CPU_PINNING": "NO",
      "CPU_RUNTIME_CACHE_CAPACITY": "0",
    ]
    if let cache = options.cache { settings["CACHE_DIR"] = cache.path }
    let core = try Network.core.get()
    model = try settings.withProperties { (properties) throws(VisionError) in
      try made(operation, as: .model) {
        ov_core_compile_model_from_file_props(core, file.path, "CPU", properties.count, properties, &$0)
      }
    }
    do throws(VisionError) {
      request = try made(operation, as: .model) { [model] in ov_compiled_model_create_infer_request(model, &$0) }
    } catch {
      ov_compiled_model_free(model)
      throw error
    }
  }

  deinit {
    ov_infer_request_free(request)
    ov_compiled_model_free(model)
  }

  /// Runs the network on numbers of the given shape, which are read in place. Returns the first output.
  ///
  /// - Throws: `VisionError` when the shape does not fit the network.
  public func run(_ bytes: UnsafeBufferPointer<UInt8>, shape: [Int]) throws(VisionError) -> Tensor {
    try run(UnsafeRawBufferPointer(bytes), count: bytes.count, of: U8, shape: shape)
  }

  /// Runs the network on numbers of the given shape, which are read in place. Returns the first output.
  ///
  /// - Throws: `VisionError` when the shape does not fit the network.
  public func run(_ floats: UnsafeBufferPointer<Float>, shape: [Int]) throws(VisionError) -> Tensor {
    try run(UnsafeRawBufferPointer(floats), count: floats.count, of: F32, shape: shape)
  }

  private func run(
    _ numbers: UnsafeRawBufferPointer, count: Int, of type: ov_element_type_e, shape: [Int]
  ) throws(VisionError) -> Tensor {
    let operation = "run \(name)"
    guard let base = numbers.baseAddress, count == shape.reduce(1, *), count > 0 else {
      throw VisionError(.invalid, while: operation, "\(count) numbers do not have the shape \(shape)")
    }
    let input = try shape.map(Int64.init).withShape { (shape) throws(VisionError) in
      try made(operation) {
        ov_tensor_create_from_host_ptr(type, shape, UnsafeMutableRawPointer(mutating: base), &$0)
      }
    }
    defer { ov_tensor_free(input) }
    turn.lock()
    defer { turn.unlock() }
    try checked(operation, ov_infer_request_set_input_tensor(request, input))
    try checked(operation, ov_infer_request_infer(request))
    let output = try made(operation) { ov_infer_request_get_output_tensor(request, &$0) }
    defer { ov_tensor_free(output) }
    return try Tensor(reading: output, while: operation)
  }

  /// The one OpenVINO core of the process, which holds the plug-ins. `nonisolated(unsafe)` is safe here because
  /// `ov::Core` accepts calls from any thread.
  private nonisolated(unsafe) static let core: Result<OpaquePointer, VisionError> = {
    do throws(VisionError) {
      return .success(try made("start OpenVINO") { ov_core_create(&$0) })
    } catch {
      return .failure(error)
    }
  }()

  /// The version of OpenVINO, as in "2026.4.1".
  public static func libraryVersion() -> String {
    var version = ov_version_t()
    guard ov_get_openvino_version(&version) == OK else { return "unknown" }
    defer { ov_version_free(&version) }
    return version.buildNumber.map { String(cString: $0) } ?? "unknown"
  }
}

extension Tensor {
  fileprivate init(reading tensor: OpaquePointer, while operation: String) throws(VisionError) {
    var shape = ov_shape_t()
    try checked(operation, ov_tensor_get_shape(tensor, &shape))
    defer { ov_shape_free(&shape) }
    var data: UnsafeMutableRawPointer?
    try checked(operation, ov_tensor_data(tensor, &data))
    self.shape = (0..<Int(shape.rank)).map { Int(shape.dims[$0]) }
    let count = self.shape.reduce(1, *)
    guard count > 0, let data else {
      values = []
      return
    }
    values = Array(UnsafeBufferPointer(start: data.assumingMemoryBound(to: Float.self), count: count))
  }
}

private func checked(
  _ operation: String, as code: VisionError.Code = .failed, _ status: ov_status_e
) throws(VisionError) {
  guard status != OK else { return }
  let message = ov_get_last_err_msg()
  defer { ov_free(message) }
  let last = message.map { String(cString: $0) } ?? ""
  let reason = last.isEmpty ? String(cString: ov_get_error_info(status)) : last
  throw VisionError(code, while: operation, reason.trimmingCharacters(in: .whitespacesAndNewlines))
}

private func made(
  _ operation: String, as code: VisionError.Code = .failed, _ call: (inout OpaquePointer?) -> ov_status_e
) throws(VisionError) -> OpaquePointer {
  var handle: OpaquePointer?
  try checked(operation, as: code, call(&handle))
  guard let handle else { throw VisionError(code, while: operation, "no result") }
  return handle
}

extension [String: String] {
  /// Calls `body` with the settings in OpenVINO's form, which are valid only inside the closure.
  fileprivate func withProperties<Result>(
    _ body: ([ov_property_t]) throws(VisionError) -> Result
  ) throws(VisionError) -> Result {
    let pairs = map { (strdup($0.key), strdup($0.value)) }
    defer {
      for pair in pairs {
        free(pair.0)
        free(pair.1)
      }
    }
    return try body(pairs.map { ov_property_t(key: $0.0, value: $0.1) })
  }
}

extension [Int64] {
  /// Calls `body` with the dimensions in OpenVINO's form, which are valid only inside the closure.
  fileprivate func withShape<Result>(_ body: (ov_shape_t) throws(VisionError) -> Result) throws(VisionError) -> Result {
    let dimensions = UnsafeMutablePointer<Int64>.allocate(capacity: count)
    defer { dimensions.deallocate() }
    dimensions.initialize(from: self, count: count)
    return try body(ov_shape_t(rank: Int64(count), dims: dimensions))
  }
}
