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

struct rc_landmarker {
  dlib::shape_predictor predictor;
};

namespace {

using rgb_view = dlib::cv_image<dlib::rgb_pixel>;

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

}  // namespace

extern "C" {

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
