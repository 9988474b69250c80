import Access
import Enroll
import Faces
import Formats
import Foundation
import HTTP
import Store
import Values
import Vision
import Wire

extension Services {
  private static let nameSchema = JSONSchema.text(1...200, about: "As people read it.")
  private static let groups = JSONSchema.list(.text(1...100), atMost: 50)

  /// The endpoints of people and their photos, with forgetting a person.
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
        return .json(Self.page(page.items.map { wire.json($0, needsPhotos: needsPhotos($0)) }, page.next))
      },
      Endpoint(
        method: "POST", path: "/people", name: "addPerson", summary: "Add a person, who has agreed to it",
        door: .holder(of: .enroll),
        query: [
          .init(
            "allowDifferent", .flag(default: false),
            "true: also a name that somebody else has, as two pupils of a school may.")
        ],
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
        problems: [409: "There is a person of this id or, as `person` says, of this name."], keepsAnswer: true
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
      ) { call in .json(json(try enroller.judge(call.request.body, among: roster.refresh()))) },
      Endpoint(
        method: "POST", path: "/people/{id}/photos", name: "addPhoto",
        summary: "Learn a person from a photo, which itself is not kept", door: .holder(of: .enroll),
        query: [
          .init(
            "allowDuplicate", .flag(default: false),
            "true: also a face that somebody else is known by, as twins have."),
          .init(
            "allowDifferent", .flag(default: false),
            "true: also a face that does not fit the person's other photos."),
        ], content: .picture,
        answers: [
          201: .json(
            .object([
              .init("outcome", .choice(["enrolled", "skipped"], about: "skipped: this very photo was there already.")),
              .init("templates", .whole(0...Int.max)),
            ]))
        ],
        problems: [
          404: "There is no such person.",
          409:
            "Somebody else is known by this face, as `duplicate` says, or the photo does not fit those of `person`.",
          422: "The photo is not good enough; `verdict` and `detail` say why.",
        ], keepsAnswer: true
      ) { call in try addPhoto(call) },
    ]
  }

  private func known(_ call: Call) throws -> Person {
    try store.existingPerson(id: call.path("id"))
  }

  private func addPerson(_ call: Call) throws -> Response {
    let new = try call.body(as: NewPerson.self)
    let day = try new.consent.date.map { try Timestamp.parseDay($0, in: timeZone) }
    if !call.flag("allowDifferent"),
      let other = NamesInUse(try store.names()).owner(of: new.name, except: new.id ?? "")
    {
      throw Self.problem(nameOf: other)
    }
    // Short enough to be read aloud, and long enough to be unique.
    let id = new.id ?? "p-" + String(UInt64.random(in: 1 << 40..<1 << 45), radix: 36)
    let person = try audit.change(.personAdd, .person(id), by: call.known()) {
      do {
        return try store.createPerson(
          id: id, name: new.name, groups: new.groups ?? [],
          consent: Consent(text: new.consent.text, date: day ?? Date()))
      } catch let error as StoreError where error.code == .exists {
        throw Problem(409, "Somebody has the id “\(id)” already. Choose another, or leave it out.")
      }
    }
    refreshRoster()
    var response = answer(person, status: 201)
    response.headers["Location"] = API.prefix + "/people/" + Self.escaped(person.id)
    return response
  }

  private func changePerson(_ call: Call) throws -> Response {
    let person = try known(call)
    if let wanted = call.request.headers["If-Match"], wanted != "*", wanted != Self.tag(person) {
      throw Problem(412, "The person has changed since. Load it again.")
    }
    let change = try call.body(as: PersonChange.self)
    let changed = try audit.change(.personChange, .person(person.id), by: call.known()) {
      do {
        return try store.changePerson(
          id: person.id, name: change.name, groups: change.groups, ifUpdated: person.updated)
      } catch let error as StoreError where error.code == .changed {
        throw Problem(412, "The person was changed at the same time. Load it again.")
      }
    }
    refreshRoster()
    return answer(changed)
  }

  private func forget(_ call: Call) throws -> Response {
    let person = try known(call)
    let forgotten = try audit.change(.personForget, .person(person.id), by: call.known()) {
      try forgetPerson(person.id)
    }
    refreshRoster()
    // Clients that resume the stream of events would otherwise receive the name again.
    events.forget()
    // Open pages show the name. This event makes them remove it.
    feed.send(ServerEvent(name: "forgotten", data: JSONValue.object([.init("id", .string(person.id))]).text()))
    return .json([
      "templates": .int(forgotten.templates), "events": .int(forgotten.events), "marks": .int(forgotten.marks),
      "snapshots": .int(forgotten.snapshots), "remaining": .int(forgotten.remaining),
    ])
  }

  private func addPhoto(_ call: Call) throws -> Response {
    let person = try known(call)
    let outcome = try audit.change(.photoAdd, .person(person.id), by: call.known()) {
      try enroller.enroll(
        call.request.body, called: "upload", personID: person.id, among: roster.refresh(),
        allowDuplicate: call.flag("allowDuplicate"), allowDifferent: call.flag("allowDifferent"))
    }
    switch outcome {
    case .enrolled, .skipped:
      let photos = try roster.refresh().photoCount(of: person.id)
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
        members: [.init("duplicate", WireFormat.json(other))])
    case .stray(let stray): throw Self.problem(stray)
    case .nameTaken(let other): throw Self.problem(nameOf: other)
    case .mixed: throw Problem(409, "The photos show different people. Add the photos of one person at a time.")
    }
  }

  private static func problem(_ stray: Stray) -> Problem {
    let like = stray.like.map { " It looks like \($0.name)." } ?? ""
    return Problem(
      409, type: "\(API.problems)stray", title: "Somebody else",
      """
      This photo does not fit the photos of \(stray.person.name).\(like) \
      If it shows \(stray.person.name), add it all the same.
      """,
      members: [
        .init("person", WireFormat.json(stray.person)), .init("like", stray.like.map(WireFormat.json) ?? .null),
      ])
  }

  private static func problem(nameOf other: PersonName) -> Problem {
    Problem(
      409, type: "\(API.problems)name-taken", title: "Name in use",
      "\(other.name) has the id “\(other.id)” already. If these are two people, add the person all the same.",
      members: [.init("person", WireFormat.json(other))])
  }

  // MARK: Responses

  private func needsPhotos(_ person: Person) -> Bool { engine.second != nil && person.lacksSecondEncoder }

  private func answer(_ person: Person, status: Int = 200) -> Response {
    var response = Response.json(wire.json(person, .photos, needsPhotos: needsPhotos(person)), status: status)
    response.headers["ETag"] = Self.tag(person)
    return response
  }

  /// An ETag that changes with each change of the person. The time has milliseconds, as MongoDB stores it.
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
      "quality": .optional(quality.map(WireFormat.quality)), "width": .int(verdict.width),
      "height": .int(verdict.height),
      "faces": .array(
        verdict.faces.map { face in
          ["box": WireFormat.json(face.box), "isMain": .bool(face.isMain)]
        }),
      "duplicates": .array(verdict.duplicates.map(WireFormat.json)),
    ]
  }
}
