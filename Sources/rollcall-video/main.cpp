// Reads and writes video for Rollcall, in a process of its own: cameras hang, drivers block and decoders crash, and this process can be
// killed without harm. Sources/Video starts it.
//
//   rollcall-video read OPEN_MS READ_MS live|all
//     The first line of standard input is the source; it may hold a password, which has no place in the list of processes. Each further
//     byte asks for a frame. The answer is the newest one that was not given out yet (`live`; older ones are dropped and counted) or
//     the next one (`all`). A film is read at its own speed with `live`.
//   rollcall-video write FILE WIDTH HEIGHT RATE
//     Standard input is RGB pictures, one after the other. One byte on standard output says that the file is whole.

#include "protocol.hpp"

#include <signal.h>
#include <sys/prctl.h>
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

  // Returns false when nobody wants frames any more.
  bool put(cv::Mat &rgb, message about) {
    std::unique_lock lock(mutex);
    if (every_frame) changed.wait(lock, [&] { return !waiting; });
    if (waiting) ++dropped;
    about.kind = message_frame;
    about.width = static_cast<uint32_t>(rgb.cols);
    about.height = static_cast<uint32_t>(rgb.rows);
    about.count = static_cast<uint32_t>(rgb.total() * 3);
    newest = about;
    cv::swap(pixels, rgb);
    waiting = true;
    changed.notify_all();
    return true;
  }

  void end(uint32_t kind, const std::string &reason) {
    std::unique_lock lock(mutex);
    if (every_frame) changed.wait(lock, [&] { return !waiting; });
    ended = kind;
    why = reason;
    changed.notify_all();
  }

  // Waits for a frame, or for the end. Returns false when the answer cannot be given.
  bool answer(cv::Mat &rgb) {
    message about{};
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
    const void *rest = about.kind == message_frame ? static_cast<const void *>(rgb.data) : why.data();
    return write_all(&about, sizeof about) && write_all(rest, about.count);
  }

 private:
  const bool every_frame;
  std::mutex mutex;
  std::condition_variable changed;
  cv::Mat pixels;
  message newest{};
  bool waiting = false;
  uint64_t dropped = 0;
  uint32_t ended = 0;
  std::string why;
};

bool is_number(const std::string &text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

bool is_stream(const std::string &source) { return source.find("://") != std::string::npos; }

struct failed {
  const char *why;
};

cv::VideoCapture opened(const std::string &source, int open_ms, int read_ms) {
  cv::VideoCapture capture;
  const std::string device = "/dev/video";
  if (is_number(source)) {
    if (!capture.open(std::stoi(source), cv::CAP_V4L2)) throw failed{"no camera has this number"};
  } else if (source.compare(0, device.size(), device) == 0) {
    if (!capture.open(source, cv::CAP_V4L2)) throw failed{"the camera cannot be opened"};
  } else {
    if (!is_stream(source) && access(source.c_str(), R_OK) != 0) throw failed{"there is no such file, or it may not be read"};
    // Not for films: without FFmpeg's buffer their first pictures are lost.
    if (is_stream(source)) setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp|fflags;nobuffer|flags;low_delay", 1);
    const std::vector<int> limits{cv::CAP_PROP_OPEN_TIMEOUT_MSEC, open_ms, cv::CAP_PROP_READ_TIMEOUT_MSEC, read_ms};
    if (!capture.open(source, cv::CAP_FFMPEG, limits))
      throw failed{is_stream(source) ? "nobody answers there, or no video comes" : "it holds no video that can be decoded"};
  }
  return capture;
}

void read_source(const std::string &source, int open_ms, int read_ms, bool every_frame, Exchange &exchange) {
  try {
    cv::VideoCapture capture = opened(source, open_ms, read_ms);
    const bool is_film = !is_number(source) && !is_stream(source) && source.compare(0, 5, "/dev/") != 0;
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
      message about{};
      about.length = length;
      if (!capture.grab()) {
        if (is_film) return exchange.end(message_end, "");
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
    exchange.end(message_failure, failure.why);
  } catch (const std::exception &) {
    // Its text may hold the source's password.
    exchange.end(message_failure, "it cannot be read");
  }
}

int read_frames(int open_ms, int read_ms, bool every_frame) {
  std::string source;
  for (char next; read_all(&next, 1) && next != '\n';) source += next;
  Exchange exchange(every_frame);
  std::thread reader([&] { read_source(source, open_ms, read_ms, every_frame, exchange); });
  reader.detach();
  cv::Mat rgb;
  for (char request; read_all(&request, 1);)
    if (!exchange.answer(rgb)) break;
  // Not a return: the reader may hang in a driver, and the end of the process is all that ends it.
  _exit(0);
}

int write_film(const std::string &file, int width, int height, double rate) {
  const std::string extension = file.substr(std::min(file.size(), file.rfind('.') + 1));
  const bool is_avi = extension == "avi";
  const int codec = is_avi ? cv::VideoWriter::fourcc('M', 'J', 'P', 'G') : cv::VideoWriter::fourcc('m', 'p', '4', 'v');
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
  const char done = 1;
  return write_all(&done, 1) ? 0 : 1;
}

}  // namespace

int main(int count, char **arguments) {
  // Whoever wanted the frames may be killed without a word.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  // A terminal's Ctrl-C is for Rollcall, which ends this process itself.
  signal(SIGINT, SIG_IGN);
  // FFmpeg's own lines name the source, password and all.
  setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 1);
  setenv("OPENCV_LOG_LEVEL", "SILENT", 1);
  cv::setNumThreads(1);
  const std::string mode = count > 1 ? arguments[1] : "";
  try {
    if (mode == "read" && count == 5)
      return read_frames(atoi(arguments[2]), atoi(arguments[3]), std::string(arguments[4]) == "all");
    if (mode == "write" && count == 6)
      return write_film(arguments[2], atoi(arguments[3]), atoi(arguments[4]), atof(arguments[5]));
  } catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  std::cerr << "rollcall-video belongs to rollcall, which starts it; see rollcall live --help\n";
  return 2;
}
