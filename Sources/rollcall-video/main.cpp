// Reads and writes video for Rollcall, in a process of its own: cameras hang, drivers block and decoders crash, and this process can be
// killed without harm. Sources/Video starts it.
//
//   rollcall-video read device|stream|film OPEN_MS READ_MS live|all
//     The first line of standard input is the source; it may hold a password, which has no place in the list of processes. Each further
//     byte asks for a frame. The answer is the newest one that was not given out yet (`live`; older ones are dropped and counted) or
//     the next one (`all`). A film is read at its own speed with `live`.
//   rollcall-video write FILE WIDTH HEIGHT RATE
//     Standard input is RGB pictures, one after the other. When this process exits with 0 the file is whole.

#include "../CVideo/protocol.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <string>
#include <thread>

namespace {

// Larger pictures are no camera's, but a stream that asks for all memory there is.
const int longest_side = 16384;
const int most_pixels = 50'000'000;
// As many frames in a row may be broken before the source counts as lost.
const int broken_frames = 100;

using steady = std::chrono::steady_clock;

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

bool write_all(const void *bytes, size_t count) {
  const char *next = static_cast<const char *>(bytes);
  while (count > 0) {
    const ssize_t done = write(STDOUT_FILENO, next, count);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    next += done;
    count -= static_cast<size_t>(done);
  }
  return true;
}

bool read_all(void *bytes, size_t count) {
  char *next = static_cast<char *>(bytes);
  while (count > 0) {
    const ssize_t done = read(STDIN_FILENO, next, count);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    next += done;
    count -= static_cast<size_t>(done);
  }
  return true;
}

// Between the thread that reads the source and the one that answers.
class Exchange {
 public:
  explicit Exchange(bool every_frame) : every_frame(every_frame) {}

  void put(cv::Mat &rgb, rc_video_message about) {
    std::unique_lock lock(mutex);
    if (every_frame) changed.wait(lock, [&] { return !waiting; });
    if (waiting) ++dropped;
    about.kind = RC_VIDEO_FRAME;
    about.width = static_cast<uint32_t>(rgb.cols);
    about.height = static_cast<uint32_t>(rgb.rows);
    about.count = static_cast<uint32_t>(rgb.total() * 3);
    newest = about;
    cv::swap(pixels, rgb);
    waiting = true;
    changed.notify_all();
  }

  // A frame that waits is given out before.
  void end(uint32_t kind, const std::string &reason) {
    std::unique_lock lock(mutex);
    ended = kind;
    why = reason;
    changed.notify_all();
  }

  // Waits for a frame, or for the end. Returns false when the answer cannot be given.
  bool answer(cv::Mat &rgb) {
    rc_video_message about{};
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return waiting || ended != 0; });
      if (waiting) {
        about = newest;
        cv::swap(pixels, rgb);
        waiting = false;
      } else {
        about.kind = ended;
        about.count = static_cast<uint32_t>(why.size());
      }
      about.dropped = dropped;
      dropped = 0;
      changed.notify_all();
    }
    const void *rest = about.kind == RC_VIDEO_FRAME ? static_cast<const void *>(rgb.data) : why.data();
    return write_all(&about, sizeof about) && write_all(rest, about.count);
  }

 private:
  const bool every_frame;
  std::mutex mutex;
  std::condition_variable changed;
  cv::Mat pixels;
  rc_video_message newest{};
  bool waiting = false;
  uint64_t dropped = 0;
  uint32_t ended = 0;
  std::string why;
};

struct failed {
  const char *why;
};

cv::VideoCapture opened(const std::string &kind, const std::string &source, int open_ms, int read_ms) {
  cv::VideoCapture capture;
  if (kind == "device") {
    if (!capture.open(source, cv::CAP_V4L2)) throw failed{"the camera cannot be opened"};
    return capture;
  }
  const bool is_stream = kind == "stream";
  if (!is_stream && access(source.c_str(), R_OK) != 0) throw failed{"there is no such file, or it may not be read"};
  if (is_stream) setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp|flags;low_delay", 1);
  // The limit is for a picture, not for what comes over the wire, and the first one may have to wait for the next that is whole, for
  // many seconds with some cameras. Who asked for the pictures knows how long a running camera may be silent, and ends this process.
  const std::vector<int> limits{cv::CAP_PROP_OPEN_TIMEOUT_MSEC, open_ms, cv::CAP_PROP_READ_TIMEOUT_MSEC, open_ms + read_ms};
  if (!capture.open(source, cv::CAP_FFMPEG, limits))
    throw failed{is_stream ? "nobody answers there, or no video comes" : "it holds no video that can be decoded"};
  return capture;
}

void read_source(const std::string &kind, const std::string &source, int open_ms, int read_ms, bool every_frame,
                 Exchange &exchange) {
  try {
    cv::VideoCapture capture = opened(kind, source, open_ms, read_ms);
    const bool is_film = kind == "film";
    double length = 0, rate = 0;
    if (is_film) {
      rate = capture.get(cv::CAP_PROP_FPS);
      if (!(rate > 0.1 && rate < 1000)) rate = 25;
      const double frames = capture.get(cv::CAP_PROP_FRAME_COUNT);
      if (frames > 0 && frames < 1e9) length = frames / rate;
    }
    cv::Mat bgr, rgb;
    const auto began = steady::now();
    int broken = 0;
    for (uint64_t number = 0;; ++number) {
      rc_video_message about{};
      about.length = length;
      if (!capture.grab()) {
        if (is_film) return exchange.end(RC_VIDEO_END, "");
        throw failed{"the video stopped"};
      }
      about.captured = now();
      if (is_film) {
        about.position = capture.get(cv::CAP_PROP_POS_MSEC) / 1000;
        // Some containers do not say.
        if (!(about.position > 0)) about.position = static_cast<double>(number) / rate;
        if (!every_frame) {
          std::this_thread::sleep_until(began + std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(about.position)));
          about.captured = now();
        }
      }
      if (!capture.retrieve(bgr) || bgr.empty() || bgr.type() != CV_8UC3) {
        if (++broken > broken_frames) throw failed{"its pictures are damaged"};
        continue;
      }
      if (bgr.cols > longest_side || bgr.rows > longest_side || bgr.total() > most_pixels) throw failed{"its pictures are too large"};
      broken = 0;
      cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
      exchange.put(rgb, about);
    }
  } catch (const failed &failure) {
    exchange.end(RC_VIDEO_FAILURE, failure.why);
  } catch (const std::exception &) {
    // Its text may hold the source's password.
    exchange.end(RC_VIDEO_FAILURE, "it cannot be read");
  }
}

// Whoever wanted the frames may be killed while this process waits for a camera. Not PR_SET_PDEATHSIG: that waits for the end of the
// thread that started this process, and threads end before their process does.
void end_with_connection() {
  pollfd other{STDIN_FILENO, POLLRDHUP, 0};
  while (poll(&other, 1, -1) < 0 && errno == EINTR) {
  }
  _exit(0);
}

int read_frames(const std::string &kind, int open_ms, int read_ms, bool every_frame) {
  std::thread(end_with_connection).detach();
  std::string source;
  for (char next; read_all(&next, 1) && next != '\n';) source += next;
  Exchange exchange(every_frame);
  std::thread([&] { read_source(kind, source, open_ms, read_ms, every_frame, exchange); }).detach();
  cv::Mat rgb;
  for (char request; read_all(&request, 1);)
    if (!exchange.answer(rgb)) break;
  // Not a return: the reader may hang in a driver, and the end of the process is all that ends it.
  _exit(0);
}

int write_film(const std::string &file, int width, int height, double rate) {
  const std::string extension = file.substr(std::min(file.size(), file.rfind('.') + 1));
  // Plain H.264 is what cameras send: tests let a server send such a film.
  const int codec = extension == "avi"    ? cv::VideoWriter::fourcc('M', 'J', 'P', 'G')
                    : extension == "h264" ? cv::VideoWriter::fourcc('H', '2', '6', '4')
                                          : cv::VideoWriter::fourcc('m', 'p', '4', 'v');
  cv::VideoWriter writer(file, cv::CAP_FFMPEG, codec, rate, cv::Size(width, height));
  if (!writer.isOpened()) {
    std::cerr << "the file cannot be written, or its kind is none of .mp4, .mkv and .avi\n";
    return 1;
  }
  cv::Mat rgb(height, width, CV_8UC3), bgr;
  while (read_all(rgb.data, rgb.total() * 3)) {
    cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    writer.write(bgr);
  }
  writer.release();
  return 0;
}

}  // namespace

int main(int count, char **arguments) {
  signal(SIGPIPE, SIG_IGN);
  // A terminal's Ctrl-C is for Rollcall, which ends this process itself.
  signal(SIGINT, SIG_IGN);
  // FFmpeg's own lines name the source, password and all.
  setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 1);
  setenv("OPENCV_LOG_LEVEL", "SILENT", 1);
  cv::setNumThreads(1);
  const std::string mode = count > 1 ? arguments[1] : "";
  try {
    if (mode == "read" && count == 6)
      return read_frames(arguments[2], atoi(arguments[3]), atoi(arguments[4]), std::string(arguments[5]) == "all");
    if (mode == "write" && count == 6)
      return write_film(arguments[2], atoi(arguments[3]), atoi(arguments[4]), atof(arguments[5]));
  } catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  std::cerr << "rollcall-video belongs to Rollcall, which starts it; it is not meant to be run by hand\n";
  return 2;
}
