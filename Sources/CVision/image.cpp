#include "support.hpp"

#include <libexif/exif-data.h>
#include <malloc.h>

#include <algorithm>
#include <cstring>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

using rollcall::failure;
using rollcall::guarded;

namespace {

void copy_exif(ExifData *data, ExifTag tag, char *text, size_t capacity) {
  ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_EXIF], tag);
  if (entry == nullptr || entry->format != EXIF_FORMAT_ASCII) return;
  const size_t length = std::min<size_t>(capacity - 1, strnlen(reinterpret_cast<const char *>(entry->data), entry->size));
  std::memcpy(text, entry->data, length);
  text[length] = 0;
}

// EXIF 2.31's OffsetTimeOriginal; libexif of Debian 12 knows it only by number.
const ExifTag offset_time_original = static_cast<ExifTag>(0x9011);

// The 64 lowest frequencies but the constant row and column of a 32×32 grey picture: one bit each, set above their median.
uint64_t dct_hash(const cv::Mat &grey) {
  cv::Mat frequencies;
  cv::dct(grey, frequencies);
  std::vector<float> low;
  for (int y = 1; y <= 8; ++y)
    for (int x = 1; x <= 8; ++x) low.push_back(frequencies.at<float>(y, x));
  std::vector<float> sorted = low;
  std::sort(sorted.begin(), sorted.end());
  const float median = (sorted[31] + sorted[32]) / 2;
  uint64_t hash = 0;
  for (int bit = 0; bit < 64; ++bit)
    if (low[bit] > median) hash |= uint64_t{1} << bit;
  return hash;
}

}  // namespace

extern "C" {

rc_status rc_image_decode(const uint8_t *bytes, size_t count, int reduce, rc_image **image, rc_error *error) {
  return guarded(error, [&] {
    if (count == 0 || count > INT32_MAX) throw failure{RC_UNREADABLE, "the file is empty or too large"};
    int flags = cv::IMREAD_COLOR;
    if (reduce == 2) flags = cv::IMREAD_REDUCED_COLOR_2;
    if (reduce == 4) flags = cv::IMREAD_REDUCED_COLOR_4;
    if (reduce == 8) flags = cv::IMREAD_REDUCED_COLOR_8;
    const cv::Mat encoded(1, static_cast<int>(count), CV_8UC1, const_cast<uint8_t *>(bytes));
    cv::Mat pixels = cv::imdecode(encoded, flags);
    if (pixels.empty()) throw failure{RC_UNREADABLE, "the picture cannot be decoded"};
    cv::cvtColor(pixels, pixels, cv::COLOR_BGR2RGB);
    *image = new rc_image{pixels};
  });
}

rc_status rc_image_create(const uint8_t *rgb, int width, int height, rc_image **image, rc_error *error) {
  return guarded(error, [&] {
    if (width < 1 || height < 1) throw failure{RC_INVALID, "a picture has at least one pixel"};
    *image = new rc_image{cv::Mat(height, width, CV_8UC3, const_cast<uint8_t *>(rgb)).clone()};
  });
}

rc_status rc_image_allocate(int width, int height, rc_image **image, uint8_t **pixels, rc_error *error) {
  return guarded(error, [&] {
    if (width < 1 || height < 1) throw failure{RC_INVALID, "a picture has at least one pixel"};
    *image = new rc_image{cv::Mat(height, width, CV_8UC3)};
    *pixels = (*image)->rgb.data;
  });
}

rc_status rc_image_resize(const rc_image *image, int width, int height, rc_image **result, rc_error *error) {
  return guarded(error, [&] {
    if (width < 1 || height < 1) throw failure{RC_INVALID, "a picture has at least one pixel"};
    cv::Mat resized;
    const bool smaller = width < image->rgb.cols || height < image->rgb.rows;
    cv::resize(image->rgb, resized, cv::Size(width, height), 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
    *result = new rc_image{resized};
  });
}

rc_status rc_image_crop(const rc_image *image, int x, int y, int width, int height, rc_image **result, rc_error *error) {
  return guarded(error, [&] {
    if (width < 1 || height < 1) throw failure{RC_INVALID, "a picture has at least one pixel"};
    cv::Mat cropped = cv::Mat::zeros(height, width, CV_8UC3);
    const cv::Rect wanted(x, y, width, height);
    const cv::Rect there = wanted & cv::Rect(0, 0, image->rgb.cols, image->rgb.rows);
    if (!there.empty()) image->rgb(there).copyTo(cropped(there - wanted.tl()));
    *result = new rc_image{cropped};
  });
}

rc_status rc_image_paste(rc_image *target, const rc_image *source, int x, int y, rc_error *error) {
  return guarded(error, [&] {
    const cv::Rect wanted(x, y, source->rgb.cols, source->rgb.rows);
    const cv::Rect there = wanted & cv::Rect(0, 0, target->rgb.cols, target->rgb.rows);
    if (!there.empty()) source->rgb(there - wanted.tl()).copyTo(target->rgb(there));
  });
}

rc_status rc_image_encode(const rc_image *image, const char *extension, int quality,
                          void (*sink)(void *, const uint8_t *, size_t), void *context, rc_error *error) {
  return guarded(error, [&] {
    cv::Mat bgr;
    cv::cvtColor(image->rgb, bgr, cv::COLOR_RGB2BGR);
    std::vector<uint8_t> bytes;
    if (!cv::imencode(extension, bgr, bytes, {cv::IMWRITE_JPEG_QUALITY, quality}))
      throw failure{RC_FAILED, "the picture cannot be encoded"};
    sink(context, bytes.data(), bytes.size());
  });
}

rc_status rc_image_hash(const rc_image *image, uint64_t *hash, uint64_t *mirrored, rc_error *error) {
  return guarded(error, [&] {
    cv::Mat small, grey;
    cv::resize(image->rgb, small, cv::Size(32, 32), 0, 0, cv::INTER_AREA);
    cv::cvtColor(small, grey, cv::COLOR_RGB2GRAY);
    grey.convertTo(grey, CV_32F);
    *hash = dct_hash(grey);
    cv::flip(grey, grey, 1);
    *mirrored = dct_hash(grey);
  });
}

int rc_image_width(const rc_image *image) { return image->rgb.cols; }
int rc_image_height(const rc_image *image) { return image->rgb.rows; }
const uint8_t *rc_image_pixels(const rc_image *image) { return image->rgb.data; }
void rc_image_free(rc_image *image) { delete image; }

void rc_exif_time(const uint8_t *bytes, size_t count, char *time, char *offset, size_t capacity) {
  time[0] = offset[0] = 0;
  if (count > UINT32_MAX) return;
  ExifData *data = exif_data_new_from_data(bytes, static_cast<unsigned>(count));
  if (data == nullptr) return;
  copy_exif(data, EXIF_TAG_DATE_TIME_ORIGINAL, time, capacity);
  copy_exif(data, offset_time_original, offset, capacity);
  exif_data_unref(data);
}

void rc_memory_return_large_blocks(void) {
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  mallopt(M_ARENA_MAX, 2);
}

}  // extern "C"
