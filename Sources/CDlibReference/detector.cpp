#include <dlib/dnn.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_transforms.h>

#include <cstring>
#include <memory>
#include <vector>

#include "support.hpp"

using rollcall_reference::failure;
using rollcall_reference::guarded;

namespace {

template <int filters, int side, int stride, typename Below>
using layer = dlib::relu<dlib::affine<dlib::con<filters, side, side, stride, stride, Below>>>;

template <typename Below>
using reduced = layer<32, 5, 2, layer<32, 5, 2, layer<16, 5, 2, Below>>>;

template <typename Below>
using features = layer<45, 5, 1, layer<45, 5, 1, layer<45, 5, 1, Below>>>;

using network =
    dlib::loss_mmod<dlib::con<1, 9, 9, 1, 1, features<reduced<dlib::input_rgb_image_pyramid<dlib::pyramid_down<6>>>>>>;

}  // namespace

struct rd_detector {
  network net;
};

struct rd_hog {
  dlib::frontal_face_detector find;
};

struct rd_boxes {
  std::vector<rd_box> all;
};

namespace {

/// Finds faces in a picture that was doubled before.
///
/// - Parameter find: gives the `mmod_rect`s of a `dlib::matrix<dlib::rgb_pixel>`.
template <typename Find>
rd_boxes *detect(const uint8_t *rgb, int width, int height, size_t stride, int upsamplings, Find find) {
  const size_t row_bytes = static_cast<size_t>(width) * sizeof(dlib::rgb_pixel);
  if (width < 1 || height < 1) throw failure{RD_INVALID, "a picture has at least one pixel"};
  if (stride < row_bytes) throw failure{RD_INVALID, "the rows of the picture overlap"};
  if (upsamplings < 0 || upsamplings > 4) throw failure{RD_INVALID, "a picture can be doubled 0 to 4 times"};
  dlib::matrix<dlib::rgb_pixel> picture(height, width);
  for (int row = 0; row < height; ++row) std::memcpy(&picture(row, 0), rgb + static_cast<size_t>(row) * stride, row_bytes);

  const dlib::pyramid_down<2> doubling;
  for (int i = 0; i < upsamplings; ++i) dlib::pyramid_up(picture, doubling);

  auto result = std::make_unique<rd_boxes>();
  for (const dlib::mmod_rect &found : find(picture)) {
    const dlib::rectangle at = doubling.rect_down(found.rect, static_cast<unsigned int>(upsamplings));
    result->all.push_back({at.left(), at.top(), static_cast<long>(at.width()), static_cast<long>(at.height()),
                           found.detection_confidence});
  }
  return result.release();
}

}  // namespace

extern "C" {

rd_status rd_detector_open(const char *path, rd_detector **detector, rd_error *error) {
  return guarded(error, [&] {
    auto result = std::make_unique<rd_detector>();
    dlib::deserialize(path) >> result->net;
    *detector = result.release();
  });
}

rd_status rd_detector_detect(rd_detector *detector, const uint8_t *rgb, int width, int height, size_t stride, double threshold,
                             int upsamplings, rd_boxes **boxes, rd_error *error) {
  return guarded(error, [&] {
    *boxes = detect(rgb, width, height, stride, upsamplings, [&](const auto &picture) { return detector->net.process(picture, threshold); });
  });
}

void rd_detector_close(rd_detector *detector) { delete detector; }

rd_status rd_hog_open(rd_hog **detector, rd_error *error) {
  return guarded(error, [&] { *detector = new rd_hog{dlib::get_frontal_face_detector()}; });
}

rd_status rd_hog_detect(rd_hog *detector, const uint8_t *rgb, int width, int height, size_t stride, double threshold, int upsamplings,
                        rd_boxes **boxes, rd_error *error) {
  return guarded(error, [&] {
    *boxes = detect(rgb, width, height, stride, upsamplings, [&](const auto &picture) {
      std::vector<std::pair<double, dlib::rectangle>> found;
      detector->find(picture, found, threshold);
      std::vector<dlib::mmod_rect> faces;
      for (const auto &[confidence, rect] : found) faces.emplace_back(rect, confidence);
      return faces;
    });
  });
}

void rd_hog_close(rd_hog *detector) { delete detector; }

size_t rd_boxes_count(const rd_boxes *boxes) { return boxes->all.size(); }
rd_box rd_boxes_at(const rd_boxes *boxes, size_t index) { return boxes->all[index]; }
void rd_boxes_free(rd_boxes *boxes) { delete boxes; }

}  // extern "C"
