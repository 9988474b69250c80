#include "support.hpp"

#include <dlib/image_processing.h>
#include <dlib/image_processing/full_object_detection.h>
#include <dlib/image_transforms.h>
#include <dlib/opencv/cv_image.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

using rollcall::failure;
using rollcall::guarded;

/// dlib's canvas, a plane for each colour, and where each level of the pyramid lies on it, largest first.
struct rc_pyramid {
  int rows, columns;
  std::vector<float> planes;
  std::vector<dlib::rectangle> levels;
};

struct rc_landmarker {
  dlib::shape_predictor predictor;
};

namespace {

using pyramid_step = dlib::pyramid_down<6>;
using rgb_view = dlib::cv_image<dlib::rgb_pixel>;

// The paddings of dlib's input_rgb_image_pyramid, with which its detector was trained and saved.
const unsigned long padding = 10;
const unsigned long outer_padding = 11;

// What lies between the levels: dlib clears its canvas after it has subtracted the mean colour, so the gaps have that colour. Black
// would be an edge that the network sees.
const float gap[3] = {122.782f, 117.001f, 104.298f};

dlib::rectangle rounded(rc_rect box) {
  const long left = std::lround(box.x), top = std::lround(box.y);
  return {left, top, left + std::lround(box.width) - 1, top + std::lround(box.height) - 1};
}

/// How dlib frames a face: which part of the picture, how turned, becomes the chip.
dlib::chip_details framing(const rc_point *points, int size, double padding) {
  if (size < 1 || !(padding >= 0)) throw failure{RC_INVALID, "a chip has at least one pixel, and a margin of 0 or more"};
  std::vector<dlib::point> parts;
  for (int i = 0; i < RC_LANDMARKS; ++i) parts.emplace_back(std::lround(points[i].x), std::lround(points[i].y));
  const dlib::full_object_detection shape(dlib::rectangle(), parts);
  const dlib::chip_details details = dlib::get_face_chip_details(shape, static_cast<unsigned long>(size), padding);
  if (!(details.rect.width() >= 1 && details.rect.height() >= 1)) throw failure{RC_INVALID, "the landmarks coincide"};
  return details;
}

/// One level of the pyramid in floating point. dlib reduces each level from the one before, and rounding in between would darken the
/// picture a little at every one of some twenty levels.
struct level {
  int rows, columns;
  std::vector<float> rgb;
};

/// dlib's bilinear reduction: corner pixels stay on corner pixels.
level reduced(const level &from, int rows, int columns) {
  level to{rows, columns, std::vector<float>(static_cast<size_t>(rows) * columns * 3)};
  const float x_step = columns > 1 ? static_cast<float>(from.columns - 1) / static_cast<float>(columns - 1) : 0;
  const float y_step = rows > 1 ? static_cast<float>(from.rows - 1) / static_cast<float>(rows - 1) : 0;
  std::vector<int> place(columns);
  std::vector<float> share(columns);
  for (int x = 0; x < columns; ++x) {
    const float at = static_cast<float>(x) * x_step;
    place[x] = std::min(static_cast<int>(at), std::max(0, from.columns - 2));
    share[x] = at - static_cast<float>(place[x]);
  }
  const size_t stride = static_cast<size_t>(from.columns) * 3;
  const size_t right = from.columns > 1 ? 3 : 0;
  std::vector<float> blended(stride);
  for (int y = 0; y < rows; ++y) {
    const float at = static_cast<float>(y) * y_step;
    const int above = std::min(static_cast<int>(at), std::max(0, from.rows - 2));
    const float down = at - static_cast<float>(above);
    const float *upper = &from.rgb[above * stride];
    const float *lower = from.rows > 1 ? upper + stride : upper;
    for (size_t i = 0; i < stride; ++i) blended[i] = upper[i] + (lower[i] - upper[i]) * down;
    float *out = &to.rgb[static_cast<size_t>(y) * columns * 3];
    for (int x = 0; x < columns; ++x, out += 3) {
      const float *left = &blended[static_cast<size_t>(place[x]) * 3];
      for (int c = 0; c < 3; ++c) out[c] = left[c] + (left[right + c] - left[c]) * share[x];
    }
  }
  return to;
}

void place(const level &from, rc_pyramid &canvas, const dlib::rectangle &at) {
  const size_t plane = static_cast<size_t>(canvas.rows) * canvas.columns;
  for (int y = 0; y < from.rows; ++y) {
    const float *in = &from.rgb[static_cast<size_t>(y) * from.columns * 3];
    float *out = &canvas.planes[static_cast<size_t>(at.top() + y) * canvas.columns + at.left()];
    for (int x = 0; x < from.columns; ++x, in += 3) {
      out[x] = in[0];
      out[x + plane] = in[1];
      out[x + 2 * plane] = in[2];
    }
  }
}

}  // namespace

extern "C" {

rc_status rc_pyramid_create(const rc_image *image, rc_pyramid **pyramid, rc_error *error) {
  return guarded(error, [&] {
    auto result = std::make_unique<rc_pyramid>();
    long rows = 0, columns = 0;
    dlib::impl::compute_tiled_image_pyramid_details(pyramid_step(), image->rgb.rows, image->rgb.cols, padding, outer_padding,
                                                    result->levels, rows, columns);
    if (result->levels.empty()) throw failure{RC_INVALID, "a picture has at least one pixel"};
    result->rows = static_cast<int>(rows);
    result->columns = static_cast<int>(columns);
    const size_t plane = static_cast<size_t>(result->rows) * result->columns;
    result->planes.resize(3 * plane);
    for (int c = 0; c < 3; ++c) std::fill_n(&result->planes[c * plane], plane, gap[c]);
    level current{image->rgb.rows, image->rgb.cols, {image->rgb.data, image->rgb.data + image->rgb.total() * 3}};
    place(current, *result, result->levels[0]);
    for (size_t index = 1; index < result->levels.size(); ++index) {
      const dlib::rectangle &at = result->levels[index];
      current = reduced(current, static_cast<int>(at.height()), static_cast<int>(at.width()));
      place(current, *result, at);
    }
    *pyramid = result.release();
  });
}

int rc_pyramid_width(const rc_pyramid *pyramid) { return pyramid->columns; }
int rc_pyramid_height(const rc_pyramid *pyramid) { return pyramid->rows; }
const float *rc_pyramid_planes(const rc_pyramid *pyramid) { return pyramid->planes.data(); }

rc_rect rc_pyramid_to_image(const rc_pyramid *pyramid, rc_rect rect) {
  const dlib::drectangle on_canvas =
      dlib::centered_drect(dlib::dpoint(rect.x + (rect.width - 1) / 2, rect.y + (rect.height - 1) / 2), rect.width, rect.height);
  // dlib keeps detections on whole pixels.
  const dlib::rectangle in_image = dlib::tiled_pyramid_to_image<pyramid_step>(pyramid->levels, on_canvas);
  return {static_cast<double>(in_image.left()), static_cast<double>(in_image.top()), static_cast<double>(in_image.width()),
          static_cast<double>(in_image.height())};
}

void rc_pyramid_free(rc_pyramid *pyramid) { delete pyramid; }

rc_status rc_landmarker_open(const char *path, rc_landmarker **landmarker, rc_error *error) {
  return guarded(error, [&] {
    auto result = std::make_unique<rc_landmarker>();
    dlib::deserialize(path) >> result->predictor;
    if (result->predictor.num_parts() != RC_LANDMARKS) throw failure{RC_INVALID, "this is not a 5-point shape predictor"};
    *landmarker = result.release();
  });
}

rc_status rc_landmarker_find(const rc_landmarker *landmarker, const rc_image *image, rc_rect box, rc_point *points,
                             rc_error *error) {
  return guarded(error, [&] {
    if (!(box.width >= 1 && box.height >= 1)) throw failure{RC_INVALID, "a face has at least one pixel"};
    const dlib::full_object_detection shape = landmarker->predictor(rgb_view(image->rgb), rounded(box));
    for (unsigned long i = 0; i < RC_LANDMARKS; ++i) {
      points[i] = {static_cast<double>(shape.part(i).x()), static_cast<double>(shape.part(i).y())};
    }
  });
}

void rc_landmarker_free(rc_landmarker *landmarker) { delete landmarker; }

rc_status rc_chip_extract(const rc_image *image, const rc_point *points, int size, double chip_padding, uint8_t *chip,
                          rc_error *error) {
  return guarded(error, [&] {
    dlib::matrix<dlib::rgb_pixel> cut;
    dlib::extract_image_chip(rgb_view(image->rgb), framing(points, size, chip_padding), cut);
    const auto *bytes = reinterpret_cast<const uint8_t *>(&cut(0, 0));
    std::copy(bytes, bytes + static_cast<size_t>(size) * size * 3, chip);
  });
}

rc_status rc_chip_place(const rc_point *points, int size, double chip_padding, rc_similarity *to_image, rc_error *error) {
  return guarded(error, [&] {
    const dlib::point_transform_affine map = dlib::inv(dlib::get_mapping_to_chip(framing(points, size, chip_padding)));
    *to_image = {map.get_m()(0, 0), map.get_m()(1, 0), map.get_b().x(), map.get_b().y()};
  });
}

rc_status rc_chip_measure(const uint8_t *chip, int size, rc_chip_quality *quality, rc_error *error) {
  return guarded(error, [&] {
    const cv::Mat rgb(size, size, CV_8UC3, const_cast<uint8_t *>(chip));
    const int margin = size / 6;
    cv::Mat grey, edges;
    cv::cvtColor(rgb(cv::Rect(margin, margin, size - 2 * margin, size - 2 * margin)), grey, cv::COLOR_RGB2GRAY);
    cv::Scalar mean, deviation, ignored, spread;
    cv::meanStdDev(grey, mean, deviation);
    cv::Laplacian(grey, edges, CV_16S);
    cv::meanStdDev(edges, ignored, spread);
    const double blown = static_cast<double>(cv::countNonZero(grey >= 250)) / static_cast<double>(grey.total());
    *quality = {spread[0] * spread[0], mean[0], deviation[0], blown};
  });
}

}  // extern "C"
