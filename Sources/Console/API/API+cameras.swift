import Access
import Formats
import Foundation
import HTTP
import Live
import Store
import Video
import Vision
import Wire

extension Services {
  private static let nameSchema = JSONSchema.text(
    1...64, pattern: "[^\\x00-\\x1f\\x7f/?#%]+", about: "What the log calls it.")

  /// The endpoints of the cameras and of their pictures.
  var cameraEndpoints: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/cameras", name: "listCameras", summary: "All cameras, and how they do",
        door: .holder(of: .view), answers: [200: .json(Shapes.page("Camera"))]
      ) { _ in .json(["items": .array(cameras.states.map(\.json)), "next": .null]) },
      Endpoint(
        method: "POST", path: "/cameras", name: "addCamera", summary: "Watch another camera",
        door: .holder(of: .manage),
        content: .json(
          .object([
            .init("name", Self.nameSchema),
            .init(
              "source", .text(1...1000, about: "0 or /dev/video0 on the server, or an address: rtsp://…, http://…")),
          ])),
        answers: [201: .json(.named("Camera"))],
        problems: [409: "There is a camera of this name.", 422: "This is no source."], keepsAnswer: true
      ) { call in try add(call) },
      Endpoint(
        method: "DELETE", path: "/cameras/{name}", name: "removeCamera", summary: "Stop watching a camera",
        door: .holder(of: .manage), answers: [204: .nothing], problems: [404: "There is no such camera."]
      ) { call in
        let name = call.path("name")
        guard cameras.isWatched(name) else { throw Problem(404, "There is no camera “\(name)” to remove.") }
        try audit.change(.cameraRemove, .other(name), by: call.known()) {
          _ = try store.removeCamera(named: name)
          cameras.remove(name)
        }
        return .empty()
      },
      Endpoint(
        method: "POST", path: "/cameras/{name}/frames", name: "lookThroughBrowser",
        summary: "Look at a picture from a camera that the server cannot reach, such as a browser's",
        door: .holder(of: .identify), content: .picture, answers: [200: .json(.named("Faces"))],
        problems: [409: "The server watches a camera of this name itself.", 422: "This is no picture."]
      ) { call in
        let name = call.path("name")
        guard Self.nameSchema.flaws(of: .string(name)).isEmpty else {
          throw Problem(422, "A camera's name has 1 to 64 characters, none of them / ? # or %.")
        }
        let image = try picture(call)
        let observation = try cameras.look(at: image, from: name)
        return .json([
          "width": .int(image.width), "height": .int(image.height),
          "faces": .array(observation.faces.map { WireFormat.json($0.face, .identity, track: $0.track) }),
          "events": .array(observation.events.map { describe($0.event) }),
        ])
      },
      Endpoint(
        method: "GET", path: "/live", name: "watchLive",
        summary:
          "What the cameras see, as server-sent events: `cameras`, `moment`, `event`, `forgotten`, and at the "
          + "beginning `earlier`",
        door: .holder(of: .view),
        query: [
          .init("cameras", .text(1...1000), "Only these, with commas between them."),
          .init("pictures", .flag(default: true), "false: only what is said of them."),
          .init("width", .whole(64...1920, default: 640), "Of the pictures, in pixels, 64 to 1920."),
        ], answers: [200: .bytes(["text/event-stream"])]
      ) { call in
        let request = LiveFeed.Request(
          cameras: call.text("cameras").map { Set($0.split(separator: ",").map(String.init)) },
          hasPictures: call.query["pictures"] != .bool(false), width: call.number("width") ?? 640)
        let earlier = ServerEvent(name: "earlier", data: "[\(events.recent(20).joined(separator: ","))]")
        return .events(feed.add(request, hello: [cameras.event, earlier]))
      },
      Endpoint(
        method: "GET", path: "/events", name: "followEvents",
        summary: "What happens, as server-sent events: who arrives, whose mask changes, who was last seen",
        door: .holder(of: .view), answers: [200: .bytes(["text/event-stream"])]
      ) { call in .events(events.listen(after: call.request.lastEventID)) },
      Endpoint(
        method: "GET", path: "/events/{id}/snapshot", name: "showSnapshot",
        summary: "The picture that is kept of an event",
        door: .holder(of: .view), answers: [200: .bytes(["image/jpeg"])], problems: [404: "None is kept."]
      ) { call in
        let id = call.path("id")
        guard let (snapshot, jpeg) = try store.snapshot(ofEvent: id) else {
          throw Problem(404, "No picture of this event is kept.")
        }
        try audit.record(.snapshot, snapshot.personID.map { .person($0) } ?? .other(id), by: call.known())
        var response = Response(jpeg, type: "image/jpeg")
        response.headers["Cache-Control"] = "no-store"
        return response
      },
    ]
  }

  private func add(_ call: Call) throws -> Response {
    let new = try call.body(as: NewCamera.self)
    let (name, text) = (new.name, new.source)
    let source: VideoSource
    do {
      source = try VideoSource(text)
    } catch {
      throw Problem(
        422, "\(error)", members: [.init("errors", [["pointer": "/source", "detail": .string("\(error)")]])])
    }
    // A file name from a browser would reveal which files the server has.
    guard source.kind != .film else {
      throw Problem(
        422, "Films are watched with `rollcall live` and `rollcall serve FILE`. Give a camera's number or address.")
    }
    let caller = try call.known()
    try audit.change(.cameraAdd, .other(name), by: caller) {
      try cameras.add(name, source)
      _ = try store.insert(CameraSetting(name: name, source: text, by: caller.name))
    }
    guard let state = cameras.states.first(where: { $0.name == name }) else {
      throw Problem(409, "The camera was removed again meanwhile.")
    }
    return .json(state.json, status: 201)
  }
}
