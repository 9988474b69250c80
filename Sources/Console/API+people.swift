import Enroll
import Formats
import Foundation
import HTTP
import Live
import Store
import Vision

extension Services {
  private static let nameSchema = Schema.text(1...200, about: "As people read it.")
  private static let groups = Schema.list(.text(1...100), atMost: 50)

  /// The people, their photos, and the end of both.
  var peopleEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/people", name: "listPeople", summary: "People, by name", door: .holder(of: .view),
        query: [
          .init("search", .text(1...100), "Only those with this in their name or id."),
          .init("group", .text(1...100), "Only people in this group."), Shapes.limit, Shapes.after,
        ], answers: [200: .json(Shapes.page("Person"))]
      ) { call in
        let page = try store.peoplePage(
          search: call.text("search"), group: call.text("group"), after: call.text("after"),
          limit: call.limit)
        return .json(Self.page(page.items.map { .object(members($0)) }, page.next))
      },
      Endpoint(
        method: "POST", path: "/people", name: "addPerson", summary: "Add a person, who has agreed to it",
        door: .holder(of: .enroll),
        content: .json(
          .object([
            .init(
              "id", .text(1...100, pattern: "[^\\x00-\\x1f\\x7f/?#%]+", about: "Made up when it is missing."),
              needed: false),
            .init("name", Self.nameSchema), .init("groups", Self.groups, needed: false),
            .init(
              "consent",
              .object([
                .init("text", .text(1...2000, about: "What the person agreed to, or the version of your policy.")),
                .init("date", .day(about: "When; today unless said otherwise."), needed: false),
              ])),
          ])),
        answers: [201: .json(.named("Person"))],
        fields: ["ETag": "Changes whenever the person does.", "Location": "Where the person is."],
        problems: [409: "There is a person of this id."], keepsAnswer: true
      ) { call in try addPerson(call) },
      Endpoint(
        method: "GET", path: "/people/{id}", name: "showPerson", summary: "A person, with what is kept of the photos",
        door: .holder(of: .view), answers: [200: .json(.named("Person"))],
        fields: ["ETag": "Changes whenever the person does."], problems: [404: "There is no such person."]
      ) { call in
        let person = try known(call)
        try audit.record(.look, .person(person.id), by: call.known())
        return answer(person)
      },
      Endpoint(
        method: "PATCH", path: "/people/{id}", name: "changePerson", summary: "Another name, or other groups",
        door: .holder(of: .enroll),
        content: .json(
          .object([.init("name", Self.nameSchema, needed: false), .init("groups", Self.groups, needed: false)])),
        answers: [200: .json(.named("Person"))], fields: ["ETag": "Changes whenever the person does."],
        problems: [404: "There is no such person.", 412: "The person has changed since: the ETag in If-Match is old."]
      ) { call in try changePerson(call) },
      Endpoint(
        method: "DELETE", path: "/people/{id}", name: "forgetPerson",
        summary: "Forget a person: templates, snapshots, marks, and the name in the log", door: .holder(of: .manage),
        answers: [200: .json(.named("Forgotten"))], problems: [404: "There is no such person."]
      ) { call in try forget(call) },
      Endpoint(
        method: "POST", path: "/photos", name: "judgePhoto",
        summary: "Whether a photo is good enough to know somebody by; nothing is kept", door: .holder(of: .enroll),
        content: .picture, answers: [200: .json(.named("Verdict"))], problems: [422: "This is no picture."]
      ) { call in .json(json(try enroller.judge(call.request.body))) },
      Endpoint(
        method: "POST", path: "/people/{id}/photos", name: "addPhoto",
        summary: "Learn a person from a photo, which itself is not kept", door: .holder(of: .enroll),
        query: [
          .init(
            "allowDuplicate", .flag(default: false), "true: also a face that somebody else is known by, as twins have.")
        ], content: .picture,
        answers: [
          201: .json(
            .object([
              .init("outcome", .choice(["enrolled", "skipped"], about: "skipped: this very photo was there already.")),
              .init("templates", .whole(0...Int.max)),
            ]))
        ],
        problems: [
          404: "There is no such person.", 409: "Somebody else is known by this face.",
          422: "The photo is not good enough; `verdict` and `detail` say why.",
        ], keepsAnswer: true
      ) { call in try addPhoto(call) },
    ]
  }

  private func known(_ call: Call) throws -> Person {
    try store.existingPerson(id: call.path("id"))
  }

  private func addPerson(_ call: Call) throws -> Response {
    let consent = call.body["consent"] ?? .null
    let day = try consent["date"]?.string.map { try Timestamp.parseDay($0, in: timeZone) }
    // Short enough to be read to somebody, and long enough not to be met by chance.
    let id = call.body["id"]?.string ?? "p-" + String(UInt64.random(in: 1 << 40..<1 << 45), radix: 36)
    let person = try audit.change(.personAdd, .person(id), by: call.known()) {
      do {
        return try store.createPerson(
          id: id, name: call.body["name"]?.string ?? "", groups: call.body["groups"]?.texts ?? [],
          consent: Consent(text: consent["text"]?.string ?? "", date: day ?? Date()))
      } catch let error as StoreError where error.code == .exists {
        throw Problem(409, "Somebody has the id “\(id)” already. Choose another, or leave it out.")
      }
    }
    refreshPeople()
    var response = answer(person, status: 201)
    response.headers["Location"] = API.prefix + "/people/" + Self.escaped(person.id)
    return response
  }

  private func changePerson(_ call: Call) throws -> Response {
    let person = try known(call)
    if let wanted = call.request.headers["If-Match"], wanted != "*", wanted != Self.tag(person) {
      throw Problem(412, "The person has changed since. Load it again.")
    }
    let changed = try audit.change(.personChange, .person(person.id), by: call.known()) {
      do {
        return try store.changePerson(
          id: person.id, name: call.body["name"]?.string,
          groups: call.body["groups"].map(\.texts), ifUpdated: person.updated)
      } catch let error as StoreError where error.code == .changed {
        throw Problem(412, "The person was changed at the same time. Load it again.")
      }
    }
    refreshPeople()
    return answer(changed)
  }

  private func forget(_ call: Call) throws -> Response {
    let person = try known(call)
    let forgotten = try audit.change(.personForget, .person(person.id), by: call.known()) {
      try forgetPerson(person.id)
    }
    refreshPeople()
    // Those who come back to the stream of events would be told the name once more.
    events.forget()
    // Pages that are open show the name: they are told to take it away.
    feed.tell(ServerEvent(name: "forgotten", data: JSONValue.object([.init("id", .string(person.id))]).text()))
    return .json([
      "templates": .int(forgotten.templates), "events": .int(forgotten.sightings), "marks": .int(forgotten.marks),
      "snapshots": .int(forgotten.snapshots), "remaining": .int(forgotten.remaining),
    ])
  }

  private func addPhoto(_ call: Call) throws -> Response {
    let person = try known(call)
    let outcome = try audit.change(.photoAdd, .person(person.id), by: call.known()) {
      try enroller.enrol(
        call.request.body, called: "upload", personID: person.id, allowDuplicate: call.flag("allowDuplicate"))
    }
    switch outcome {
    case .enrolled, .skipped:
      refreshPeople()
      let photos = try store.person(id: person.id)?.photos.count ?? 0
      return .json(
        ["outcome": outcome == .enrolled ? "enrolled" : "skipped", "templates": .int(photos)], status: 201)
    case .refused(let refusal): throw refusal
    case .failed(let problem):
      throw Problem(
        422, type: "\(API.problems)photo", title: "No picture", problem.reason,
        members: [.init("verdict", .string(problem.code))])
    case .duplicate(let other):
      throw Problem(
        409, type: "\(API.problems)duplicate", title: "Known already",
        "This face is known as \(other.name). If these are two people, add the photo all the same.",
        members: [.init("duplicate", Happening.person(other.id, other.name))])
    }
  }

  // MARK: Telling

  private func answer(_ person: Person, status: Int = 200) -> Response {
    let photos = person.photos.map { photo -> JSONValue in
      [
        "digest": .string(photo.digest), "source": .string(photo.source),
        "quality": .double((photo.quality * 1000).rounded() / 1000), "created": time(photo.created),
      ]
    }
    var response = Response.json(.object(members(person) + [.init("photos", .array(photos))]), status: status)
    response.headers["ETag"] = Self.tag(person)
    return response
  }

  private func members(_ person: Person) -> [JSONValue.Member] {
    [
      .init("id", .string(person.id)), .init("name", .string(person.name)),
      .init("groups", .array(person.groups.map(JSONValue.string))), .init("templates", .int(person.photos.count)),
      .init("consent", ["text": .string(person.consent.text), "date": time(person.consent.date)]),
      .init("created", time(person.created)), .init("updated", time(person.updated)),
    ]
  }

  /// Another one whenever the person has changed: MongoDB keeps times to the millisecond.
  private static func tag(_ person: Person) -> String {
    "\"\(Int((person.updated.timeIntervalSince1970 * 1000).rounded()))\""
  }

  private static func escaped(_ id: String) -> String {
    id.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~"))) ?? id
  }

  private func json(_ verdict: PhotoVerdict) -> JSONValue {
    let word: String
    let quality: Double?
    let advice: String?
    switch verdict.result {
    case .success(let value): (word, quality, advice) = ("good", value, nil)
    case .failure(let refusal): (word, quality, advice) = (refusal.rawValue, nil, refusal.advice)
    }
    return [
      "verdict": .string(word), "advice": .optional(advice),
      "quality": .optional(quality.map { ($0 * 1000).rounded() / 1000 }), "width": .int(verdict.width),
      "height": .int(verdict.height),
      "faces": .array(
        verdict.faces.map { face in
          ["box": face.box.json, "isMain": .bool(face.isMain)]
        }),
      "duplicates": .array(verdict.duplicates.map { Happening.person($0.id, $0.name) }),
    ]
  }
}
