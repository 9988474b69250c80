import Foundation
import Testing
import Values

@testable import Store

struct ConnectionTests {
  @Test("a server that is not there is named within 5 seconds, without the credentials")
  func unreachable() {
    let clock = ContinuousClock()
    let start = clock.now
    let error = storeError {
      _ = try Store.open(.server(uri: "mongodb://bob:s3cret@127.0.0.1:1/school"))
    }
    #expect(clock.now - start < .seconds(5))
    #expect(error?.code == .unreachable)
    let text = error?.description ?? ""
    #expect(text.contains("no MongoDB server answers at 127.0.0.1:1, database school"))
    #expect(text.contains("Check that the server runs"))
    #expect(!text.contains("bob") && !text.contains("s3cret"))
  }

  @Test("a host that does not exist is an unreachable server")
  func unknownHost() {
    let error = storeError {
      _ = try Store.open(.server(uri: "mongodb://rollcall-test.invalid/?serverSelectionTimeoutMS=500"))
    }
    #expect(error?.code == .unreachable)
  }

  @Test(
    "a connection string that cannot be used says how to write it, without the password",
    arguments: [
      "hello", "mongodb://", "mongodb://bob:s3c@ret@host/x", "mongodb://bob:12/s3cret@host/x",
      "mongodb://bob:1?s3cret@h/x",
      "mongodb://bob:%zzs3cret@host/x", "mongodb://bob:s3cret@host/admin", "mongodb://bob:s3cret@host:99999/x",
      "http://bob:s3cret@host/",
    ])
  func badConnectionString(text: String) {
    let error = storeError { _ = try Store.open(.server(uri: text)) }
    #expect(error?.code == .badConnectionString)
    let message = error?.description ?? ""
    #expect(message.contains("mongodb://"))
    #expect(!message.contains("s3c") && !message.contains("ret@") && !message.contains("bob"))
  }

  @Test("the path of the connection string names the database, else it is rollcall")
  func database() throws {
    #expect(try ConnectionString("mongodb://host/school").database == "school")
    #expect(try ConnectionString("mongodb://host").database == "rollcall")
    let set = try ConnectionString("mongodb://bob:s3cret@one:27018,two/?replicaSet=rs&authSource=admin")
    #expect(set.display == "one:27018,two:27017, database rollcall")
  }

  @Test("secrets are taken out of a text, plain and percent-encoded, and nothing else is")
  func redaction() throws {
    let connection = try ConnectionString("mongodb://roll:p%40ss@host/?tlsCertificateKeyFilePassword=k3y")
    #expect(connection.redacted("p@ss, p%40ss and k3y of roll in rollcall") == "***, *** and *** of *** in rollcall")
    #expect(connection.redacted("at host, k3ys") == "at host, k3ys")
  }

  @Test("a server that refuses the password says so, without the password")
  func wrongPassword() throws {
    try withStore { _, folder throws in
      let socket = folder.path("db/mongod.sock").replacingOccurrences(of: "/", with: "%2F")
      let error = storeError { _ = try Store.open(.server(uri: "mongodb://bob:s3cret@\(socket)/school")) }
      #expect(error?.code == .notAllowed)
      #expect(error?.description.contains("Check user name, password and authSource") == true)
      #expect(error?.description.contains("s3cret") == false)
    }
  }

  @Test("a store on a server keeps its people in the database that the path names")
  func server() throws {
    try withStore { embedded, folder throws in
      let socket = folder.path("db/mongod.sock").replacingOccurrences(of: "/", with: "%2F")
      let server = try Store.open(.server(uri: "mongodb://\(socket)/school"))
      defer { server.close() }
      _ = try server.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      #expect(try server.people().map(\.name) == ["Ada"])
      #expect(try embedded.people().isEmpty)
      #expect(server.address.hasSuffix("database school"))
      #expect(try server.health().version.hasPrefix("6."))
    }
  }
}
