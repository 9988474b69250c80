public import Faces
public import Recognize
public import Store
public import Values

extension Roster {
  /// Reads everybody in the store in one scan.
  ///
  /// - Parameters:
  ///   - fpir: The wanted false-positive identification rate, 0…1.
  ///   - methods: The methods of the probes that are searched for.
  /// - Throws: `StoreError`.
  public init(
    _ store: Store, _ impostors: ImpostorModels, fpir: Double = Matcher.defaultFPIR,
    for methods: Set<RecognitionMethod> = Set(RecognitionMethod.allCases)
  ) throws {
    self.init(impostors, fpir: fpir, for: methods)
    // Templates are sorted by person. Templates of one photo need not be next to each other.
    var person: String?
    var order: [String] = []
    var photos: [String: [String: Embedding]] = [:]
    var learnt: Set<String> = []
    func close(_ roster: inout Roster) {
      guard let person else { return }
      for digest in order {
        let embeddings = photos[digest] ?? [:]
        if learnt.contains(digest) {
          roster.addLearnt(embeddings, of: person)
        } else {
          roster.add(embeddings, digest: digest, of: person)
        }
      }
      (order, photos, learnt) = ([], [:], [])
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
      if entry.isLearnt { learnt.insert(entry.digest) }
    }
    close(&self)
  }
}
