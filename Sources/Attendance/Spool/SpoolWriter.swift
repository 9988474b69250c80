import Foundation
import Posix

/// The segment that a spool is writing to. It is used with the spool's lock held; only `fsync` may run in one thread
/// without it.
final class SpoolWriter {
  let name: String
  let file: Descriptor
  /// The number of bytes in the file.
  private(set) var size: Int
  /// The number of those bytes that are on disk.
  private(set) var syncedSize: Int
  /// The number of records written so far, and the number of them that are on disk. They never decrease.
  private(set) var written = 0
  private(set) var synced = 0
  /// Whether a thread is in `fsync`.
  var isSyncing = false
  /// Why nothing more may be written here.
  var failure: SpoolError?

  /// Makes a new segment.
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

  /// Opens a segment that a process has rewritten, and that is therefore on disk.
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

  /// Adds all records, or none.
  func write(_ data: Data, records: Int) throws(SystemFailure) {
    try SpoolFolder.write(data, to: file, at: size)
    size += data.count
    written += records
  }

  /// The position up to which `fsync` brings the file to disk if it is called now.
  var mark: (size: Int, written: Int) { (size, written) }

  /// Records that `fsync` succeeded.
  func reached(_ mark: (size: Int, written: Int)) {
    syncedSize = mark.size
    synced = mark.written
  }

  /// Whether everything that was written is on disk.
  var isSynced: Bool { synced == written && !isSyncing }

  /// Removes the records that may not be on disk.
  ///
  /// - Returns: The number of removed records.
  func rollBack() -> Int {
    let records = written - synced
    guard ftruncate(file.number, off_t(syncedSize)) == 0 else { return 0 }
    size = syncedSize
    return records
  }

  /// Empties the segment. Everything in it must be on disk, so that no thread waits for it.
  func empty() throws(SystemFailure) {
    try SystemFailure.check { ftruncate(file.number, 0) }
    size = 0
    syncedSize = 0
  }
}
