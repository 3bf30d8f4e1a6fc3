#include <ATen/ops/empty.h>

#include "kernels/kernels.h"
#include "kernels/winograd_points.h"
#include "operators/winograd.h"

namespace cresset::winograd {

namespace {

// The weights of so many outputs at once; as many are in a panel, once or several times.
constexpr int64_t kTogether = 8;
typedef double Numbers __attribute__((vector_size(kTogether * sizeof(double))));

// What one row of three weights is to the elements of a tile.
void transform_row(int tile, const Numbers* g, Numbers* to) {
    if (tile == 2) {
        to[0] = g[0];
        to[1] = (g[0] + g[1] + g[2]) / 2;
        to[2] = (g[0] - g[1] + g[2]) / 2;
        to[3] = g[2];
        return;
    }
    const double near = 2 * kNear2 * (kNear2 - kFar2), far = 2 * kFar2 * (kFar2 - kNear2);
    to[0] = g[0] / (kNear2 * kFar2);
    to[1] = (g[0] + kNear * g[1] + kNear2 * g[2]) / near;
    to[2] = (g[0] - kNear * g[1] + kNear2 * g[2]) / near;
    to[3] = (g[0] + kFar * g[1] + kFar2 * g[2]) / far;
    to[4] = (g[0] - kFar * g[1] + kFar2 * g[2]) / far;
    to[5] = g[2];
}

// The same with stride 2: of two weights, and of the one that meets the pixels between.
void transform_strided_row(int tile, const Numbers* g, Numbers* to) {
    if (tile == 2) {
        to[0] = g[0];
        to[1] = g[0] + g[2];
        to[2] = g[2];
        to[3] = g[1];
        return;
    }
    to[0] = g[0] / -(kFirst * kSecond * kThird);
    to[1] = (g[0] + kFirst * g[2]) / (kFirst * (kFirst - kSecond) * (kFirst - kThird));
    to[2] = (g[0] + kSecond * g[2]) / (kSecond * (kSecond - kFirst) * (kSecond - kThird));
    to[3] = (g[0] + kThird * g[2]) / (kThird * (kThird - kFirst) * (kThird - kSecond));
    to[4] = g[2];
    to[5] = g[1];
}

// Nine weights, to the elements of a tile; `apart` are those of one output and the next.
void transform(int tile, int64_t stride, const float* weights, int64_t apart, Numbers* to) {
    const int side = tile + 2;
    const auto row_of = stride == 1 ? transform_row : transform_strided_row;
    Numbers g[9], columns[3][6];
    for (int i = 0; i < 9; i++) {
        for (int64_t k = 0; k < kTogether; k++) {
            g[i][k] = weights[k * apart + i];
        }
    }
    for (int i = 0; i < 3; i++) {
        const Numbers column[] = {g[i], g[3 + i], g[6 + i]};
        row_of(tile, column, columns[i]);
    }
    for (int y = 0; y < side; y++) {
        const Numbers row[] = {columns[0][y], columns[1][y], columns[2][y]};
        row_of(tile, row, to + y * side);
    }
}

}  // namespace

at::Tensor pack(const at::Tensor& weight, int tile, int64_t stride) {
    const int64_t outputs = weight.size(0), channels = weight.size(1), panel = kernels()->panel, side = tile + 2;
    const bool in_pairs = weight.scalar_type() == at::kBFloat16 && tile == 2 && kernels()->has_pairs;
    const int64_t together = in_pairs ? 2 : 1;
    const auto plain = weight.to(at::kFloat).contiguous();
    const at::Tensor result = at::detail::empty_cpu({side * side * outputs * channels}, in_pairs ? at::kBFloat16 : at::kFloat, false,
                                              at::MemoryFormat::Contiguous);
    auto* pairs = in_pairs ? result.mutable_data_ptr<at::BFloat16>() : nullptr;
    auto* singles = in_pairs ? nullptr : result.mutable_data_ptr<float>();
    for (int64_t first = 0; first < outputs; first += panel) {
        for (int64_t c = 0; c < channels; c++) {
            // All of a panel before the next channel: they lie side by side.
            for (int64_t k = 0; k < panel; k += kTogether) {
                Numbers elements[36];
                transform(tile, stride, plain.const_data_ptr<float>() + ((first + k) * channels + c) * 9, channels * 9, elements);
                for (int64_t i = 0; i < side * side; i++) {
                    // [element][panel of outputs][channels that are multiplied at once][output][channel]
                    const int64_t step = (i * (outputs / panel) + first / panel) * (channels / together) + c / together;
                    const int64_t to = (step * panel + k) * together + c % together;
                    for (int64_t lane = 0; lane < kTogether; lane++) {
                        if (in_pairs) {
                            pairs[to + lane * together] = static_cast<float>(elements[i][lane]);
                        } else {
                            singles[to + lane] = static_cast<float>(elements[i][lane]);
                        }
                    }
                }
            }
        }
    }
    return result;
}

}  // namespace cresset::winograd
