// Draws a mask, or something else that hides a mouth, on a face.
//
// The covering is a sheet over a model of the lower head: its points are given by an angle around the head and a height in millimetres, so
// that one description serves every pose. The pose comes from the five landmarks. The light comes from the face: how bright the skin
// is for each direction of its surface says how bright the sheet is.
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "support.hpp"

using namespace rollcall;

namespace {

constexpr double pi = 3.14159265358979323846;

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every platform, unlike the standard library's distributions.
class dice {
 public:
  explicit dice(uint64_t seed) : state(seed) {}

  double unit() {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }
  double between(double low, double high) { return low + (high - low) * unit(); }
  bool chance(double share) { return unit() < share; }
  int below(int count) { return std::min(count - 1, static_cast<int>(unit() * count)); }
  template <typename T, size_t N>
  const T &one_of(const std::array<T, N> &choices) {
    return choices[static_cast<size_t>(below(static_cast<int>(N)))];
  }

 private:
  uint64_t state;
};

double smooth(double low, double high, double x) {
  const double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

double mixed(double a, double b, double share) { return a + (b - a) * share; }

cv::Vec3d mixed(const cv::Vec3d &a, const cv::Vec3d &b, double share) { return a + (b - a) * share; }

/// Value noise in the plane, -1…1, the same for the same salt.
class noise {
 public:
  explicit noise(uint64_t salt) : salt(salt) {}

  double at(double x, double y) const {
    const double left = std::floor(x), top = std::floor(y);
    const double across = smooth(0, 1, x - left), down = smooth(0, 1, y - top);
    const auto i = static_cast<int64_t>(left), j = static_cast<int64_t>(top);
    return mixed(mixed(corner(i, j), corner(i + 1, j), across), mixed(corner(i, j + 1), corner(i + 1, j + 1), across), down);
  }
  /// Three octaves.
  double rough(double x, double y) const { return 0.57 * at(x, y) + 0.29 * at(2 * x + 7, 2 * y + 3) + 0.14 * at(4 * x + 1, 4 * y + 9); }

 private:
  uint64_t salt;

  double corner(int64_t i, int64_t j) const {
    dice value(salt ^ (static_cast<uint64_t>(i) * 0x8da6b343u) ^ (static_cast<uint64_t>(j) * 0xd8163841u << 20));
    value.unit();
    return value.between(-1, 1);
  }
};

/// A line through points with rising places.
double along(const std::vector<std::array<double, 2>> &points, double x) {
  if (x <= points.front()[0]) return points.front()[1];
  for (size_t i = 1; i < points.size(); ++i) {
    if (x > points[i][0]) continue;
    return mixed(points[i - 1][1], points[i][1], smooth(points[i - 1][0], points[i][0], x));
  }
  return points.back()[1];
}

// ---- The head, in millimetres: x to the right of the picture, y down from the eye line, z towards the camera from the inner eye
// corners. Widths and depths are those of an average adult head (Farkas, Anthropometry of the Head and Face, 1994), to a few millimetres.

const std::array<cv::Vec3d, RC_LANDMARKS> head_landmarks = {
    cv::Vec3d(44, 0, -13), cv::Vec3d(17, 2, 0), cv::Vec3d(-44, 0, -13), cv::Vec3d(-17, 2, 0), cv::Vec3d(0, 47, 17)};
const cv::Vec3d ear_top(74, 0, -88), ear_bottom(71, 42, -82);

double half_width(double y) { return along({{-130, 16}, {-115, 40}, {-95, 56}, {-60, 66}, {0, 68}, {30, 67}, {60, 62}, {85, 54}, {105, 45}, {120, 46}, {160, 52}}, y); }
double front(double y) { return along({{-130, -62}, {-112, -28}, {-88, 2}, {-60, 14}, {-15, 12}, {10, 2}, {40, 6}, {70, 14}, {98, 14}, {112, 2}, {126, -24}, {160, -30}}, y); }
constexpr double back = -82;

/// How far a nose stands out of the face at a height.
double nose_ridge(double y) { return along({{0, 6}, {14, 13}, {37, 30}, {42, 28}, {51, 8}, {58, 0}}, y); }

/// The pose of a head: scaled orthographic, millimetres to pixels.
struct pose {
  double yaw = 0, pitch = 0, roll = 0, scale = 1, x = 0, y = 0;

  cv::Matx33d rotation() const {
    const cv::Matx33d about_y(std::cos(yaw), 0, std::sin(yaw), 0, 1, 0, -std::sin(yaw), 0, std::cos(yaw));
    const cv::Matx33d about_x(1, 0, 0, 0, std::cos(pitch), -std::sin(pitch), 0, std::sin(pitch), std::cos(pitch));
    const cv::Matx33d about_z(std::cos(roll), -std::sin(roll), 0, std::sin(roll), std::cos(roll), 0, 0, 0, 1);
    return about_z * about_y * about_x;
  }
  /// x and y in pixels; z in millimetres towards the camera.
  static cv::Vec3d project(const cv::Matx33d &turn, const pose &at, const cv::Vec3d &point) {
    const cv::Vec3d turned = turn * point;
    return {at.x + at.scale * turned[0], at.y + at.scale * turned[1], turned[2]};
  }
};

/// The pose that puts the model's landmarks on the picture's, by Gauss-Newton. Heads differ, so that five points cannot tell a long
/// nose from a nod: the expectation that heads are about upright decides.
pose find_pose(const rc_point *points) {
  const double dx = points[0].x - points[2].x, dy = points[0].y - points[2].y;
  const double nose_x = points[4].x - (points[0].x + points[2].x) / 2, nose_y = points[4].y - (points[0].y + points[2].y) / 2;
  pose start;
  start.roll = std::atan2(dy, dx);
  start.scale = std::max({std::hypot(dx, dy) / 88, std::hypot(nose_x, nose_y) / 50, 1e-3});
  start.x = (points[0].x + points[1].x + points[2].x + points[3].x) / 4;
  start.y = (points[0].y + points[1].y + points[2].y + points[3].y) / 4;
  // yaw, pitch, roll, logarithm of the scale, and the place in millimetres.
  cv::Vec<double, 6> state(0, 0, start.roll, 0, 0, 0);
  const auto placed = [&](const cv::Vec<double, 6> &s) {
    return pose{s[0], s[1], s[2], start.scale * std::exp(s[3]), start.x + s[4] * start.scale, start.y + s[5] * start.scale};
  };
  const auto residuals = [&](const cv::Vec<double, 6> &s) {
    cv::Vec<double, 12> r;
    const pose at = placed(s);
    const cv::Matx33d turn = at.rotation();
    for (int i = 0; i < RC_LANDMARKS; ++i) {
      const cv::Vec3d seen = pose::project(turn, at, head_landmarks[static_cast<size_t>(i)]);
      r[2 * i] = (seen[0] - points[i].x) / at.scale / 3;
      r[2 * i + 1] = (seen[1] - points[i].y) / at.scale / 3;
    }
    r[10] = s[0] / (40 * pi / 180);
    r[11] = s[1] / (9 * pi / 180);
    return r;
  };
  for (int step = 0; step < 12; ++step) {
    const cv::Vec<double, 12> r = residuals(state);
    cv::Matx<double, 12, 6> jacobian;
    for (int j = 0; j < 6; ++j) {
      cv::Vec<double, 6> moved = state;
      moved[j] += 1e-4;
      const cv::Vec<double, 12> changed = (residuals(moved) - r) * 1e4;
      for (int i = 0; i < 12; ++i) jacobian(i, j) = changed[i];
    }
    const cv::Matx<double, 6, 6> normal = jacobian.t() * jacobian + cv::Matx<double, 6, 6>::eye() * 1e-3;
    const cv::Matx<double, 6, 1> change = normal.solve(jacobian.t() * cv::Matx<double, 12, 1>(r.val), cv::DECOMP_CHOLESKY);
    for (int j = 0; j < 6; ++j) state[j] -= std::clamp(change(j, 0), -0.5, 0.5) * (j >= 4 ? 20 : 1);
    state[0] = std::clamp(state[0], -1.35, 1.35);
    state[1] = std::clamp(state[1], -0.7, 0.7);
  }
  return placed(state);
}

/// A point of the face without its nose: an angle around the head (0 ahead, in radians) and a height.
cv::Vec3d on_face(double angle, double y) {
  return {half_width(y) * std::sin(angle), y, back + (front(y) - back) * std::pow(std::max(0.0, std::cos(angle)), 0.75)};
}

// ---- The light of the face

struct light {
  double base = 0.6;   ///< brightness of skin, 0…1
  cv::Vec3d slope;     ///< its change with the surface's direction
  double white = 0.9;  ///< brightness of white cloth here
  double black = 0;    ///< brightness of black cloth here: haze lifts it
  cv::Vec3d cast = {1, 1, 1};
  cv::Vec3d skin = {180, 140, 120};  ///< red, green, blue

  /// Brightness for a surface's direction, relative to the face's.
  double on(const cv::Vec3d &normal) const { return std::clamp((base + slope.dot(normal)) / base, 0.3, 1.7); }
};

double brightness(const cv::Vec3d &rgb) { return (0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]) / 255; }

light find_light(const cv::Mat &rgb, const pose &at) {
  const cv::Matx33d turn = at.rotation();
  cv::Matx44d normal = cv::Matx44d::eye() * 0.02;
  cv::Vec4d right;
  cv::Vec3d skin;
  int count = 0;
  // Strong ridge: a few dozen samples of real skin, with hair and shadows among them.
  for (int i = 1; i < 4; ++i) normal(i, i) = 8;
  for (double y = 14; y <= 60; y += 6) {
    for (double angle = -1.0; angle <= 1.0; angle += 0.125) {
      const cv::Vec3d seen = pose::project(turn, at, on_face(angle, y));
      const cv::Vec3d ahead = turn * cv::Vec3d(std::sin(angle), 0, std::cos(angle));
      const int x = cvRound(seen[0]), row = cvRound(seen[1]);
      if (ahead[2] < 0.25 || x < 0 || row < 0 || x >= rgb.cols || row >= rgb.rows) continue;
      const cv::Vec3d color = rgb.at<cv::Vec3b>(row, x);
      const cv::Vec4d sample(1, ahead[0], ahead[1], ahead[2] - 0.8);
      normal += sample * sample.t();
      right += sample * brightness(color);
      skin += color;
      ++count;
    }
  }
  light result;
  if (count < 8) return result;
  const cv::Vec4d fit = normal.solve(right, cv::DECOMP_CHOLESKY);
  result.slope = {fit[1], fit[2], fit[3]};
  // Samples were fitted with the direction towards the camera less 0.8.
  result.base = std::max(0.04, std::max(0.04, fit[0]) - 0.8 * result.slope[2]);
  result.skin = skin / count;
  cv::Mat small, grey;
  cv::resize(rgb, small, cv::Size(48, 48), 0, 0, cv::INTER_AREA);
  cv::cvtColor(small, grey, cv::COLOR_RGB2GRAY);
  std::vector<uint8_t> levels(grey.begin<uint8_t>(), grey.end<uint8_t>());
  std::nth_element(levels.begin(), levels.begin() + 48 * 48 * 96 / 100, levels.end());
  const double bright = levels[48 * 48 * 96 / 100] / 255.0;
  result.white = std::clamp(1.05 * bright, std::min(1.0, 1.15 * result.base), std::min(1.0, 2.6 * result.base));
  result.black = std::min(0.4 * result.base, 0.8 * *std::min_element(levels.begin(), levels.end()) / 255);
  const cv::Scalar mean = cv::mean(small);
  const double middle = std::max(1.0, (mean[0] + mean[1] + mean[2]) / 3);
  for (int c = 0; c < 3; ++c) result.cast[c] = std::pow(std::max(1.0, mean[c]) / middle, 0.35);
  return result;
}

// ---- Cloth

using color = cv::Vec3d;  // red, green, blue, 0…255, as under white light

color from_hsv(double hue, double saturation, double value) {
  const auto channel = [&](double shift) {
    const double k = std::fmod(shift + hue * 6, 6.0);
    return 255 * (value - value * saturation * std::clamp(std::min(k, 4 - k), 0.0, 1.0));
  };
  return {channel(5), channel(3), channel(1)};
}

color any_color(dice &roll) {
  const double kind = roll.unit();
  if (kind < 0.2) return color(1, 1, 1) * roll.between(15, 45);
  if (kind < 0.3) return color(1, 1, 1) * roll.between(200, 250);
  if (kind < 0.4) return color(1, 1, 1) * roll.between(60, 190);
  return from_hsv(roll.unit(), roll.between(0.15, 0.95), roll.between(0.2, 0.95));
}

/// The colour at a place of the cloth; a and b are millimetres across and down it.
using print = std::function<color(double a, double b)>;

print plain(const color &base) {
  return [base](double, double) { return base; };
}

print any_print(dice &roll) {
  const color first = any_color(roll), second = any_color(roll), third = any_color(roll);
  const double size = roll.between(5, 26), turn = roll.between(0, pi), share = roll.between(0.25, 0.65);
  const double cosine = std::cos(turn), sine = std::sin(turn);
  const noise field(static_cast<uint64_t>(roll.unit() * 1e15));
  switch (roll.below(8)) {
    case 0:  // stripes
      return [=](double a, double b) {
        const double place = (a * cosine + b * sine) / size;
        return place - std::floor(place) < share ? first : second;
      };
    case 1:  // dots
      return [=](double a, double b) {
        const double x = (a * cosine + b * sine) / size, y = (b * cosine - a * sine) / size;
        return std::hypot(x - std::round(x), y - std::round(y)) < share * 0.6 ? first : second;
      };
    case 2:  // tartan
      return [=](double a, double b) {
        const auto line = [&](double x) { return x / size - std::floor(x / size) < share ? 0.5 : 0.0; };
        return mixed(mixed(first, second, line(a) + line(b)), third, std::fmod(std::abs(a) + size / 3, 2 * size) < 1.6 ? 0.6 : 0.0);
      };
    case 3:  // camouflage
      return [=](double a, double b) {
        const double level = field.rough(a / size / 1.2, b / size);
        return level < -0.15 ? first : level < 0.2 ? second : third;
      };
    case 4:  // flowers, by cells
      return [=](double a, double b) {
        const double x = a / size / 1.3, y = b / size / 1.3;
        const double i = std::floor(x), j = std::floor(y);
        const double cx = i + 0.5 + 0.25 * field.at(i * 3.7, j * 5.1), cy = j + 0.5 + 0.25 * field.at(i * 4.3 + 9, j * 2.9);
        const double angle = std::atan2(y - cy, x - cx), radius = std::hypot(x - cx, y - cy);
        if (radius < 0.12) return third;
        return radius < 0.3 + 0.12 * std::cos(5 * angle + 6 * field.at(i, j)) ? first : second;
      };
    case 5: {  // one badge in the middle or to a side, with writing
      const double place = roll.between(-32, 32), height = roll.between(15, 60), wide = roll.between(6, 24);
      return [=](double a, double b) {
        const double x = (a - place) / wide, y = (b - height) / wide * 1.8;
        if (x * x + y * y > 1) return second;
        return std::abs(y) < 0.35 && field.at(a * 0.9, std::floor(y * 4)) > 0 ? third : first;
      };
    }
    case 6: {  // a printed mouth: the cruel case
      const double lip = roll.between(10, 22), smile = roll.between(-0.02, 0.03);
      return [=](double a, double b) {
        const double y = b - 48 + smile * a * a;
        if (std::abs(a) > lip * 1.6 || std::abs(y) > 8 * std::cos(a / lip * 0.95)) return second;
        return std::abs(y) < 3 ? color(235, 230, 225) : color(170, 50, 60);
      };
    }
    default:  // a dyed gradient
      return [=](double a, double b) {
        return mixed(first, second, smooth(-0.9, 0.9, field.rough(a / size / 4, b / size / 4) + (a * cosine + b * sine) / 90));
      };
  }
}

/// Small light figures on a strong colour, as bandanas have them.
print bandana_print(dice &roll) {
  static const std::array<color, 6> grounds = {color(175, 25, 35), color(30, 45, 95), color(22, 22, 25),
                                               color(35, 90, 60),  color(95, 40, 95), color(225, 225, 222)};
  const color ground = roll.one_of(grounds);
  const color figure = brightness(ground) > 0.6 ? color(25, 25, 35) : color(235, 232, 228);
  const noise field(static_cast<uint64_t>(roll.unit() * 1e15)), bends(static_cast<uint64_t>(roll.unit() * 1e15));
  const double size = roll.between(4, 10), share = roll.between(0.1, 0.35);
  return [=](double a, double b) {
    const double x = a / size, y = b / size;
    const double curl = field.at(x + bends.at(x / 2, y / 2), y + bends.at(y / 2, x / 2 + 5));
    return std::abs(curl - share) < 0.13 ? figure : ground;
  };
}

/// What a covering looks like and how far it reaches.
struct covering {
  double top, bottom;                    ///< heights at the middle, in millimetres below the eye line
  double top_drop = 14, top_power = 1.6; ///< how much lower the upper edge is at the sides
  double bottom_rise = 36;               ///< how much higher the lower edge is at the sides
  double bottom_power = 2;
  double reach = 1.15;                   ///< the angle around the head at the sides
  double lift = 2;                       ///< distance from the skin
  double tent = 1;                       ///< how much of the nose it follows, 0…1
  double nose_width = 22;
  double ridge = 0;                      ///< a vertical fold in the middle, in millimetres
  double cup = 0;                        ///< how much it bulges
  double point = 0;                      ///< a tip at the lower middle, as a bandana has
  int pleats = 0;
  double wrinkles = 0.05, wrinkle_size = 18, stretch = 2.2;
  double hem = 3.5;                      ///< the width of the edges' seams, 0 for none
  bool valve = false;
  bool seam = false;
  print cloth;
  color strap;
  enum { no_straps, ear_loops, head_straps } straps = ear_loops;
  double strap_width = 3;
  double side_shift = 0;                 ///< how far it is turned askew, in radians
};

covering surgical(dice &roll) {
  static const std::array<color, 9> colors = {color(150, 200, 230), color(120, 185, 220), color(165, 210, 225), color(235, 240, 242),
                                              color(140, 205, 195), color(28, 28, 32),    color(240, 180, 195), color(90, 130, 180),
                                              color(245, 245, 245)};
  covering it{};
  color base = roll.one_of(colors);
  for (int c = 0; c < 3; ++c) base[c] = std::clamp(base[c] + roll.between(-14, 14), 5.0, 252.0);
  it.cloth = plain(base);
  it.strap = roll.chance(0.75) ? color(235, 238, 240) : base;
  it.pleats = roll.chance(0.9) ? 3 : 0;
  it.reach = roll.between(0.95, 1.25);
  it.lift = roll.between(2, 6);
  it.nose_width = roll.between(18, 30);
  it.bottom_rise = roll.between(24, 42);
  it.bottom_power = roll.between(1.6, 3);
  it.top_drop = roll.between(6, 22);
  it.wrinkles = roll.between(0.02, 0.09);
  it.strap_width = roll.between(1.8, 3.2);
  return it;
}

covering respirator(dice &roll) {
  covering it{};
  const color base = roll.chance(0.72) ? color(240, 240, 238) : any_color(roll);
  it.cloth = plain(base);
  it.strap = roll.chance(0.6) ? color(240, 240, 240) : roll.chance(0.5) ? color(235, 200, 60) : base;
  const bool folded = roll.chance(0.65);
  it.ridge = folded ? roll.between(5, 12) : 0;
  it.cup = folded ? roll.between(4, 10) : roll.between(12, 22);
  it.seam = folded || roll.chance(0.3);
  it.reach = roll.between(0.8, 1.12);
  it.lift = roll.between(3, 6);
  it.nose_width = roll.between(24, 36);
  it.top_drop = roll.between(16, 34);
  it.top_power = roll.between(1.1, 1.8);
  it.bottom_rise = roll.between(34, 54);
  it.bottom_power = roll.between(1.3, 2.2);
  it.wrinkles = roll.between(0.01, 0.04);
  it.valve = roll.chance(0.22);
  it.straps = roll.chance(0.55) ? covering::ear_loops : covering::head_straps;
  it.strap_width = roll.between(2.5, 5);
  return it;
}

covering cloth(dice &roll, bool patterned) {
  covering it{};
  it.cloth = patterned ? any_print(roll) : plain(any_color(roll));
  it.strap = roll.chance(0.5) ? it.cloth(0, 40) : roll.chance(0.5) ? color(30, 30, 32) : color(235, 235, 235);
  it.ridge = roll.chance(0.6) ? roll.between(1, 6) : 0;
  it.seam = it.ridge > 0;
  it.reach = roll.between(0.95, 1.4);
  it.lift = roll.between(1.5, 4);
  it.nose_width = roll.between(18, 30);
  it.top_drop = roll.between(4, 26);
  it.top_power = roll.between(1, 2.4);
  it.bottom_rise = roll.between(22, 46);
  it.bottom_power = roll.between(1.4, 3);
  it.pleats = !it.seam && roll.chance(0.4) ? 3 : 0;
  it.wrinkles = roll.between(0.03, 0.12);
  it.hem = roll.chance(0.7) ? roll.between(2.5, 6) : 0;
  it.strap_width = roll.between(2, 6);
  return it;
}

/// A scarf, bandana, buff or veil.
covering scarf(dice &roll) {
  covering it{};
  it.cloth = roll.chance(0.5) ? plain(any_color(roll)) : roll.chance(0.4) ? bandana_print(roll) : any_print(roll);
  it.straps = covering::no_straps;
  it.reach = roll.between(1.42, 1.54);
  it.lift = roll.between(3, 9);
  it.nose_width = roll.between(22, 44);
  it.top_drop = roll.between(-22, 24);
  it.top_power = roll.between(1, 2.5);
  it.bottom_rise = roll.between(-25, 22);
  it.point = roll.chance(0.35) ? roll.between(20, 60) : 0;
  it.wrinkles = roll.between(0.12, 0.34);
  it.wrinkle_size = roll.between(10, 30);
  it.stretch = roll.between(2.5, 6);
  it.hem = roll.chance(0.4) ? roll.between(2, 5) : 0;
  return it;
}

/// A balaclava, hood or niqab in two sheets: under the eyes, and from the brows over the head.
struct hood {
  covering lower, upper;
};

hood any_hood(dice &roll) {
  covering it = scarf(roll);
  const double kind = roll.unit();
  if (kind < 0.45) it.cloth = plain(color(1, 1, 1) * roll.between(12, 50));
  else if (kind < 0.8) it.cloth = plain(any_color(roll));
  it.point = 0;
  it.top_drop = roll.between(-24, -4);
  it.top_power = roll.between(3, 6);
  it.bottom_rise = roll.between(-25, 5);
  it.reach = roll.between(1.48, 1.55);
  it.lift = roll.between(2, 8);
  it.wrinkles = roll.between(0.06, 0.25);
  it.hem = roll.chance(0.5) ? roll.between(2, 5) : 0;
  covering over = it;
  over.top = -128;
  over.bottom = roll.between(-42, -12);
  // Down at the temples, to where the lower sheet begins.
  over.bottom_rise = -roll.between(20, 60);
  over.bottom_power = roll.between(3, 6);
  over.top_drop = 0;
  over.tent = 0;
  return {it, over};
}

void put_on(covering &it, rc_mask_wear wear, bool loose, dice &roll) {
  switch (wear) {
    case RC_MASK_WELL:
      it.top = roll.between(6, 24);
      it.bottom = roll.between(110, 124);
      break;
    case RC_MASK_UNDER_NOSE:
      // The tip of the nose is 37 mm below the eyes, its base 47, the mouth about 68.
      it.top = roll.between(43, 58);
      it.bottom = roll.between(114, 130);
      it.top_drop = std::min(it.top_drop, 12.0) * roll.between(-0.6, 1);
      it.tent = 0;
      it.cup *= 0.6;
      break;
    case RC_MASK_CHIN:
      it.top = roll.between(80, 104);
      it.bottom = it.top + roll.between(24, 46);
      it.top_drop = -roll.between(0, 34);
      it.bottom_rise = roll.between(14, 50);
      it.tent = 0;
      it.cup *= 0.4;
      it.wrinkles += roll.between(0.04, 0.14);
      break;
  }
  if (loose) it.bottom = it.top + roll.between(105, 190);
  it.side_shift = roll.between(-0.06, 0.06);
}

struct vertex {
  cv::Vec3d seen;  ///< x and y in pixels of the layer, z in millimetres
  cv::Vec3d normal;
  double a, b;     ///< millimetres across and down the cloth
  double u, v;     ///< -1…1 across, 0…1 down
};

/// A picture being laid over another: colour, opacity and depth.
struct layer {
  cv::Rect area;  ///< in the picture
  int finer;      ///< layer pixels per pixel of the picture
  cv::Mat_<cv::Vec4f> paint;
  cv::Mat_<float> depth;

  layer(cv::Rect area, int finer)
      : area(area), finer(finer), paint(area.size() * finer, cv::Vec4f(0, 0, 0, 0)), depth(area.size() * finer, -1e9f) {}
};

template <typename Shade>
void fill(layer &onto, const vertex &a, const vertex &b, const vertex &c, Shade shade) {
  const double twice = (b.seen[0] - a.seen[0]) * (c.seen[1] - a.seen[1]) - (b.seen[1] - a.seen[1]) * (c.seen[0] - a.seen[0]);
  if (std::abs(twice) < 1e-9) return;
  const int left = std::max(0, static_cast<int>(std::floor(std::min({a.seen[0], b.seen[0], c.seen[0]}))));
  const int right = std::min(onto.paint.cols - 1, static_cast<int>(std::ceil(std::max({a.seen[0], b.seen[0], c.seen[0]}))));
  const int top = std::max(0, static_cast<int>(std::floor(std::min({a.seen[1], b.seen[1], c.seen[1]}))));
  const int bottom = std::min(onto.paint.rows - 1, static_cast<int>(std::ceil(std::max({a.seen[1], b.seen[1], c.seen[1]}))));
  for (int y = top; y <= bottom; ++y) {
    for (int x = left; x <= right; ++x) {
      const double px = x + 0.5, py = y + 0.5;
      const double p = ((b.seen[0] - px) * (c.seen[1] - py) - (b.seen[1] - py) * (c.seen[0] - px)) / twice;
      const double q = ((c.seen[0] - px) * (a.seen[1] - py) - (c.seen[1] - py) * (a.seen[0] - px)) / twice;
      const double r = 1 - p - q;
      if (p < -1e-6 || q < -1e-6 || r < -1e-6) continue;
      const auto z = static_cast<float>(p * a.seen[2] + q * b.seen[2] + r * c.seen[2]);
      if (z <= onto.depth(y, x)) continue;
      onto.depth(y, x) = z;
      const vertex here{{px, py, z},
                        p * a.normal + q * b.normal + r * c.normal,
                        p * a.a + q * b.a + r * c.a,
                        p * a.b + q * b.b + r * c.b,
                        p * a.u + q * b.u + r * c.u,
                        p * a.v + q * b.v + r * c.v};
      const color tint = shade(here);
      onto.paint(y, x) = cv::Vec4f(static_cast<float>(tint[0]), static_cast<float>(tint[1]), static_cast<float>(tint[2]), 1);
    }
  }
}

/// A point of the sheet: u from ear to ear, v from the upper to the lower edge.
cv::Vec3d on_sheet(const covering &it, double u, double v) {
  const double side = std::abs(u);
  const double top = it.top + it.top_drop * std::pow(side, it.top_power);
  const double bottom = it.bottom - it.bottom_rise * std::pow(side, it.bottom_power) + it.point * std::max(0.0, 1 - side * 1.6);
  const double y = mixed(top, bottom, v);
  cv::Vec3d point = on_face(u * it.reach, y);
  // Cloth does not sink in under the nose: it runs straight from the tip to the chin.
  const double tip = std::max(it.top + 2, 37.0), chin = 99;
  double nose = nose_ridge(y);
  if (it.tent > 0 && y > tip) {
    const double straight = mixed(nose_ridge(tip) + front(tip), front(chin), std::clamp((y - tip) / (chin - tip), 0.0, 1.0));
    nose = straight - front(y);
  }
  const double wide = it.nose_width * (y > tip ? 1 + 0.9 * smooth(tip, chin, y) : smooth(-20, tip, y) * 0.5 + 0.5);
  point[2] += it.tent * std::max(0.0, nose) * std::exp(-point[0] * point[0] / (2 * wide * wide));
  const double inside = std::sin(pi * std::clamp(v, 0.0, 1.0)) * std::max(0.0, 1 - side * side);
  point[2] += it.lift * (1 - 0.7 * side) + it.cup * inside + it.ridge * std::exp(-point[0] * point[0] / 60) * inside;
  return point;
}

struct scene {
  cv::Mat &rgb;
  pose at;
  cv::Matx33d turn;
  light lit;
  dice &roll;

  cv::Vec3d seen(const layer &onto, const cv::Vec3d &point) const {
    cv::Vec3d p = pose::project(turn, at, point);
    p[0] = (p[0] - onto.area.x) * onto.finer;
    p[1] = (p[1] - onto.area.y) * onto.finer;
    return p;
  }
  /// Cloth of this colour under the face's light.
  color under_light(const color &albedo, double shade) const {
    color result;
    const double exposure = std::min(1.25, lit.white * shade);
    for (int c = 0; c < 3; ++c) result[c] = lit.cast[c] * (255 * lit.black + albedo[c] * (exposure - lit.black));
    return result;
  }
};

void draw_strap(layer &onto, const scene &on, const std::vector<cv::Vec3d> &path, const covering &it) {
  std::vector<cv::Point> line;
  for (const cv::Vec3d &point : path) {
    const cv::Vec3d p = on.seen(onto, point);
    line.emplace_back(cvRound(p[0] * 16), cvRound(p[1] * 16));
  }
  const int width = std::max(1, cvRound(it.strap_width * on.at.scale * onto.finer * 0.7));
  const color tint = on.under_light(it.strap, 0.85);
  cv::polylines(onto.paint, line, false, cv::Scalar(tint[0], tint[1], tint[2], 1), width, cv::LINE_AA, 4);
}

void draw_straps(layer &onto, const scene &on, const covering &it) {
  for (const double side : {-1.0, 1.0}) {
    // The far ear is hidden by the head.
    if ((on.turn * cv::Vec3d(side, 0, 0.35))[2] < 0.02) continue;
    const cv::Vec3d upper = on_sheet(it, side, 0.06), lower = on_sheet(it, side, 0.94);
    cv::Vec3d top = ear_top, bottom = ear_bottom;
    top[0] *= side;
    bottom[0] *= side;
    if (it.straps == covering::ear_loops) {
      draw_strap(onto, on, {upper, top}, it);
      draw_strap(onto, on, {lower, bottom}, it);
    } else {
      draw_strap(onto, on, {upper, on_face(side * 1.45, std::max(-50.0, upper[1] - 45))}, it);
      draw_strap(onto, on, {lower, on_face(side * 1.5, std::min(100.0, lower[1] + 12))}, it);
    }
  }
}

void draw_sheet(layer &onto, const scene &on, const covering &it) {
  constexpr int across = 56, down = 40;
  std::vector<vertex> grid;
  grid.reserve((across + 1) * (down + 1));
  const double tilt_cosine = std::cos(it.side_shift), tilt_sine = std::sin(it.side_shift);
  const auto place = [&](double u, double v) {
    cv::Vec3d p = on_sheet(it, u, v);
    // Askew: turned a little in the plane of the face.
    const double y = p[1] - 70;
    return cv::Vec3d(p[0] * tilt_cosine - y * tilt_sine, 70 + p[0] * tilt_sine + y * tilt_cosine, p[2]);
  };
  for (int j = 0; j <= down; ++j) {
    for (int i = 0; i <= across; ++i) {
      const double u = -1 + 2.0 * i / across, v = 1.0 * j / down, step = 0.01;
      const cv::Vec3d point = place(u, v);
      const cv::Vec3d right = place(u + step, v) - place(u - step, v), below = place(u, v + step) - place(u, v - step);
      const cv::Vec3d out = below.cross(right) * -1.0;
      const cv::Vec3d normal = on.turn * (out / std::max(1e-9, cv::norm(out)));
      grid.push_back({on.seen(onto, point), normal, u * it.reach * 68, v * std::abs(it.bottom - it.top), u, v});
    }
  }
  const noise folds(static_cast<uint64_t>(on.roll.unit() * 1e15)), weave(static_cast<uint64_t>(on.roll.unit() * 1e15));
  const double height = std::abs(it.bottom - it.top), width = it.reach * 68;
  const double valve_a = on.roll.between(10, 26) * (on.roll.chance(0.5) ? 1 : -1), valve_b = height * on.roll.between(0.45, 0.7);
  const double lean = on.roll.between(-0.5, 0.5);
  const auto shade = [&](const vertex &here) {
    double level = on.lit.on(here.normal / std::max(1e-9, cv::norm(here.normal)));
    const double a = here.a + lean * here.b;
    level *= 1 + it.wrinkles * folds.rough(a / it.wrinkle_size / it.stretch, here.b / it.wrinkle_size * 1.4);
    level *= 1 + 0.025 * weave.at(here.a * 1.1, here.b * 1.1);
    for (int fold = 0; fold < it.pleats; ++fold) {
      const double at = height * (0.3 + 0.2 * fold) + 1.5 * folds.at(here.a / 40, fold * 9.0);
      const double from = here.b - at;
      // A lit upper lip and the shadow under it, flat towards the sides where the pleats are sewn.
      level *= 1 - 0.17 * std::exp(-from * from / 3) + 0.06 * std::exp(-(from + 4) * (from + 4) / 8);
    }
    color tint = it.cloth(here.a, here.b);
    if (it.seam && std::abs(here.a) < 1.2) level *= 0.86;
    if (it.hem > 0) {
      const double edge = std::min({here.b, height - here.b, (1 - std::abs(here.u)) * width});
      if (edge < it.hem) level *= edge > it.hem - 0.9 ? 0.88 : 1.03;
    }
    if (it.valve) {
      const double radius = std::hypot(here.a - valve_a, here.b - valve_b);
      if (radius < 11) {
        tint = mixed(tint, color(200, 205, 210), 0.7);
        level *= radius > 9.5 ? 0.7 : std::fmod(here.b, 4.0) < 1.2 ? 0.82 : 1.05;
      }
    }
    // The edge turns away from the light at the rim of the head.
    level *= 0.75 + 0.25 * smooth(0, 0.45, here.normal[2]);
    return on.under_light(tint, level);
  };
  for (int j = 0; j < down; ++j) {
    for (int i = 0; i < across; ++i) {
      const vertex &a = grid[static_cast<size_t>(j * (across + 1) + i)], &b = grid[static_cast<size_t>(j * (across + 1) + i + 1)];
      const vertex &c = grid[static_cast<size_t>((j + 1) * (across + 1) + i)], &d = grid[static_cast<size_t>((j + 1) * (across + 1) + i + 1)];
      // What faces away lies behind the head.
      if (a.normal[2] + b.normal[2] + c.normal[2] + d.normal[2] < 0) continue;
      fill(onto, a, b, d, shade);
      fill(onto, a, d, c, shade);
    }
  }
}

/// A hand before the mouth: fingers as rounded bars, from a side or from below.
void draw_hand(layer &onto, const scene &on, bool nose_free) {
  struct bar {
    cv::Vec2d from, to;
    double from_radius, to_radius, tone;
  };
  dice &roll = on.roll;
  const double direction = roll.between(-1.25, 1.25);  // 0: fingers point up
  const double side = roll.chance(0.5) ? 1 : -1, spread = roll.between(0.02, 0.16), thick = roll.between(8.5, 11);
  const cv::Vec2d centre(roll.between(-10, 10), (nose_free ? 72 : 60) + roll.between(-4, 8));
  // A fist is shorter: its knuckles, not its wrist, are before the mouth.
  const bool fist = roll.chance(0.25);
  const auto turned = [&](double x, double along) {
    const double y = along - (fist ? 42 : 0);
    return cv::Vec2d(centre[0] + x * std::cos(direction) - y * std::sin(direction), centre[1] + x * std::sin(direction) + y * std::cos(direction));
  };
  std::vector<bar> bars;
  // The palm's back, then the fingers over it, then the thumb.
  bars.push_back({turned(0, 92), turned(0, 52), 38, 34, 0.97});
  bars.push_back({turned(0, 190), turned(0, 90), 27, 29, 0.95});
  for (int finger = 0; finger < 4; ++finger) {
    const double x = (finger - 1.5) * thick * 2.05, lean = (finger - 1.5) * spread * 60;
    const double length = (fist ? 22 : 66) * (1 - 0.12 * std::abs(finger - 1.3)) * roll.between(0.92, 1.05);
    bars.push_back({turned(x, 46), turned(x + lean, 46 - length), thick, thick * 0.82, 1 + roll.between(-0.05, 0.05)});
  }
  bars.push_back({turned(side * 34, 70), turned(side * roll.between(28, 54), roll.between(5, 28)), thick * 1.15, thick * 0.95, 1.02});
  const bool sleeve = roll.chance(0.6);
  const color sleeve_tint = any_color(roll);
  const bool glove = roll.chance(0.12);
  const color skin = glove ? any_color(roll) : on.lit.skin * (1 / std::max(0.05, on.lit.base));
  const noise folds(static_cast<uint64_t>(roll.unit() * 1e15));
  // From pixels back to the plane before the face, in millimetres.
  const cv::Vec3d origin = on.seen(onto, {0, 0, 22}), right = on.seen(onto, {1, 0, 22}), below = on.seen(onto, {0, 1, 22});
  const cv::Matx22d plane(right[0] - origin[0], below[0] - origin[0], right[1] - origin[1], below[1] - origin[1]);
  if (std::abs(cv::determinant(plane)) < 1e-6) return;
  const cv::Matx22d inverse = plane.inv();
  for (int y = 0; y < onto.paint.rows; ++y) {
    for (int x = 0; x < onto.paint.cols; ++x) {
      const cv::Vec2d here = inverse * cv::Vec2d(x + 0.5 - origin[0], y + 0.5 - origin[1]);
      for (size_t index = 0; index < bars.size(); ++index) {
        const bar &b = bars[index];
        const cv::Vec2d axis = b.to - b.from;
        const double t = std::clamp((here - b.from).dot(axis) / axis.dot(axis), 0.0, 1.0);
        const cv::Vec2d off = here - (b.from + axis * t);
        const double radius = mixed(b.from_radius, b.to_radius, t), from_axis = cv::norm(off) / radius;
        if (from_axis > 1) continue;
        const cv::Vec3d normal(off[0] / radius, off[1] / radius, std::sqrt(std::max(0.0, 1 - from_axis * from_axis)));
        double level = on.lit.on(on.turn * normal) * (1 - 0.4 * std::pow(from_axis, 6)) * b.tone;
        level *= 1 + 0.05 * folds.rough(here[0] / 9, here[1] / 9);
        // Knuckles: short creases across a finger.
        if (index >= 2 && !fist && std::abs(std::fmod(t * 3, 1.0) - 0.5) < 0.06) level *= 0.9;
        color tint = skin * std::min(1.2, on.lit.base * level);
        if (glove) tint = on.under_light(skin, level);
        if (index >= 2 && !glove && t > 0.9 && from_axis < 0.6 && !fist) tint = mixed(tint, color(235, 200, 190) * std::min(1.0, on.lit.base * 1.2), 0.45);
        if (sleeve && index == 1 && t < 0.55) tint = on.under_light(sleeve_tint, level);
        onto.paint(y, x) = cv::Vec4f(static_cast<float>(tint[0]), static_cast<float>(tint[1]), static_cast<float>(tint[2]), 1);
      }
    }
  }
}

/// Lays the layer over the picture: as sharp and as noisy as the picture, with the shadow that it throws on the skin.
void lay(const layer &top, scene &on) {
  cv::Mat paint = top.paint;
  cv::Mat premultiplied;
  // As soft as a picture of this size usually is: half a pixel, and more where the face is large.
  const double soft = (0.45 + 0.25 * on.roll.unit() + 0.004 * 88 * on.at.scale) * top.finer;
  cv::GaussianBlur(paint, premultiplied, cv::Size(), soft);
  if (top.finer > 1) cv::resize(premultiplied, premultiplied, top.area.size(), 0, 0, cv::INTER_AREA);
  cv::Mat opacity, shadow;
  cv::extractChannel(premultiplied, opacity, 3);
  cv::GaussianBlur(opacity, shadow, cv::Size(), std::max(0.5, 3.5 * on.at.scale));
  const double depth = on.roll.between(0.1, 0.35);
  const int fall = cvRound(2 * on.at.scale);
  // The picture's own noise, from the smallest differences between neighbours.
  cv::Mat grey, edges;
  cv::cvtColor(on.rgb(top.area), grey, cv::COLOR_RGB2GRAY);
  cv::Laplacian(grey, edges, CV_16S);
  cv::Mat steep = cv::abs(edges);
  std::vector<int16_t> steps(steep.begin<int16_t>(), steep.end<int16_t>());
  std::nth_element(steps.begin(), steps.begin() + static_cast<long>(steps.size() / 4), steps.end());
  const double grain = std::min(8.0, steps[steps.size() / 4] / 1.5);
  for (int y = 0; y < top.area.height; ++y) {
    for (int x = 0; x < top.area.width; ++x) {
      const cv::Vec4f &over = premultiplied.at<cv::Vec4f>(y, x);
      const float dark = shadow.at<float>(std::max(0, y - fall), x);
      if (over[3] <= 0.003f && dark <= 0.003f) continue;
      auto &pixel = on.rgb.at<cv::Vec3b>(top.area.y + y, top.area.x + x);
      const double grained = grain > 0.3 ? grain * (on.roll.unit() + on.roll.unit() - 1) : 0;
      for (int c = 0; c < 3; ++c) {
        const double under = pixel[c] * (1 - depth * dark * (1 - over[3]));
        pixel[c] = cv::saturate_cast<uint8_t>(over[c] + grained * over[3] + under * (1 - over[3]));
      }
    }
  }
}

}  // namespace

extern "C" {

rc_status rc_mask_render(rc_image *image, const rc_point *points, rc_mask_style style, rc_mask_wear wear, uint64_t seed,
                         rc_error *error) {
  return guarded(error, [&] {
    if (style < RC_MASK_SURGICAL || style > RC_MASK_HOOD) throw failure{RC_INVALID, "no such style"};
    if (wear < RC_MASK_WELL || wear > RC_MASK_CHIN) throw failure{RC_INVALID, "no such way to wear it"};
    dice roll(seed ^ 0x526f6c6c63616c6cu);
    const pose at = find_pose(points);
    if (!std::isfinite(at.scale) || at.scale < 0.02) throw failure{RC_INVALID, "the landmarks coincide"};
    cv::Rect area(cvFloor(at.x - 190 * at.scale), cvFloor(at.y - 160 * at.scale), cvCeil(380 * at.scale),
                  cvCeil(470 * at.scale));
    area &= cv::Rect(0, 0, image->rgb.cols, image->rgb.rows);
    if (area.empty()) throw failure{RC_INVALID, "the face lies outside the picture"};
    scene on{image->rgb, at, at.rotation(), find_light(image->rgb, at), roll};
    on.lit.white *= roll.between(0.85, 1.08);
    const int finer = area.width > 900 ? 1 : area.width > 160 ? 2 : 4;
    layer onto(area, finer);
    if (style == RC_MASK_HAND) {
      draw_hand(onto, on, wear != RC_MASK_WELL);
    } else if (style == RC_MASK_HOOD) {
      hood it = any_hood(roll);
      put_on(it.lower, wear, true, roll);
      it.upper.side_shift = it.lower.side_shift;
      draw_sheet(onto, on, it.upper);
      draw_sheet(onto, on, it.lower);
    } else {
      covering it = style == RC_MASK_SURGICAL     ? surgical(roll)
                    : style == RC_MASK_RESPIRATOR ? respirator(roll)
                    : style == RC_MASK_SCARF      ? scarf(roll)
                                                  : cloth(roll, style == RC_MASK_PATTERNED);
      put_on(it, wear, style == RC_MASK_SCARF, roll);
      if (it.straps != covering::no_straps) draw_straps(onto, on, it);
      draw_sheet(onto, on, it);
    }
    lay(onto, on);
  });
}

}  // extern "C"
