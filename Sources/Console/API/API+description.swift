import Access
import Formats
import HTTP
import Wire

extension API {
  /// The description of the whole API in OpenAPI 3.1.
  ///
  /// - Parameter version: The version of Rollcall.
  func description(version: String) -> JSONValue {
    var paths: [(path: String, operations: [JSONValue.Member])] = []
    for endpoint in endpoints {
      let operation = JSONValue.Member(endpoint.method.lowercased(), endpoint.description)
      if let index = paths.firstIndex(where: { $0.path == endpoint.path }) {
        paths[index].operations.append(operation)
      } else {
        paths.append((endpoint.path, [operation]))
      }
    }
    let tags = endpoints.reduce(into: [String]()) { if !$0.contains($1.tag) { $0.append($1.tag) } }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Rollcall", "version": .string(version),
        "summary": "Who is here, with or without a mask, and the attendance log.",
        "description": .string(
          """
          Times are RFC 3339 with an offset, days are `2026-11-25`, boxes are `[x, y, width, height]` in pixels of the \
          upright picture. Errors are RFC 9457 problems. Programs send `Authorization: Bearer TOKEN`; the console's \
          pages have a session cookie and send `X-CSRF-Token` with every change. A POST may carry an \
          `Idempotency-Key`: sent again within a day, it is answered as the first time. Lists come in parts: `next`, \
          where it is not null, is the `after` of the next part.
          """),
        "license": ["name": "MIT", "identifier": "MIT"],
      ],
      "servers": [["url": .string(Self.prefix)]],
      "tags": .array(tags.map { ["name": .string($0)] }),
      "paths": .object(paths.map { .init($0.path, .object($0.operations)) }),
      "components": [
        "schemas": .object(Shapes.all.map { .init($0.name, $0.schema.json(isSent: false)) }),
        "securitySchemes": [
          "token": ["type": "http", "scheme": "bearer", "description": "Made under Users, or with POST /tokens."],
          "session": [
            "type": "apiKey", "in": "cookie", "name": "rollcall-session",
            "description": "From POST /session. Changes also need the header field X-CSRF-Token.",
          ],
        ],
        "responses": [
          "problem": [
            "description": "What is wrong, and what to do about it.",
            "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
          ]
        ],
      ],
    ]
  }
}

extension Endpoint {
  fileprivate var description: JSONValue {
    let fromPath = parameters.map { name, schema -> JSONValue in
      ["name": .string(name), "in": "path", "required": true, "schema": schema.json(isSent: true)]
    }
    let fromQuery = query.map { parameter -> JSONValue in
      [
        "name": .string(parameter.name), "in": "query", "required": false, "description": .string(parameter.about),
        "schema": parameter.schema.json(isSent: true),
      ]
    }
    var fromHead: [JSONValue] = []
    if keepsAnswer {
      fromHead.append([
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "Any text of its own for each request: when it is sent again, the first answer comes again.",
        "schema": ["type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"],
      ])
    }
    var members: [JSONValue.Member] = [
      .init("operationId", .string(name)), .init("summary", .string(summary)), .init("tags", [.string(tag)]),
    ]
    switch door {
    case .anyone: members.append(.init("security", []))
    case .caller: members.append(.init("security", Self.security))
    case .holder(let permission):
      members.append(.init("description", .string("Needs the permission `\(permission.rawValue)`.")))
      members.append(.init("security", Self.security))
    }
    let parameters = fromPath + fromQuery + fromHead
    if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
    switch content {
    case .nothing: break
    case .json(let schema):
      members.append(
        .init(
          "requestBody",
          ["required": true, "content": ["application/json": ["schema": schema.json(isSent: true)]]]))
    case .picture:
      let picture: JSONValue = ["schema": ["type": "string", "contentMediaType": "image/jpeg"]]
      members.append(
        .init(
          "requestBody",
          [
            "required": true, "description": "The picture's bytes, at most 20 MiB.",
            "content": ["image/jpeg": picture, "image/png": picture, "image/webp": picture],
          ]))
    }
    var responses: [JSONValue.Member] = answers.sorted { $0.key < $1.key }.map { status, answer in
      var response: [JSONValue.Member] = [.init("description", .string(summary))]
      switch answer {
      case .nothing: break
      case .json(let schema):
        response.append(.init("content", ["application/json": ["schema": schema.json(isSent: false)]]))
      case .bytes(let types):
        response.append(
          .init("content", .object(types.map { .init($0, ["schema": ["type": "string"]]) })))
      }
      if !fields.isEmpty {
        response.append(
          .init(
            "headers",
            .object(
              fields.sorted { $0.key < $1.key }.map {
                .init($0.key, ["description": .string($0.value), "schema": ["type": "string"]])
              })))
      }
      return .init(String(status), .object(response))
    }
    let problem: JSONValue = ["$ref": "#/components/responses/problem"]
    for (status, reason) in problems.sorted(by: { $0.key < $1.key }) {
      responses.append(
        .init(
          String(status),
          [
            "description": .string(reason),
            "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
          ]))
    }
    responses.append(.init("default", problem))
    members.append(.init("responses", .object(responses)))
    return .object(members)
  }

  private static let security: JSONValue = [["token": []], ["session": []]]
}
