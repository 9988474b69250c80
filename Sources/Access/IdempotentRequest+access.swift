public import Store

extension IdempotentRequest {
  /// A request that may be sent twice, as its account, method, path and key tell it from others.
  ///
  /// Answers that hold a secret, such as a new token's text, must not be kept: `abandon` those.
  ///
  /// - Parameters:
  ///   - key: what stands in `Idempotency-Key`.
  ///   - body: the request's body.
  public init(by caller: Caller, method: String, path: String, key: String, body: some Collection<UInt8>) {
    // The key comes last: it alone may have line ends or anything else.
    let scope = [caller.accountID, method, path, key].joined(separator: "\n")
    self.init(id: Sodium.sha256(scope.utf8), accountID: caller.accountID, digest: Sodium.sha256(body))
  }
}
