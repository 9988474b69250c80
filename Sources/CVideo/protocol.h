/// What Sources/Video and the program rollcall-video say to each other over a connection. Both run on one machine and are built
/// together, so numbers are as the machine has them.
#ifndef ROLLCALL_CVIDEO_PROTOCOL_H
#define ROLLCALL_CVIDEO_PROTOCOL_H

#include <stdint.h>

enum {
  RC_VIDEO_FRAME = 1,    ///< `count` bytes of RGB follow, rows top to bottom
  RC_VIDEO_END = 2,      ///< the film is over
  RC_VIDEO_FAILURE = 3,  ///< `count` bytes of UTF-8 follow: why the source cannot be read on
};

typedef struct rc_video_message {
  uint32_t kind;
  uint32_t width, height;
  uint32_t count;
  uint64_t dropped;  ///< frames that nobody asked for in time, since the last message
  double captured;   ///< when the frame came, seconds since 1970
  double position;   ///< in a film: seconds from its beginning; else 0
  double length;     ///< of a film, in seconds; 0 for cameras and where it is unknown
} rc_video_message;

#endif
