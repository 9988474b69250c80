import Foundation

/// The choice of the faster arithmetic for a network on this machine.
///
/// On processors with AVX-512 bf16, bfloat16 halves the time of some networks; on others it takes longer. So it is
/// measured, once for each network, number of threads and processor, and kept beside the compiled networks.
struct PrecisionChoice {
  /// bfloat16 must be this much faster to be worth its rounding.
  private static let gain = 0.9
  private static let rounds = 7

  /// The folder of the compiled networks.
  let cache: URL

  private var file: URL { cache.appendingPathComponent("precision.json") }

  /// The faster arithmetic.
  ///
  /// - Parameters:
  ///   - typical: The shape of a usual input, in bytes.
  ///   - options: How the network is compiled otherwise.
  func fastest(for network: URL, typical: [Int], _ options: Network.Options) throws(VisionError) -> Network.Precision {
    guard Network.processorHasBFloat16 else { return .float32 }
    let key = key(network, options)
    if let known = read()[key].flatMap({ Network.Precision(rawValue: $0) }), known != .fastest { return known }
    let (exact, fast) = (
      try time(network, typical, options, .float32), try time(network, typical, options, .bfloat16)
    )
    let choice = fast < exact * Self.gain ? Network.Precision.bfloat16 : .float32
    // Another process may have added others. A lost entry is measured again.
    var all = read()
    all[key] = choice.rawValue
    if let data = try? JSONEncoder().encode(all) {
      try? FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
      try? data.write(to: file, options: .atomic)
    }
    return choice
  }

  /// What the measurement depends on.
  private func key(_ network: URL, _ options: Network.Options) -> String {
    let attributes = try? FileManager.default.attributesOfItem(atPath: network.resolvingSymlinksInPath().path)
    let size = (attributes?[.size] as? Int) ?? 0
    return [
      network.lastPathComponent, "\(size)", Network.libraryVersion(), Self.processor, "\(options.threads) threads",
    ].joined(separator: ", ")
  }

  private func read() -> [String: String] {
    (try? JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))) ?? [:]
  }

  /// The median of the seconds of a run.
  private func time(
    _ network: URL, _ typical: [Int], _ options: Network.Options, _ precision: Network.Precision
  ) throws(VisionError) -> Double {
    var options = options
    options.precision = precision
    let network = try Network(contentsOf: network, options: options)
    let bytes = (0..<typical.reduce(1, *)).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    var times: [Double] = []
    for _ in 0...Self.rounds {
      let start = ContinuousClock.now
      _ = try bytes.withUnsafeBufferPointer { (bytes) throws(VisionError) in try network.run(bytes, shape: typical) }
      times.append((ContinuousClock.now - start) / .seconds(1))
    }
    // The first run compiles kernels.
    return times.dropFirst().sorted()[Self.rounds / 2]
  }

  private static let processorInformation =
    (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  fileprivate static let processorFlags = line("flags", "Features").split(separator: " ").map(String.init)
  private static let processor = line("model name", "CPU part").trimmingCharacters(in: .whitespaces)

  /// The value of the first line with one of these keys.
  private static func line(_ keys: String...) -> String {
    processorInformation.split(separator: "\n").lazy.compactMap { line -> String? in
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      return parts.count == 2 && keys.contains(parts[0]) ? parts[1] : nil
    }.first ?? ""
  }
}

extension Network {
  /// Whether the processor calculates with bfloat16 itself.
  public static let processorHasBFloat16 = PrecisionChoice.processorFlags.contains {
    ["avx512_bf16", "amx_bf16", "bf16"].contains($0)
  }
}
