internal import CVision

/// How the process manages its memory.
public enum Memory {
  /// Makes the allocator return large blocks to the system as soon as they are freed, for the whole process.
  ///
  /// Pictures and networks allocate and free large blocks of ever different sizes. By default glibc keeps them in its
  /// heaps, and a folder of photos then takes half as much memory again.
  public static func returnLargeBlocks() { rc_memory_return_large_blocks() }
}
