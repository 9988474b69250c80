// What rollcall-video and Sources/Video say to each other over a pair of pipes. Both run on one machine and were built together, so
// numbers are as the machine has them.
#pragma once

#include <cstdint>

enum message_kind : uint32_t {
  message_frame = 1,    // `count` bytes of RGB follow, rows top to bottom
  message_end = 2,      // the film is over
  message_failure = 3,  // `count` bytes of UTF-8 follow: why the source cannot be read on
};

struct message {
  uint32_t kind;
  uint32_t width, height;
  uint32_t count;
  uint64_t dropped;  // frames that nobody asked for in time, since the last message
  double captured;   // when the frame came, seconds since 1970
  double position;   // in a film: seconds from its beginning; else 0
  double length;     // of a film, in seconds; 0 for cameras and where it is unknown
};
