#include <dlib/dnn.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "support.hpp"

using rollcall_reference::failure;
using rollcall_reference::guarded;

namespace {

// The network's architecture has to be spelled out, as a type: the file holds only the weights and refuses to load into any other.

template <int filters, int stride, typename Below>
using convolution = dlib::affine<dlib::con<filters, 3, 3, stride, stride, Below>>;

template <int filters, int stride, typename Below>
using block = convolution<filters, 1, dlib::relu<convolution<filters, stride, Below>>>;

template <int filters, typename Below>
using residual = dlib::relu<dlib::add_prev1<block<filters, 1, dlib::tag1<Below>>>>;

template <int filters, typename Below>
using residual_half =
    dlib::relu<dlib::add_prev2<dlib::avg_pool<2, 2, 2, 2, dlib::skip1<dlib::tag2<block<filters, 2, dlib::tag1<Below>>>>>>>;

template <typename Below>
using stem = dlib::max_pool<3, 3, 2, 2, dlib::relu<dlib::affine<dlib::con<32, 7, 7, 2, 2, Below>>>>;

template <typename Below>
using stage1 = residual<32, residual<32, residual<32, Below>>>;
template <typename Below>
using stage2 = residual<64, residual<64, residual<64, residual_half<64, Below>>>>;
template <typename Below>
using stage3 = residual<128, residual<128, residual_half<128, Below>>>;
template <typename Below>
using stage4 = residual<256, residual<256, residual_half<256, Below>>>;
template <typename Below>
using stage5 = residual_half<256, Below>;

using network = dlib::loss_metric<dlib::fc_no_bias<
    RD_EMBEDDING,
    dlib::avg_pool_everything<stage5<stage4<stage3<stage2<stage1<stem<dlib::input_rgb_image_sized<RD_CHIP_SIDE>>>>>>>>>>;

const size_t chip_bytes = static_cast<size_t>(RD_CHIP_SIDE) * RD_CHIP_SIDE * sizeof(dlib::rgb_pixel);

}  // namespace

struct rd_encoder {
  network net;
};

extern "C" {

rd_status rd_encoder_open(const char *path, rd_encoder **encoder, rd_error *error) {
  return guarded(error, [&] {
    auto result = std::make_unique<rd_encoder>();
    dlib::deserialize(path) >> result->net;
    *encoder = result.release();
  });
}

rd_status rd_encoder_encode(rd_encoder *encoder, const uint8_t *chips, size_t count, float *embeddings, rd_error *error) {
  return guarded(error, [&] {
    if (count == 0) throw failure{RD_INVALID, "there is no chip to encode"};
    std::vector<dlib::matrix<dlib::rgb_pixel>> pictures(count);
    for (size_t i = 0; i < count; ++i) {
      pictures[i].set_size(RD_CHIP_SIDE, RD_CHIP_SIDE);
      std::memcpy(&pictures[i](0, 0), chips + i * chip_bytes, chip_bytes);
    }
    const auto result = encoder->net(pictures, count);
    for (size_t i = 0; i < count; ++i) std::copy(result[i].begin(), result[i].end(), embeddings + i * RD_EMBEDDING);
  });
}

void rd_encoder_close(rd_encoder *encoder) { delete encoder; }

}  // extern "C"
