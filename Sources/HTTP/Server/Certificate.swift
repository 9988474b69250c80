internal import CCrypto
public import Foundation
import Posix
import Values

/// A TLS certificate with its private key, for a `Server`.
///
/// ```swift
/// let certificate = try Certificate.local(in: URL(filePath: "/var/lib/door"), names: ["door.example.org"])
/// print("Fingerprint: \(certificate.fingerprint)")
/// ```
public struct Certificate: Sendable {
  /// The server's certificate and the intermediate certificates up to the one that clients trust, as PEM.
  public let chain: String
  /// The private key as PEM. A person who has it can impersonate the server.
  let key: String
  /// The SHA-256 of the first certificate: pairs of capital hexadecimal digits with colons, as browsers show it.
  public let fingerprint: String
  /// When the first certificate expires.
  public let end: Date

  /// Reads a certificate and its key from text.
  ///
  /// - Parameters:
  ///   - chain: The certificates as PEM, the server's first.
  ///   - key: Its private key as PEM, without a password.
  /// - Throws: `ServerError` if they cannot be read or do not belong together.
  public init(chain: String, key: String) throws {
    try self.init(chain: chain, key: key, operation: "Reading the certificate")
  }

  /// Reads a certificate and its key from files.
  ///
  /// - Parameters:
  ///   - chain: A file with the certificates as PEM, the server's first.
  ///   - key: A file with its private key as PEM, without a password.
  /// - Throws: `ServerError` if they cannot be read or do not belong together.
  public init(chain: URL, key: URL) throws {
    let operation = "Reading the certificate"
    func text(_ file: URL) throws -> String {
      do {
        return try String(contentsOf: file, encoding: .utf8)
      } catch {
        throw ServerError(
          .certificate, operation, cause: "\(file.path) cannot be read",
          advice: "Check that the file is there, that it is a PEM file, and that this user may read it.")
      }
    }
    try self.init(chain: text(chain), key: text(key), operation: operation)
  }

  private init(chain: String, key: String, operation: String) throws {
    guard let certificate = Native.certificate(chain), let pair = Native.key(key) else {
      throw ServerError(
        .certificate, operation, cause: "this is no certificate and key in PEM",
        advice: "Give PEM files, and a key without a password.")
    }
    guard X509_check_private_key(certificate.pointer, pair.pointer) == 1 else {
      throw ServerError(
        .certificate, operation, cause: "the key is not the certificate's",
        advice: "Give the key that it was made with.")
    }
    (self.chain, self.key) = (chain, key)
    fingerprint = certificate.fingerprint
    end = certificate.end
  }

  // MARK: For the local network

  /// Returns the certificate in `folder`. Makes a new one if there is none, if it expires within 30 days, or if it
  /// lacks one of the names.
  ///
  /// The certificate is signed with its own key, so browsers ask whether to trust it. Compare the fingerprint, or
  /// install `certificate.pem`. It is valid for `localhost`, the loopback addresses, this machine's name (with and
  /// without `.local`), and `names`.
  ///
  /// Afterwards the folder holds `key.pem`, which only its owner may read, and `certificate.pem`, which is public.
  ///
  /// - Parameters:
  ///   - names: Host names and addresses under which clients reach the server.
  ///   - days: How long a new certificate is valid, in days. Browsers refuse more than 398.
  /// - Throws: `ServerError`.
  public static func local(in folder: URL, names: [String] = [], days: Int = 397) throws -> Certificate {
    let operation = "Making a certificate"
    if let wrong = names.first(where: { !Host.isAddress($0) && !isHostName($0) }) {
      throw ServerError(
        .certificate, operation, cause: "\"\(wrong.prefix(100))\" is neither a host name nor an address",
        advice: "Give names such as door.example.org or 192.168.1.20.")
    }
    let own = hostName
    var all: [String] = []
    for name in ["localhost", "127.0.0.1", "::1"] + (own.map { [$0, $0 + ".local"] } ?? []) + names
    where !all.contains(name) {
      all.append(name)
    }
    let privateFile = folder.appendingPathComponent("key.pem")
    let publicFile = folder.appendingPathComponent("certificate.pem")
    let certificate: Certificate
    if let kept = kept(privateFile, names: all) {
      certificate = kept
    } else {
      certificate = try make(names: all, days: days, operation)
      // Key and certificate are in one file, which is replaced atomically. A reader never gets the key of another
      // certificate.
      try write(certificate.key + certificate.chain, to: privateFile, mode: 0o600, operation)
    }
    if (try? String(contentsOf: publicFile, encoding: .utf8)) != certificate.chain {
      try write(certificate.chain, to: publicFile, mode: 0o644, operation)
    }
    return certificate
  }

  private static func kept(_ file: URL, names: [String]) -> Certificate? {
    guard let text = try? String(contentsOf: file, encoding: .utf8), let certificate = Native.certificate(text),
      let start = text.range(of: "-----BEGIN CERTIFICATE-----"),
      certificate.end > Date(timeIntervalSinceNow: 30 * 86_400), certificate.start <= Date(),
      names.allSatisfy(certificate.isFor)
    else { return nil }
    return try? Certificate(chain: String(text[start.lowerBound...]), key: String(text[..<start.lowerBound]))
  }

  private static func write(_ text: String, to file: URL, mode: mode_t, _ operation: String) throws {
    let temporary = file.path + ".\(getpid())-\(UInt32.random(in: 0 ... .max))"
    do {
      let written = try Descriptor(temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
      let bytes = Data(text.utf8)
      let count = bytes.withUnsafeBytes { Foundation.write(written.number, $0.baseAddress, $0.count) }
      guard count == bytes.count else { throw SystemFailure(code: count < 0 ? errno : ENOSPC) }
      try SystemFailure.check { fsync(written.number) }
      try SystemFailure.check { rename(temporary, file.path) }
    } catch let error as SystemFailure {
      unlink(temporary)
      throw ServerError(
        .certificate, operation, cause: "\(file.path) cannot be written: \(error.text)",
        advice: "Check that the folder is there, that this user may write into it, and that the disk is not full.")
    }
  }

  private static func make(names: [String], days: Int, _ operation: String) throws -> Certificate {
    guard let key = Native.newKey(), let certificate = Native.newCertificate(key, names: names, days: days),
      let keyText = key.text, let text = certificate.text
    else {
      throw ServerError(
        .certificate, operation, cause: "OpenSSL cannot make one", advice: "Give a certificate of your own instead.")
    }
    return try Certificate(chain: text, key: keyText, operation: operation)
  }

  private static func isHostName(_ text: String) -> Bool {
    text.utf8.count <= 253
      && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        1...63 ~= label.utf8.count && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
              UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
              true
            default: false
            }
          }
      }
  }

  /// This machine's name; nil if the name cannot stand in a certificate.
  private static var hostName: String? {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return nil }
    let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return isHostName(text) && text.utf8.count <= 64 ? text : nil
  }

  // MARK: OpenSSL

  private final class Native {
    enum Kind {
      case key
      case certificate
    }

    let pointer: OpaquePointer
    private let kind: Kind

    /// Takes ownership.
    private init(_ pointer: OpaquePointer, _ kind: Kind) {
      (self.pointer, self.kind) = (pointer, kind)
    }

    deinit {
      switch kind {
      case .key: EVP_PKEY_free(pointer)
      case .certificate: X509_free(pointer)
      }
    }

    static func certificate(_ pem: String) -> Native? {
      read(pem) { PEM_read_bio_X509($0, nil, nil, nil) }.map { Native($0, .certificate) }
    }

    static func key(_ pem: String) -> Native? {
      // Without the callback, OpenSSL would ask for a key's password on the terminal.
      read(pem) { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }.map { Native($0, .key) }
    }

    static func newKey() -> Native? {
      guard let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else { return nil }
      defer { EVP_PKEY_CTX_free(context) }
      var key: OpaquePointer?
      guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
        EVP_PKEY_generate(context, &key) == 1
      else { return nil }
      return key.map { Native($0, .key) }
    }

    /// - Parameter names: Host names and addresses. The caller checks them, because OpenSSL parses all of them from one
    ///   text.
    static func newCertificate(_ key: Native, names: [String], days: Int) -> Native? {
      guard let new = X509_new() else { return nil }
      let certificate = Native(new, .certificate)
      let alternatives = names.map { (Host.isAddress($0) ? "IP:" : "DNS:") + $0 }.joined(separator: ",")
      // X.509 writes version 3 as the number 2. The certificate is valid from a few minutes ago, for clients whose
      // clocks are slow.
      guard X509_set_version(new, 2) == 1,
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(new), UInt64.random(in: 1...(.max >> 1))) == 1,
        X509_gmtime_adj(X509_getm_notBefore(new), -300) != nil,
        X509_time_adj_ex(X509_getm_notAfter(new), Int32(clamping: days), 0, nil) != nil,
        X509_set_pubkey(new, key.pointer) == 1, let name = X509_get_subject_name(new),
        // 0x1000 is MBSTRING_UTF8, a macro that Swift does not import. It says that the text is UTF-8.
        X509_NAME_add_entry_by_txt(name, "CN", 0x1000, String((names.last ?? "").prefix(64)), -1, -1, 0) == 1,
        X509_set_issuer_name(new, name) == 1
      else { return nil }
      var context = X509V3_CTX()
      X509V3_set_ctx(&context, new, new, nil, nil, 0)
      for (kind, value) in [
        (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
        (NID_ext_key_usage, "serverAuth"), (NID_subject_alt_name, alternatives),
        (NID_subject_key_identifier, "hash"),
      ] {
        guard let field = X509V3_EXT_nconf_nid(nil, &context, kind, value) else { return nil }
        defer { X509_EXTENSION_free(field) }
        guard X509_add_ext(new, field, -1) == 1 else { return nil }
      }
      return X509_sign(new, key.pointer, EVP_sha256()) > 0 ? certificate : nil
    }

    var text: String? {
      guard let memory = BIO_new(BIO_s_mem()) else { return nil }
      defer { BIO_free(memory) }
      let isWritten =
        switch kind {
        case .key: PEM_write_bio_PrivateKey(memory, pointer, nil, nil, 0, nil, nil)
        case .certificate: PEM_write_bio_X509(memory, pointer)
        }
      guard isWritten == 1 else { return nil }
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count = BIO_read(memory, &bytes, Int32(bytes.count))
      return count > 0 ? String(decoding: bytes[..<Int(count)], as: UTF8.self) : nil
    }

    var start: Date { date(X509_get0_notBefore(pointer)) ?? .distantFuture }
    var end: Date { date(X509_get0_notAfter(pointer)) ?? .distantPast }

    var fingerprint: String {
      var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
      var count: UInt32 = 0
      guard X509_digest(pointer, EVP_sha256(), &digest, &count) == 1 else { return "" }
      return digest[..<Int(count)].map { String(format: "%02X", $0) }.joined(separator: ":")
    }

    func isFor(_ name: String) -> Bool {
      Host.isAddress(name)
        ? X509_check_ip_asc(pointer, name, 0) == 1 : X509_check_host(pointer, name, name.utf8.count, 0, nil) == 1
    }

    private func date(_ time: UnsafePointer<ASN1_TIME>?) -> Date? {
      var parts = tm()
      guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
      return Date(timeIntervalSince1970: Double(timegm(&parts)))
    }

    private static func read(_ pem: String, _ body: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
      var text = Data(pem.utf8)
      return text.withUnsafeMutableBytes { bytes in
        guard let memory = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
        defer { BIO_free(memory) }
        // The result reports the failure. The thread's list of errors is cleared, so that it does not grow.
        defer { ERR_clear_error() }
        return body(memory)
      }
    }
  }
}
