internal import CVision

/// How the process keeps memory.
public enum Memory {
  /// Asks for large blocks to go back to the system as soon as they are free, for the whole process.
  ///
  /// Pictures and networks take and give back large blocks of ever different sizes. glibc keeps them in its heaps, and
  /// a folder of photos then takes half as much memory again.
  public static func returnLargeBlocks() { rc_memory_return_large_blocks() }
}
