import Foundation
import Posix

/// The segment that a spool is writing to. Used with the spool's lock held, except that one thread may be in `fsync`.
final class SpoolWriter {
  let name: String
  let file: Descriptor
  /// Bytes in the file.
  private(set) var size: Int
  /// Bytes of it that are on disk.
  private(set) var syncedSize: Int
  /// Records that were ever written, and how many of them are on disk. They only go up.
  private(set) var written = 0
  private(set) var synced = 0
  /// Whether a thread is in `fsync`.
  var isSyncing = false
  /// Why nothing more is written here.
  var failure: SpoolError?

  /// A new segment.
  convenience init(creating name: String, in folder: SpoolFolder) throws(SystemFailure) {
    let file = try Descriptor(name, in: folder.descriptor, flags: O_WRONLY | O_CREAT | O_EXCL | O_APPEND)
    self.init(name, file, size: 0)
    do throws(SystemFailure) {
      try SpoolFolder.synchronize(folder.descriptor)
    } catch {
      try? folder.remove(name)
      throw error
    }
  }

  /// A segment that somebody has rewritten, and thereby brought to disk.
  convenience init(reopening name: String, in folder: SpoolFolder) throws(SystemFailure) {
    self.init(
      name, try Descriptor(name, in: folder.descriptor, flags: O_WRONLY | O_APPEND), size: folder.size(name))
  }

  private init(_ name: String, _ file: Descriptor, size: Int) {
    self.name = name
    self.file = file
    self.size = size
    syncedSize = size
  }

  /// Adds records, or nothing.
  func write(_ data: Data, records: Int) throws(SystemFailure) {
    try SpoolFolder.write(data, to: file, at: size)
    size += data.count
    written += records
  }

  /// What `fsync` will have brought to disk if it is called now.
  var mark: (size: Int, written: Int) { (size, written) }

  /// Notes that `fsync` succeeded.
  func reached(_ mark: (size: Int, written: Int)) {
    syncedSize = mark.size
    synced = mark.written
  }

  /// Whether everything that was written is on disk.
  var isSynced: Bool { synced == written && !isSyncing }

  /// Takes back what is not on disk for sure.
  ///
  /// - Returns: how many records that were.
  func rollBack() -> Int {
    let records = written - synced
    guard ftruncate(file.number, off_t(syncedSize)) == 0 else { return 0 }
    size = syncedSize
    return records
  }

  /// Empties the segment. Everything in it must be on disk, so that nobody waits for it.
  func empty() throws(SystemFailure) {
    try SystemFailure.check { ftruncate(file.number, 0) }
    size = 0
    syncedSize = 0
  }
}
