#include "support.hpp"

#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <vector>

using rollcall::failure;
using rollcall::guarded;

namespace {

template <auto Release>
struct releaser {
  template <typename Handle>
  void operator()(Handle *handle) const {
    Release(handle);
  }
};

using surface_ptr = std::unique_ptr<cairo_surface_t, releaser<cairo_surface_destroy>>;
using context_ptr = std::unique_ptr<cairo_t, releaser<cairo_destroy>>;
using layout_ptr = std::unique_ptr<PangoLayout, releaser<g_object_unref>>;
using font_ptr = std::unique_ptr<PangoFontDescription, releaser<pango_font_description_free>>;

void rounded_rectangle(cairo_t *context, double x, double y, double width, double height, double radius) {
  cairo_new_sub_path(context);
  cairo_arc(context, x + width - radius, y + radius, radius, -M_PI_2, 0);
  cairo_arc(context, x + width - radius, y + height - radius, radius, 0, M_PI_2);
  cairo_arc(context, x + radius, y + height - radius, radius, M_PI_2, M_PI);
  cairo_arc(context, x + radius, y + radius, radius, M_PI, 3 * M_PI_2);
  cairo_close_path(context);
}

layout_ptr text(cairo_t *context, const char *words, double pixels, bool bold, double widest) {
  layout_ptr layout(pango_cairo_create_layout(context));
  font_ptr font(pango_font_description_from_string(bold ? "Sans Bold" : "Sans"));
  pango_font_description_set_absolute_size(font.get(), pixels * PANGO_SCALE);
  pango_layout_set_font_description(layout.get(), font.get());
  pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
  pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
  pango_layout_set_text(layout.get(), words, -1);
  int width = 0;
  pango_layout_get_pixel_size(layout.get(), &width, nullptr);
  if (width > widest) pango_layout_set_width(layout.get(), static_cast<int>(widest * PANGO_SCALE));
  return layout;
}

void draw(cairo_t *context, const rc_label &label, double width, double height) {
  // Sizes follow the face within limits, so that text stays readable on a small face and modest on a large one.
  const double shorter = std::min(width, height);
  const double size = std::clamp(label.box.width / 6, std::max(11.0, shorter / 60), std::max(13.0, shorter / 26));
  const double line = std::clamp(size / 6, 1.5, 8.0);
  const double corner = std::min({label.box.width, label.box.height}) / 12;

  rounded_rectangle(context, label.box.x, label.box.y, label.box.width, label.box.height, corner);
  cairo_set_source_rgba(context, 0, 0, 0, 0.55);
  cairo_set_line_width(context, line + 2);
  cairo_stroke_preserve(context);
  cairo_set_source_rgb(context, label.color.red, label.color.green, label.color.blue);
  cairo_set_line_width(context, line);
  cairo_stroke(context);

  if (*label.badge != 0) {
    const layout_ptr badge = text(context, label.badge, size * 0.75, true, label.box.width);
    int badge_width = 0, badge_height = 0;
    pango_layout_get_pixel_size(badge.get(), &badge_width, &badge_height);
    const double side = size * 0.45, pill_height = badge_height + size * 0.15, pill_width = badge_width + 2 * side;
    // Inside the frame: the words may stand right below it.
    const double left = label.box.x + label.box.width / 2 - pill_width / 2;
    const double top = std::min(label.box.y + label.box.height, height) - line - pill_height;
    rounded_rectangle(context, left, top, pill_width, pill_height, pill_height / 2);
    cairo_set_source_rgba(context, label.badge_color.red * 0.6, label.badge_color.green * 0.6, label.badge_color.blue * 0.6, 0.92);
    cairo_fill(context);
    cairo_set_source_rgb(context, 1, 1, 1);
    cairo_move_to(context, left + side, top + (pill_height - badge_height) / 2);
    pango_cairo_show_layout(context, badge.get());
  }

  const double widest = std::max(label.box.width * 2.2, 160.0);
  const layout_ptr title = text(context, label.title, size, true, std::min(widest, width * 0.9));
  const layout_ptr subtitle = text(context, label.subtitle, size * 0.75, false, std::min(widest, width * 0.9));
  int title_width = 0, title_height = 0, subtitle_width = 0, subtitle_height = 0;
  pango_layout_get_pixel_size(title.get(), &title_width, &title_height);
  pango_layout_get_pixel_size(subtitle.get(), &subtitle_width, &subtitle_height);
  if (*label.subtitle == 0) subtitle_width = subtitle_height = 0;

  const double inset = size * 0.45;
  const double plate_width = std::max(title_width, subtitle_width) + 2 * inset;
  const double plate_height = title_height + subtitle_height + inset;
  const double x = std::clamp(label.box.x + label.box.width / 2 - plate_width / 2, 0.0, std::max(0.0, width - plate_width));
  double y = label.box.y - plate_height - line - 2;
  if (y < 0) y = label.box.y + label.box.height + line + 2;
  if (y + plate_height > height) y = std::max(0.0, label.box.y + line);

  rounded_rectangle(context, x, y, plate_width, plate_height, std::min(inset, plate_height / 2));
  cairo_set_source_rgba(context, label.color.red * 0.55, label.color.green * 0.55, label.color.blue * 0.55, 0.92);
  cairo_fill(context);
  cairo_set_source_rgb(context, 1, 1, 1);
  cairo_move_to(context, x + (plate_width - title_width) / 2, y + inset / 2);
  pango_cairo_show_layout(context, title.get());
  if (subtitle_height > 0) {
    cairo_move_to(context, x + (plate_width - subtitle_width) / 2, y + inset / 2 + title_height);
    pango_cairo_show_layout(context, subtitle.get());
  }
}

}  // namespace

extern "C" rc_status rc_image_annotate(rc_image *image, const rc_label *labels, size_t count, rc_error *error) {
  return guarded(error, [&] {
    // Cairo draws on 32-bit pixels, blue first in memory on the little-endian machines that Rollcall supports.
    cv::Mat canvas;
    cv::cvtColor(image->rgb, canvas, cv::COLOR_RGB2BGRA);
    const surface_ptr surface(cairo_image_surface_create_for_data(canvas.data, CAIRO_FORMAT_RGB24, canvas.cols, canvas.rows,
                                                                  static_cast<int>(canvas.step)));
    if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) throw failure{RC_FAILED, "the picture cannot be drawn on"};
    const context_ptr context(cairo_create(surface.get()));
    for (size_t i = 0; i < count; ++i) draw(context.get(), labels[i], canvas.cols, canvas.rows);
    cairo_surface_flush(surface.get());
    cv::cvtColor(canvas, image->rgb, cv::COLOR_BGRA2RGB);
  });
}

extern "C" rc_status rc_image_overlay(rc_image *image, const float *heat, int side, rc_similarity to_image, rc_error *error) {
  return guarded(error, [&] {
    if (side < 2) throw failure{RC_INVALID, "a heat map has at least two numbers a side"};
    const cv::Mat numbers(side, side, CV_32F, const_cast<float *>(heat));
    const cv::Matx23d map(to_image.a, -to_image.b, to_image.dx, to_image.b, to_image.a, to_image.dy);
    const float last = static_cast<float>(side - 1);
    const std::vector<cv::Point2f> corners{{0, 0}, {last, 0}, {last, last}, {0, last}};
    std::vector<cv::Point2f> there;
    cv::transform(corners, there, map);
    const cv::Rect part = cv::boundingRect(there) & cv::Rect(0, 0, image->rgb.cols, image->rgb.rows);
    if (part.empty()) return;

    const cv::Matx23d to_part(map(0, 0), map(0, 1), map(0, 2) - part.x, map(1, 0), map(1, 1), map(1, 2) - part.y);
    // Full in the middle and nothing at the outermost numbers.
    cv::Mat inside = cv::Mat::zeros(side, side, CV_32F), opacity, values, colours;
    inside(cv::Rect(1, 1, side - 2, side - 2)).setTo(1);
    cv::warpAffine(inside, opacity, to_part, part.size(), cv::INTER_LINEAR);
    cv::warpAffine(numbers, values, to_part, part.size(), cv::INTER_CUBIC, cv::BORDER_REPLICATE);
    values = cv::min(cv::max(values, 0), 1);
    cv::Mat levels;
    values.convertTo(levels, CV_8U, 255);
    cv::applyColorMap(levels, colours, cv::COLORMAP_VIRIDIS);
    cv::Mat target = image->rgb(part);
    for (int y = 0; y < part.height; ++y) {
      for (int x = 0; x < part.width; ++x) {
        const float share = opacity.at<float>(y, x) * (0.3f + 0.45f * values.at<float>(y, x));
        const cv::Vec3b &colour = colours.at<cv::Vec3b>(y, x);
        cv::Vec3b &pixel = target.at<cv::Vec3b>(y, x);
        // Colour maps come as blue, green, red.
        for (int c = 0; c < 3; ++c) pixel[c] = cv::saturate_cast<uchar>((1 - share) * pixel[c] + share * colour[2 - c]);
      }
    }
  });
}
