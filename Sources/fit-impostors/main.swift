import Faces
import Foundation
import Recognize
import Terminal
import Values
import Vision

// Fits an impostor model: `make fit-impostors`. models/face-impostors.md describes the data and the reasons.
//
// usage: fit-impostors MODEL STRANGERS.csv PEOPLE_FOLDER OUTPUT.json [LEFT_OUT.txt]
//   MODEL           face, periocular or second. For periocular, the probes have masks of all styles drawn on, and the
//                   model builds on the model of the face encoder; second builds on both
//   STRANGERS.csv   columns file, age, gender, race; one person per photo
//   PEOPLE_FOLDER   one folder of photos per person; some people give the metric of the periocular encoder, the others
//                   the genuine distances
//   LEFT_OUT.txt    names of folders in PEOPLE_FOLDER, one per line: people who were left out of the training and give
//                   the genuine distances; without this file, every other person does

enum Model: String {
  case face, periocular, second
}

let arguments = CommandLine.arguments
guard (5...6).contains(arguments.count), let model = Model(rawValue: arguments[1]) else {
  FileHandle.standardError.write(
    Data("usage: fit-impostors face|periocular|second STRANGERS.csv PEOPLE_FOLDER OUTPUT.json [LEFT_OUT.txt]\n".utf8))
  exit(2)
}
Memory.returnLargeBlocks()
let models = try Models.find()
let engine = FaceEngine(
  finder: try FaceFinder(models: models), periocular: try PeriocularEncoder(models: models),
  second: try model == .second ? SecondEncoder(models: models) : nil)
let reader = SubjectReader(engine: engine, drawsMasks: model != .face)

let output = URL(fileURLWithPath: arguments[4])
let list = URL(fileURLWithPath: arguments[2])
let rows = try String(contentsOf: list, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst()
  .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
let base = list.deletingLastPathComponent()
let origins = Dictionary(
  rows.map { (base.appendingPathComponent($0[0]), $0[3]) }, uniquingKeysWith: { first, _ in first })
// One photo in three measures crowding, the others measure strangers. Photos that the correction has used must not
// judge it.
let photos = rows.map { base.appendingPathComponent($0[0]) }.enumerated()
let cohort =
  try model == .periocular
  ? [] : reader.subjects(photos.filter { $0.offset % 3 == 0 }.map(\.element), title: "Crowding")
let others = try reader.subjects(photos.filter { $0.offset % 3 != 0 }.map(\.element), title: "Strangers").map {
  (subject: $0, origin: origins[$0.file])
}
let leftOut =
  try arguments.count == 6
  ? Set(String(contentsOfFile: arguments[5], encoding: .utf8).split(whereSeparator: \.isNewline).map(String.init)) : nil
let people = try reader.people(in: arguments[3], leftOut: leftOut)

switch model {
case .face:
  _ = try FirstFit(.face, cohort: cohort, others: others, people: people, models: models, output: output)
case .periocular:
  _ = try FirstFit(.periocular, cohort: cohort, others: others, people: people, models: models, output: output)
case .second:
  let first = try ImpostorModels(
    ImpostorModel(models: models, method: .face), ImpostorModel(models: models, method: .periocular))
  try fileContents(SecondFit(first, cohort: cohort, others: others, people: people)).write(to: output)
}
