import Access
import Foundation
import Formats
import HTTP
import Store
import Wire

extension Services {
  private static let name = JSONSchema.text(1...64, pattern: "[A-Za-z0-9._@-]+", about: "Of the account.")
  private static let password = JSONSchema.text(Passwords.lengths, about: "10 to 256 characters.")
  /// A password as a person types it. Short ones are accepted here, so that a wrong password is reported as wrong and
  /// not as too short.
  private static let typed = JSONSchema.text(0...256)

  /// The endpoints for the first administrator, login and logout.
  var setupAndSession: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/setup", name: "needsSetup",
        summary: "Whether the first administrator is still to be made",
        door: .anyone, answers: [200: .json(.object([.init("needed", .flag())]))]
      ) { _ in .json(["needed": .bool(try gatekeeper.needsSetup())]) },
      Endpoint(
        method: "POST", path: "/setup", name: "setUp", summary: "Make the first administrator, and log in",
        door: .anyone,
        content: .json(
          .object([
            .init("secret", .text(1...200, about: "From the link that the server printed.")), .init("name", Self.name),
            .init("password", Self.password),
          ])),
        answers: [201: .json(.named("Session"))],
        problems: [401: "The secret is not the one.", 409: "There is an account already.", 422: "A weak password."]
      ) { call in
        let account = try call.body(as: FirstAccount.self)
        return try begun(
          gatekeeper.setUp(
            secret: account.secret, name: account.name, password: account.password,
            address: call.request.clientAddress))
      },
      Endpoint(
        method: "POST", path: "/session", name: "logIn", summary: "Log in", door: .anyone,
        content: .json(.object([.init("name", Self.typed), .init("password", Self.typed)])),
        answers: [201: .json(.named("Session"))],
        problems: [401: "Name or password is wrong.", 429: "Too many attempts failed."]
      ) { call in
        let account = try call.body(as: LogIn.self)
        return try begun(
          gatekeeper.logIn(name: account.name, password: account.password, address: call.request.clientAddress))
      },
      Endpoint(
        method: "GET", path: "/session", name: "showSession", summary: "Who is logged in", door: .caller,
        answers: [200: .json(.named("Session"))], problems: [403: "A token has no session."]
      ) { call in .json(try session(call.known())) },
      Endpoint(
        method: "DELETE", path: "/session", name: "logOut", summary: "Log out", door: .caller, answers: [204: .nothing]
      ) { call in
        try gatekeeper.logOut(call.known())
        var response = Response.empty()
        response.set(API.cookie("", seconds: 0, isSecure: isSecure))
        return response
      },
      Endpoint(
        method: "PUT", path: "/session/password", name: "changePassword",
        summary: "Another password; other sessions of the account end", door: .caller,
        content: .json(.object([.init("current", Self.typed), .init("new", Self.password)])),
        answers: [204: .nothing], problems: [422: "The present password is wrong, or the new one is weak."]
      ) { call in
        let change = try call.body(as: PasswordChange.self)
        try gatekeeper.changePassword(call.known(), current: change.current, new: change.new)
        return .empty()
      },
    ]
  }

  /// The endpoints of users, tokens and the audit log.
  var accounts: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/users", name: "listUsers", summary: "Users, by name", door: .holder(of: .manage),
        query: [Shapes.limit, Shapes.after], answers: [200: .json(Shapes.page("User"))]
      ) { call in
        let users = try gatekeeper.users(after: call.text("after"), limit: call.limit + 1, by: call.known())
        return .json(Self.part(users, call.limit, json) { $0.name })
      },
      Endpoint(
        method: "POST", path: "/users", name: "addUser", summary: "Add a user", door: .holder(of: .manage),
        content: .json(
          .object([
            .init("name", Self.name), .init("role", .choice(Shapes.roles)), .init("password", Self.password),
          ])),
        answers: [201: .json(.named("User"))],
        problems: [409: "There is a user of this name.", 422: "A weak password."]
      ) { call in
        let new = try call.body(as: NewUser.self)
        let user = try gatekeeper.addUser(name: new.name, role: new.role, password: new.password, by: call.known())
        return .json(json(user), status: 201)
      },
      Endpoint(
        method: "PATCH", path: "/users/{name}", name: "changeUser",
        summary: "Another role or password; the user's sessions end", door: .holder(of: .manage),
        content: .json(
          .object([
            .init("role", .choice(Shapes.roles), needed: false), .init("password", Self.password, needed: false),
          ])),
        answers: [200: .json(.named("User"))],
        problems: [404: "There is no such user.", 409: "No administrator would be left.", 422: "A weak password."]
      ) { call in
        let change = try call.body(as: UserChange.self)
        let user = try gatekeeper.changeUser(
          call.path("name"), role: change.role, password: change.password, by: call.known())
        return .json(json(user))
      },
      Endpoint(
        method: "DELETE", path: "/users/{name}", name: "removeUser", summary: "Remove a user, with the user's tokens",
        door: .holder(of: .manage), answers: [204: .nothing],
        problems: [404: "There is no such user.", 409: "No administrator would be left."]
      ) { call in
        try gatekeeper.removeUser(call.path("name"), by: call.known())
        return .empty()
      },
      Endpoint(
        method: "GET", path: "/tokens", name: "listTokens", summary: "Tokens, oldest first", door: .holder(of: .manage),
        query: [Shapes.limit, Shapes.after], answers: [200: .json(Shapes.page("Token"))]
      ) { call in
        let tokens = try gatekeeper.tokens(after: call.text("after"), limit: call.limit + 1, by: call.known())
        return .json(Self.part(tokens, call.limit, { .object(members($0)) }) { $0.id })
      },
      Endpoint(
        method: "POST", path: "/tokens", name: "addToken", summary: "Make a token for a program; it is shown this once",
        door: .holder(of: .manage),
        content: .json(
          .object([
            .init("name", .text(1...100, about: "What it is for.")),
            .init("permissions", .list(.choice(Shapes.permissions), atLeast: 1, atMost: Permission.allCases.count)),
            .init(
              "days", .whole(Gatekeeper.tokenDays, about: "How long it is good for; without an end when missing."),
              needed: false),
          ])),
        answers: [201: .json(.named("Token"))], problems: [422: "A name of blanks."]
      ) { call in
        let new = try call.body(as: NewToken.self)
        let (token, text) = try gatekeeper.addToken(
          name: new.name, permissions: new.permissions, days: new.days, by: call.known())
        return .json(.object(members(token) + [.init("token", .string(text.text))]), status: 201)
      },
      Endpoint(
        method: "DELETE", path: "/tokens/{id}", name: "revokeToken", summary: "Revoke a token",
        door: .holder(of: .manage),
        answers: [204: .nothing], problems: [404: "There is no such token."]
      ) { call in
        try gatekeeper.revokeToken(call.path("id"), by: call.known())
        return .empty()
      },
      Endpoint(
        method: "GET", path: "/audit", name: "readAudit", summary: "Who did what, newest first",
        door: .holder(of: .manage),
        query: [
          .init("who", .text(1...256), "Only what this one did."),
          .init("action", .text(1...64, pattern: "[a-z]+(-[a-z]+)*"), "Only of this kind, such as person-forget."),
          .init("from", .day(), "The first day."), .init("to", .day(), "The last day, which is part of it."),
          Shapes.limit, Shapes.after,
        ], answers: [200: .json(Shapes.page("AuditEntry"))]
      ) { call in try readAudit(call) },
    ]
  }

  private func readAudit(_ call: Call) throws -> Response {
    var query = Store.AuditQuery(who: call.text("who"), action: call.text("action").map(AuditEntry.Action.init))
    query.from = try call.text("from").map { try Timestamp.parseDay($0, in: timeZone) }
    query.until = try call.text("to").map {
      Timestamp.nextDay(after: try Timestamp.parseDay($0, in: timeZone), in: timeZone)
    }
    let position = try call.text("after").map { text in
      guard let position = Store.AuditPosition(text) else { throw API.badPosition }
      return position
    }
    let entries = try store.auditEntries(query, after: position, limit: call.limit + 1)
    return .json(Self.part(entries, call.limit, json) { "\(Store.AuditPosition(after: $0))" })
  }

  // MARK: Responses

  /// - Parameter things: One item more than `limit` if another part follows.
  static func part<Thing>(
    _ things: [Thing], _ limit: Int, _ json: (Thing) -> JSONValue, _ position: (Thing) -> String
  ) -> JSONValue {
    page(things.prefix(limit).map(json), things.count > limit ? position(things[limit - 1]) : nil)
  }

  private func begun(_ session: NewSession) throws -> Response {
    var response = Response.json(try self.session(session.caller), status: 201)
    response.set(API.cookie(session.cookie.text, seconds: Int(Gatekeeper.sessionLimit), isSecure: isSecure))
    return response
  }

  private func session(_ caller: Caller) throws -> JSONValue {
    guard let role = caller.role, let csrf = caller.csrf else { throw Problem(403, "A token has no session.") }
    return [
      "user": ["name": .string(caller.name), "role": .string(role.rawValue)],
      "permissions": .array(Permission.allCases.filter(caller.permissions.contains).map { .string($0.rawValue) }),
      "csrf": .string(csrf), "expires": wire.time(caller.expires),
    ]
  }

  private func json(_ user: User) -> JSONValue {
    [
      "name": .string(user.name), "role": .string(user.role.rawValue), "created": wire.time(user.created),
      "lastLogin": wire.time(user.lastLogin),
    ]
  }

  private func members(_ token: Token) -> [JSONValue.Member] {
    [
      .init("id", .string(token.id)), .init("name", .string(token.name)),
      .init(
        "permissions", .array(Permission.allCases.filter(token.permissions.contains).map { .string($0.rawValue) })),
      .init("created", wire.time(token.created)), .init("by", .string(token.by)),
      .init("lastUsed", wire.time(token.lastUsed)),
      .init("expires", wire.time(token.expires)),
    ]
  }

  private func json(_ entry: AuditEntry) -> JSONValue {
    [
      "id": .string(entry.id), "time": wire.time(entry.time), "who": .string(entry.who),
      "address": .string(entry.address),
      "action": .string(entry.action.rawValue), "object": .optional(entry.object?.text),
      "detail": .optional(entry.detail),
    ]
  }
}
