public import Store

extension IdempotentRequest {
  /// A request that may be sent twice. It is identified by its account, method, path and key.
  ///
  /// An answer that contains a secret, such as a new token's text, must not be stored: call `abandon` for it.
  ///
  /// - Parameters:
  ///   - key: The value of the header `Idempotency-Key`.
  ///   - body: The request's body.
  public init(by caller: Caller, method: String, path: String, key: String, body: some Collection<UInt8>) {
    // The key comes last, because only the key may contain line ends or any other character.
    let scope = [caller.accountID, method, path, key].joined(separator: "\n")
    self.init(id: Sodium.sha256(scope.utf8), accountID: caller.accountID, digest: Sodium.sha256(body))
  }
}
