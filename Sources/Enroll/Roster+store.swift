public import Faces
public import Recognize
public import Store
import Values

extension Roster {
  /// Reads everybody in the store in one scan.
  ///
  /// - Parameters:
  ///   - fpir: The wanted false-positive identification rate, 0…1.
  ///   - servesCovered: Whether covered probes are searched for too.
  /// - Throws: `StoreError`.
  public init(
    _ store: Store, _ impostors: ImpostorModels, fpir: Double = Matcher.defaultFPIR, servesCovered: Bool = true
  ) throws {
    self.init(impostors, fpir: fpir, servesCovered: servesCovered)
    // Templates are sorted by person. Templates of one photo need not be next to each other.
    var person: String?
    var order: [String] = []
    var photos: [String: [String: Embedding]] = [:]
    func close(_ roster: inout Roster) {
      guard let person else { return }
      for digest in order { roster.add(photos[digest] ?? [:], digest: digest, of: person) }
      (order, photos) = ([], [:])
    }
    try store.forEachGalleryEntry { entry in
      if entry.personID != person {
        close(&self)
        person = entry.personID
        add(PersonName(id: entry.personID, name: entry.name))
      }
      guard let dimensions = TemplateEmbeddings.dimensions[entry.encoder],
        let embedding = Embedding(entry.embedding, dimensions: dimensions)
      else { return }
      if photos[entry.digest] == nil { order.append(entry.digest) }
      photos[entry.digest, default: [:]][entry.encoder] = embedding
    }
    close(&self)
  }
}
