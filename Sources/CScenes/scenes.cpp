#include "CScenes.h"
#include "../CVision/support.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <vector>

using rollcall::failure;
using rollcall::guarded;

// Places on a figure are in widths of the face's box, from the middle of the box; x to the right, y down.

namespace {

using vec8 = uint16_t __attribute__((ext_vector_type(8)));
using vec4 = uint16_t __attribute__((ext_vector_type(4)));
using bytes8 = uint8_t __attribute__((ext_vector_type(8)));

const double head_left = -1.7, head_top = -1.5, head_width = 3.4, head_height = 3.8;
const double body_left = -1.7, body_width = 3.4, body_bottom = 10.3;
// Pixels a unit: a drawn body has no details that more would show.
const double body_unit = 48;
const double matte_unit = 64;
// Over so much of the portrait's lower end the drawn body takes over.
const double seam = 0.35;

double smooth(double from, double to, double value) {
  const double t = std::clamp((value - from) / (to - from), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

// A picture with transparency in ever smaller sizes, so that one is always nearly as large as wanted and nothing flickers. The
// colours are multiplied with the transparency, and one transparent pixel is around it all.
struct Sprite {
  struct Level {
    cv::Mat rgba;
    double unit;
  };
  std::vector<Level> levels;
  double left, top;

  Sprite() = default;
  Sprite(const cv::Mat &all, const cv::Mat &shares, double unit, double left, double top) {
    // Without what is transparent anyway.
    const cv::Rect there = cv::boundingRect(shares > 1.0 / 255);
    if (there.empty()) throw failure{RC_FAILED, "nothing is left of the person"};
    const cv::Mat rgb = all(there), alpha = shares(there);
    this->left = left + there.x / unit;
    this->top = top + there.y / unit;
    cv::Mat opaque(rgb.size(), CV_8UC4);
    for (int y = 0; y < rgb.rows; ++y) {
      const uint8_t *color = rgb.ptr(y);
      const float *share = alpha.ptr<float>(y);
      uint8_t *out = opaque.ptr(y);
      for (int x = 0; x < rgb.cols; ++x) {
        for (int c = 0; c < 3; ++c) out[4 * x + c] = cv::saturate_cast<uint8_t>(color[3 * x + c] * share[x]);
        out[4 * x + 3] = cv::saturate_cast<uint8_t>(255 * share[x]);
      }
    }
    for (double factor = 1; factor == 1 || opaque.cols * factor >= 24; factor *= 0.75) {
      cv::Mat smaller, bordered;
      cv::resize(opaque, smaller, cv::Size(), factor, factor, cv::INTER_AREA);
      cv::copyMakeBorder(smaller, bordered, 1, 1, 1, 1, cv::BORDER_CONSTANT, cv::Scalar::all(0));
      levels.push_back({bordered, unit * smaller.cols / opaque.cols});
    }
  }

  // Blends it over the picture, and writes `owner` where more than half of it is seen.
  void draw(cv::Mat &picture, cv::Mat &owners, const rc_similarity &place, uint8_t owner) const {
    const double scale = std::hypot(place.a, place.b);
    size_t index = 0;
    while (index + 1 < levels.size() && levels[index + 1].unit >= scale) ++index;
    const Level &level = levels[index];
    const int columns = level.rgba.cols, rows = level.rgba.rows;
    // From the picture's pixels back to the level's: place^-1, then its unit and corner. Middles of pixels are at halves.
    const double square = place.a * place.a + place.b * place.b;
    const double ia = place.a / square * level.unit, ib = -place.b / square * level.unit;
    const auto source = [&](double x, double y) {
      x += 0.5 - place.dx;
      y += 0.5 - place.dy;
      return cv::Point2d(ia * x - ib * y - left * level.unit + 0.5, ib * x + ia * y - top * level.unit + 0.5);
    };
    int first = picture.rows, last = -1;
    for (const double corner_x : {left, left + (columns - 2) / level.unit})
      for (const double corner_y : {top, top + (rows - 2) / level.unit}) {
        const double y = place.b * corner_x + place.a * corner_y + place.dy;
        first = std::min(first, static_cast<int>(std::floor(std::clamp(y, -1.0, picture.rows + 1.0))) - 1);
        last = std::max(last, static_cast<int>(std::ceil(std::clamp(y, -1.0, picture.rows + 1.0))) + 1);
      }
    first = std::max(first, 0);
    last = std::min(last, picture.rows - 1);
    // Such numbers of 16 fractional bits stay far from overflow: a level has a few thousand pixels a side.
    const int step_x = static_cast<int>(std::lround(ia * 65536)), step_y = static_cast<int>(std::lround(ib * 65536));
    for (int y = first; y <= last; ++y) {
      // The part of the row that is inside the level, where four pixels can be read.
      double from = 0, to = picture.cols - 1;
      const cv::Point2d start = source(0, y);
      const auto within = [&](double value, double step, double limit) {
        if (std::abs(step) < 1e-9) {
          if (value < 0 || value > limit) to = -1;
          return;
        }
        const double one = -value / step, other = (limit - value) / step;
        from = std::max(from, std::min(one, other));
        to = std::min(to, std::max(one, other));
      };
      within(start.x, ia, columns - 1.01);
      within(start.y, ib, rows - 1.01);
      if (to < from) continue;
      const int begin = static_cast<int>(std::ceil(from)), end = static_cast<int>(std::floor(to));
      const cv::Point2d there = source(begin, y);
      int64_t u = std::llround(there.x * 65536), v = std::llround(there.y * 65536);
      uint8_t *out = picture.ptr(y) + 3 * begin;
      uint8_t *own = owners.ptr(y);
      for (int x = begin; x <= end; ++x, u += step_x, v += step_y, out += 3) {
        // Rounding of the steps can lead over the edge by a little.
        const int column = std::clamp<int>(static_cast<int>(u >> 16), 0, columns - 2);
        const int row = std::clamp<int>(static_cast<int>(v >> 16), 0, rows - 2);
        const uint8_t *upper = level.rgba.ptr(row) + 4 * column;
        uint64_t upper_pair, lower_pair;
        std::memcpy(&upper_pair, upper, 8);
        std::memcpy(&lower_pair, upper + level.rgba.step, 8);
        if ((upper_pair | lower_pair) == 0) continue;
        bytes8 above, below;
        std::memcpy(&above, &upper_pair, 8);
        std::memcpy(&below, &lower_pair, 8);
        const uint16_t right = (u >> 8) & 255, down = (v >> 8) & 255;
        const vec8 pair = (__builtin_convertvector(above, vec8) * static_cast<uint16_t>(256 - down) +
                           __builtin_convertvector(below, vec8) * down) >>
                          8;
        const vec4 color = (pair.lo * static_cast<uint16_t>(256 - right) + pair.hi * right) >> 8;
        const int alpha = color.w;
        if (alpha == 0) continue;
        const int rest = 256 - alpha - (alpha >> 7);
        out[0] = static_cast<uint8_t>(std::min(255, color.x + (out[0] * rest >> 8)));
        out[1] = static_cast<uint8_t>(std::min(255, color.y + (out[1] * rest >> 8)));
        out[2] = static_cast<uint8_t>(std::min(255, color.z + (out[2] * rest >> 8)));
        if (alpha > 127) own[x] = owner;
      }
    }
  }
};

// As generously as a person may be cut out; `room` is 1 for a lot of hair.
bool may_be_person(double x, double y, double room) {
  const double head = std::hypot(x / (0.9 * room), (y + 0.12) / (1.15 * room));
  const double below = y - 0.6 - 0.7 * (1 - room);
  return head < 1 || (below > 0 && std::abs(x) < std::min(0.6 * room + 2.2 * below, 1.4));
}

bool is_likely_head(double x, double y) { return std::hypot(x / 0.57, (y + 0.05) / 0.78) < 1; }

bool is_likely_person(double x, double y) {
  return is_likely_head(x, y) || (y > 0.75 && std::abs(x) < std::min(0.45 + 1.4 * (y - 0.75), 1.2));
}

bool is_surely_person(double x, double y) {
  const double face = std::hypot(x / 0.46, (y + 0.06) / 0.72);
  return face < 1 || (y > 0.5 && std::abs(x) < std::min(0.3 + 0.5 * std::max(0.0, y - 0.9), 0.9));
}

// White where a person is in a small picture of a head; `face` says where on the figure a pixel lies.
template <typename Place>
cv::Mat cut_out(const cv::Mat &small, Place face) {
  cv::Mat person, lab;
  cv::cvtColor(small, lab, cv::COLOR_RGB2Lab);
  for (const double room : {1.0, 0.88, 0.76, 0.67}) {
    cv::Mat labels(small.size(), CV_8U), beside(small.size(), CV_8U), hair(small.size(), CV_8U);
    for (int y = 0; y < small.rows; ++y)
      for (int x = 0; x < small.cols; ++x) {
        const cv::Point2d at = face(x, y);
        const bool may_be = may_be_person(at.x, at.y, room);
        labels.at<uint8_t>(y, x) = is_surely_person(at.x, at.y)   ? cv::GC_FGD
                                   : !may_be                      ? cv::GC_BGD
                                   : is_likely_person(at.x, at.y) ? cv::GC_PR_FGD
                                                                  : cv::GC_PR_BGD;
        beside.at<uint8_t>(y, x) = at.y < 0.4 && !is_likely_head(at.x, at.y) ? 255 : 0;
        hair.at<uint8_t>(y, x) = at.y < -0.5 && is_likely_head(at.x, at.y) ? 255 : 0;
      }
    // grabCut starts from random means; the same portrait shall always be cut out in the same way.
    cv::RNG &random = cv::theRNG();
    const uint64_t before = random.state;
    random.state = 1;
    cv::Mat background, foreground;
    cv::grabCut(small, labels, cv::Rect(), background, foreground, 4, cv::GC_INIT_WITH_MASK);
    random.state = before;
    person = (labels & 1) * 255;
    // Much beside the head that does not have the colour of its hair is background, and the next try has less room for it.
    const cv::Mat outside = person & beside;
    if (cv::countNonZero(outside) < 0.9 * cv::countNonZero(hair)) break;
    if (cv::norm(cv::mean(lab, outside) - cv::mean(lab, hair)) < 45) break;
  }
  return person;
}

// The shares, 0…1, of the head's canvas that belong to the person. `photo` is where the canvas has a photo at all.
cv::Mat matte(const cv::Mat &canvas, const cv::Rect &photo, double unit) {
  const double factor = std::min(1.0, matte_unit / unit);
  cv::Mat small;
  cv::resize(canvas(photo), small, cv::Size(), factor, factor, cv::INTER_AREA);
  cv::Mat person = cut_out(small, [&](int x, int y) {
    return cv::Point2d(head_left + (photo.x + (x + 0.5) / factor) / unit, head_top + (photo.y + (y + 0.5) / factor) / unit);
  });
  // The part around the face alone, without islands and holes.
  cv::morphologyEx(person, person, cv::MORPH_OPEN, cv::getStructuringElement(cv::MORPH_ELLIPSE, cv::Size(7, 7)));
  std::vector<std::vector<cv::Point>> outlines;
  cv::findContours(person, outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
  person = cv::Scalar(0);
  const auto largest = std::max_element(outlines.begin(), outlines.end(), [](const auto &one, const auto &other) {
    return cv::contourArea(one) < cv::contourArea(other);
  });
  if (largest != outlines.end()) cv::drawContours(person, outlines, static_cast<int>(largest - outlines.begin()), 255, cv::FILLED);
  cv::Mat shares, full = cv::Mat::zeros(canvas.size(), CV_32F);
  cv::resize(person, shares, photo.size(), 0, 0, cv::INTER_LINEAR);
  shares.convertTo(shares, CV_32F, 1.0 / 255);
  // A soft edge that lies a little inside, where the old background does not shine through.
  cv::GaussianBlur(shares, shares, cv::Size(), 0.035 * unit);
  for (int y = 0; y < shares.rows; ++y) {
    float *row = shares.ptr<float>(y);
    for (int x = 0; x < shares.cols; ++x) {
      const double side = std::min(x, shares.cols - 1 - x) / unit, top = y / unit, bottom = (shares.rows - 1 - y) / unit;
      row[x] = static_cast<float>(smooth(0.4, 0.95, row[x]) * smooth(0, 0.12, side) * smooth(0, 0.06, top) * smooth(0, seam, bottom));
    }
  }
  shares.copyTo(full(photo));
  return full;
}

// What the portrait does not show: a body in the colours of its lower end.
Sprite drawn_body(const cv::Mat &canvas, const cv::Mat &alpha, const cv::Rect &photo, double unit) {
  const double end = head_top + (photo.y + photo.height) / unit, begin = end - seam - 0.15;
  const int columns = static_cast<int>(body_width * body_unit), rows = static_cast<int>((body_bottom - begin) * body_unit);
  const auto canvas_row = [&](double y) { return std::clamp(static_cast<int>((y - head_top) * unit), 0, canvas.rows - 1); };
  // Colours and outline of the person at the lower end.
  std::vector<cv::Vec3d> colors(columns, cv::Vec3d());
  std::vector<double> weights(columns, 0);
  cv::Vec3d mean(0, 0, 0);
  double total = 1e-6;
  for (int y = canvas_row(end - seam - 0.25); y < canvas_row(end - 0.1); ++y)
    for (int x = 0; x < canvas.cols; ++x) {
      const double share = alpha.at<float>(y, x) > 0.1 ? 1 : 0;
      const int column = std::clamp(static_cast<int>(x / unit * body_unit), 0, columns - 1);
      const cv::Vec3d color = canvas.at<cv::Vec3b>(y, x);
      colors[column] += share * color;
      weights[column] += share;
      // Clothes are at the sides; in the middle are neck and collar.
      const double side = share * (std::abs(x / unit + head_left) > 0.5 ? 1 : 0.02);
      mean += side * color;
      total += side;
    }
  mean /= total;
  std::vector<cv::Vec3d> blurred(columns);
  const double spread = 0.12 * body_unit;
  for (int x = 0; x < columns; ++x) {
    cv::Vec3d sum = mean * 1e-3;
    double weight = 1e-3;
    for (int other = 0; other < columns; ++other) {
      const double near = std::exp(-0.5 * std::pow((other - x) / spread, 2));
      sum += near * colors[other];
      weight += near * weights[other];
    }
    blurred[x] = sum / weight;
  }
  const auto outline = [&](double y, double &left, double &right) {
    const float *row = alpha.ptr<float>(canvas_row(std::min(y, end - seam - 0.02)));
    int first = 0, last = canvas.cols - 1;
    while (first < last && row[first] < 0.5) ++first;
    while (last > first && row[last] < 0.5) --last;
    left = std::min(head_left + first / unit, -0.2);
    right = std::max(head_left + last / unit, 0.2);
  };
  double left_end, right_end;
  outline(end - seam, left_end, right_end);
  cv::Mat rgb(rows, columns, CV_8UC3), share(rows, columns, CV_32F);
  for (int row = 0; row < rows; ++row) {
    const double y = begin + (row + 0.5) / body_unit;
    double left, right;
    outline(y, left, right);
    // From what the portrait shows to shoulders, hips and legs.
    const double wide = 1.34 - 0.1 * smooth(2.0, 4.2, y) - 0.38 * smooth(4.3, 5.6, y) - 0.22 * smooth(5.4, 9.5, y);
    const double below = y - (end - seam);
    const auto continued = [&](double here, double at_end) {
      // A shoulder is round: it falls fast at its outer end. Who is wider already becomes as wide as the rest slowly.
      const double t = std::clamp(below / std::max(0.5, 1.75 - (end - seam)), 0.0, 1.0);
      if (at_end < wide) return here + (wide - here) * (0.5 * std::sqrt(1 - (1 - t) * (1 - t)) + 0.5 * t * (2 - t));
      return below < 0 ? here : wide + (at_end - wide) * (1 - smooth(0, 1.6, below));
    };
    left = -continued(-left, -left_end);
    right = continued(right, right_end);
    const double fade = smooth(end - seam, end + 0.7, y), legs = smooth(4.75, 4.95, y);
    for (int column = 0; column < columns; ++column) {
      const double x = body_left + (column + 0.5) / body_unit;
      const double across = std::clamp((x - left) / std::max(0.1, right - left), 0.0, 1.0) * 2 - 1;
      double light = (1.0 - 0.32 * std::pow(std::abs(across), 3)) * (1 - 0.035 * std::max(0.0, y - 2));
      // Arms beside the body, and the gap between legs.
      light *= 1 - 0.25 * std::exp(-std::pow((std::abs(x) - 0.92) / 0.05, 2)) * smooth(2.0, 2.6, y) * (1 - legs);
      light *= 1 - 0.5 * std::exp(-std::pow(x / (0.03 + 0.02 * (y - 5)), 2)) * smooth(5.1, 5.6, y);
      const cv::Vec3d cloth = blurred[column] * (1 - fade) + mean * fade;
      const cv::Vec3d trousers = mean * 0.25 + cv::Vec3d(30, 32, 40);
      for (int c = 0; c < 3; ++c)
        rgb.at<cv::Vec3b>(row, column)[c] = cv::saturate_cast<uint8_t>((cloth[c] * (1 - legs) + trousers[c] * legs) * light);
      const double edge = std::min(x - left, right - x);
      share.at<float>(row, column) = static_cast<float>(smooth(0, 0.06, edge) * smooth(0, 0.08, body_bottom - y) * smooth(0, 0.1, y - begin));
    }
  }
  return Sprite(rgb, share, body_unit, body_left, begin);
}

uint64_t mixed(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// Normal noise with a standard deviation of 16, to be read from any place on.
const std::vector<int8_t> &noise_table() {
  static const std::vector<int8_t> table = [] {
    cv::Mat noise(1, 1 << 18, CV_8S);
    cv::RNG(7).fill(noise, cv::RNG::NORMAL, 0, 16);
    return std::vector<int8_t>(noise.begin<int8_t>(), noise.end<int8_t>());
  }();
  return table;
}

// Clouds of so many pixels across, with a standard deviation of 1.
cv::Mat clouds(cv::RNG &random, cv::Size size, double grain) {
  cv::Mat coarse(std::max(2, static_cast<int>(size.height / grain)), std::max(2, static_cast<int>(size.width / grain)), CV_32F);
  random.fill(coarse, cv::RNG::NORMAL, 0, 1);
  cv::Mat fine;
  cv::resize(coarse, fine, size, 0, 0, cv::INTER_CUBIC);
  return fine;
}

}  // namespace

/// Immutable once its looks are added.
struct rc_figure {
  cv::Size portrait;
  cv::Point corner;
  cv::Rect photo;
  double unit;
  cv::Mat bare, alpha;
  Sprite body;
  std::vector<Sprite> looks;

  cv::Mat canvas(const cv::Mat &rgb) const {
    cv::Mat result = cv::Mat::zeros(static_cast<int>(head_height * unit), static_cast<int>(head_width * unit), CV_8UC3);
    rgb(photo + corner).copyTo(result(photo));
    return result;
  }
};

extern "C" {

rc_status rc_figure_create(const rc_image *portrait, rc_rect face, rc_figure **result, rc_error *error) {
  return guarded(error, [&] {
    if (!(face.width >= 16 && face.width < 2000)) throw failure{RC_INVALID, "the face is too small or too large to be cut out"};
    auto figure = std::make_unique<rc_figure>();
    figure->unit = face.width;
    figure->portrait = portrait->rgb.size();
    figure->corner = cv::Point(static_cast<int>(std::lround(face.x + face.width * (0.5 + head_left))),
                               static_cast<int>(std::lround(face.y + face.height / 2 + face.width * head_top)));
    const cv::Rect whole(figure->corner, cv::Size(static_cast<int>(head_width * face.width), static_cast<int>(head_height * face.width)));
    figure->photo = (whole & cv::Rect(cv::Point(), portrait->rgb.size())) - figure->corner;
    if (figure->photo.width < face.width || figure->photo.height < face.width)
      throw failure{RC_INVALID, "the face lies outside the portrait"};
    figure->bare = figure->canvas(portrait->rgb);
    figure->alpha = matte(figure->bare, figure->photo, figure->unit);
    figure->body = drawn_body(figure->bare, figure->alpha, figure->photo, figure->unit);
    figure->looks.emplace_back(figure->bare, figure->alpha, figure->unit, head_left, head_top);
    *result = figure.release();
  });
}

rc_status rc_figure_add(rc_figure *figure, const rc_image *portrait, rc_error *error) {
  return guarded(error, [&] {
    if (portrait->rgb.size() != figure->portrait) throw failure{RC_INVALID, "it is not the figure's portrait"};
    const cv::Mat canvas = figure->canvas(portrait->rgb);
    // What was drawn belongs to the person, also beside the head.
    cv::Mat difference, drawn;
    cv::absdiff(canvas, figure->bare, difference);
    cv::cvtColor(difference, difference, cv::COLOR_RGB2GRAY);
    cv::threshold(difference, drawn, 14, 1, cv::THRESH_BINARY);
    cv::morphologyEx(drawn, drawn, cv::MORPH_OPEN, cv::getStructuringElement(cv::MORPH_ELLIPSE, cv::Size(3, 3)));
    drawn.convertTo(drawn, CV_32F);
    cv::GaussianBlur(drawn, drawn, cv::Size(), std::max(0.6, 0.012 * figure->unit));
    for (int y = 0; y < drawn.rows; ++y)
      for (int x = 0; x < drawn.cols; ++x) {
        // Down there it fades into the drawn body like the portrait.
        const double bottom = (figure->photo.br().y - 1 - y) / figure->unit;
        const float share = static_cast<float>(smooth(0.2, 0.8, drawn.at<float>(y, x)) * smooth(0, seam, bottom));
        drawn.at<float>(y, x) = std::max(share, figure->alpha.at<float>(y, x));
      }
    figure->looks.emplace_back(canvas, drawn, figure->unit, head_left, head_top);
  });
}

void rc_figure_free(rc_figure *figure) { delete figure; }

rc_status rc_figures_draw(rc_image *picture, rc_placement *placements, size_t count, rc_error *error) {
  return guarded(error, [&] {
    if (count > 250) throw failure{RC_INVALID, "too many figures"};
    cv::Mat owners = cv::Mat::zeros(picture->rgb.size(), CV_8U);
    for (size_t index = 0; index < count; ++index) {
      const rc_placement &one = placements[index];
      if (one.look < 0 || static_cast<size_t>(one.look) >= one.figure->looks.size()) throw failure{RC_INVALID, "the figure has no such look"};
      const double scale = std::hypot(one.place.a, one.place.b);
      if (!(scale >= 4 && scale < 4000) || !(std::abs(one.place.dx) < 1e5) || !(std::abs(one.place.dy) < 1e5))
        throw failure{RC_INVALID, "a figure's place is out of range"};
      const uint8_t owner = static_cast<uint8_t>(index + 1);
      one.figure->body.draw(picture->rgb, owners, one.place, owner);
      one.figure->looks[static_cast<size_t>(one.look)].draw(picture->rgb, owners, one.place, owner);
    }
    for (size_t index = 0; index < count; ++index) {
      const rc_similarity &place = placements[index].place;
      const double side = std::hypot(place.a, place.b);
      const cv::Rect box(static_cast<int>(std::lround(place.dx - side / 2)), static_cast<int>(std::lround(place.dy - side / 2)),
                         static_cast<int>(std::lround(side)), static_cast<int>(std::lround(side)));
      const cv::Rect there = box & cv::Rect(cv::Point(), picture->rgb.size());
      int seen = 0;
      for (int y = there.y; y < there.br().y; ++y) {
        const uint8_t *row = owners.ptr(y);
        for (int x = there.x; x < there.br().x; ++x) seen += row[x] <= index + 1;
      }
      placements[index].visible = static_cast<double>(seen) / box.area();
    }
  });
}

rc_status rc_image_light(rc_image *image, rc_light light, uint64_t seed, rc_error *error) {
  return guarded(error, [&] {
    cv::Mat &rgb = image->rgb;
    if (light.blur > 0) cv::GaussianBlur(rgb, rgb, cv::Size(), light.blur);
    const std::vector<int8_t> &noise = noise_table();
    const int values = 3 * rgb.cols;
    if (static_cast<size_t>(values) >= noise.size()) throw failure{RC_INVALID, "the picture is too wide"};
    const auto falloff = [&](int place, int length) {
      const double from_middle = (place + 0.5) / length * 2 - 1;
      return static_cast<int>(std::lround(light.gain * light.vignette * from_middle * from_middle / 2 * 4096));
    };
    std::vector<int> across(static_cast<size_t>(values));
    for (int x = 0; x < values; ++x) across[static_cast<size_t>(x)] = falloff(x / 3, rgb.cols);
    const int gain = static_cast<int>(std::lround(light.gain * 4096)), strength = static_cast<int>(std::lround(light.noise / 16 * 4096));
    for (int y = 0; y < rgb.rows; ++y) {
      uint8_t *row = rgb.ptr(y);
      const int here = gain - falloff(y, rgb.rows);
      const int8_t *grain = noise.data() + mixed(seed * 100003 + static_cast<uint64_t>(y)) % (noise.size() - static_cast<size_t>(values));
      const int *missing = across.data();
      for (int x = 0; x < values; ++x) {
        const int level = (row[x] * (here - missing[x]) + grain[x] * strength + 2048) >> 12;
        row[x] = static_cast<uint8_t>(std::min(255, std::max(0, level)));
      }
    }
  });
}

rc_status rc_image_hall(rc_image *image, uint64_t seed, rc_error *error) {
  return guarded(error, [&] {
    cv::Mat &rgb = image->rgb;
    const double width = rgb.cols, height = rgb.rows;
    cv::RNG random(mixed(seed));
    const double warm = random.uniform(-8.0, 12.0);
    const auto x = [&](double share) { return static_cast<int>(std::lround(share * width)); };
    const auto y = [&](double share) { return static_cast<int>(std::lround(share * height)); };
    const auto box = [&](double left, double top, double right, double bottom, const cv::Scalar &color) {
      cv::rectangle(rgb, cv::Point(x(left), y(top)), cv::Point(x(right), y(bottom)), color, cv::FILLED);
    };
    const cv::Scalar wall(196 + warm, 192, 184 - warm), wood(128 + warm, 98, 70), dark_wood(98 + warm, 74, 54), floor(126, 120, 114);
    rgb.setTo(wall);
    // The floor in perspective, with its joints.
    box(0, 0.82, 1, 1, floor);
    for (int line = -12; line <= 12; ++line)
      cv::line(rgb, cv::Point(x(0.5 + line * 0.07), y(0.82)), cv::Point(x(0.5 + line * 0.19), y(1.02)), cv::Scalar(112, 106, 101), 2, cv::LINE_AA);
    for (const double at : {0.845, 0.885, 0.945}) cv::line(rgb, cv::Point(0, y(at)), cv::Point(x(1), y(at)), cv::Scalar(112, 106, 101), 2);
    box(0, 0.795, 1, 0.82, cv::Scalar(222, 219, 212));
    // A door of two leaves, with what is beyond it in its windows.
    box(0.375, 0.10, 0.625, 0.82, dark_wood);
    for (const double leaf : {0.388, 0.503}) {
      box(leaf, 0.12, leaf + 0.109, 0.82, wood);
      box(leaf + 0.022, 0.17, leaf + 0.087, 0.46, cv::Scalar(206, 219, 226));
      box(leaf + 0.022, 0.34, leaf + 0.087, 0.46, cv::Scalar(171, 186, 178));
      box(leaf + 0.022, 0.53, leaf + 0.087, 0.76, cv::Scalar(118 + warm, 90, 64));
    }
    cv::line(rgb, cv::Point(x(0.5), y(0.12)), cv::Point(x(0.5), y(0.82)), cv::Scalar(70, 52, 38), 2);
    for (const double handle : {0.489, 0.505}) box(handle, 0.47, handle + 0.006, 0.55, cv::Scalar(190, 188, 182));
    // A notice board, and a window to the other side.
    box(0.085, 0.20, 0.285, 0.47, dark_wood);
    box(0.093, 0.214, 0.277, 0.456, cv::Scalar(176, 150, 112));
    for (int sheet = 0; sheet < 6; ++sheet) {
      const double left = 0.103 + 0.058 * (sheet % 3) + random.uniform(0.0, 0.006), top = 0.232 + 0.112 * (sheet / 3) + random.uniform(0.0, 0.012);
      box(left, top, left + 0.042, top + 0.088, cv::Scalar(random.uniform(200, 246), random.uniform(205, 244), random.uniform(190, 240)));
    }
    box(0.715, 0.13, 0.925, 0.56, cv::Scalar(224, 221, 214));
    for (const double pane : {0.725, 0.8235}) {
      box(pane, 0.148, pane + 0.0915, 0.542, cv::Scalar(214, 227, 236));
      box(pane, 0.40, pane + 0.0915, 0.542, cv::Scalar(176, 190, 172));
    }
    // A camera is focused on people, not on the wall.
    cv::GaussianBlur(rgb, rgb, cv::Size(), height / 400);
    cv::Mat light(rgb.size(), CV_32F);
    for (int row = 0; row < rgb.rows; ++row)
      for (int column = 0; column < rgb.cols; ++column) {
        const double across = column / width, down = row / height;
        light.at<float>(row, column) = static_cast<float>(0.80 + 0.16 * (1 - down) + 0.10 * std::exp(-std::pow((across - 0.72) / 0.35, 2) - std::pow((down - 0.4) / 0.5, 2)));
      }
    light += 0.012 * clouds(random, rgb.size(), height / 6) + 0.008 * clouds(random, rgb.size(), height / 40) + 0.006 * clouds(random, rgb.size(), 2);
    for (int row = 0; row < rgb.rows; ++row)
      for (int value = 0; value < 3 * rgb.cols; ++value)
        rgb.ptr(row)[value] = cv::saturate_cast<uint8_t>(rgb.ptr(row)[value] * light.at<float>(row, value / 3));
  });
}

}  // extern "C"
