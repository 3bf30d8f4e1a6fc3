#include "winograd.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "kernels.h"
#include "scratch.h"

namespace cresset::winograd {

namespace {

// Found by timing on AVX-512: weights that the caches hold, and those that come from memory.
constexpr int64_t kFewRows = 8;
constexpr int64_t kRowsToWaitFor = 24;
constexpr int64_t kManyWeights = 256 * 128;

int64_t tiles(int64_t pixels, int tile) { return (pixels + tile - 1) / tile; }

// What one row of three weights is to the elements of a tile.
void transform_row(int tile, const double* g, double* to) {
    if (tile == 2) {
        to[0] = g[0];
        to[1] = (g[0] + g[1] + g[2]) / 2;
        to[2] = (g[0] - g[1] + g[2]) / 2;
        to[3] = g[2];
        return;
    }
    to[0] = g[0] / 4;
    to[1] = -(g[0] + g[1] + g[2]) / 6;
    to[2] = -(g[0] - g[1] + g[2]) / 6;
    to[3] = g[0] / 24 + g[1] / 12 + g[2] / 6;
    to[4] = g[0] / 24 - g[1] / 12 + g[2] / 6;
    to[5] = g[2];
}

// Nine weights, to the elements of a tile.
void transform(int tile, const float* g, double* to) {
    const int side = tile + 2;
    double columns[3][6];
    for (int i = 0; i < 3; i++) {
        const double column[] = {g[i], g[3 + i], g[6 + i]};
        transform_row(tile, column, columns[i]);
    }
    for (int y = 0; y < side; y++) {
        const double row[] = {columns[0][y], columns[1][y], columns[2][y]};
        transform_row(tile, row, to + y * side);
    }
}

}  // namespace

int tile_for(const Sizes& sizes) {
    const auto* found = kernels();
    if (found == nullptr || sizes.channels == 0 || sizes.channels % found->lanes != 0 || sizes.outputs % found->panel != 0) {
        return 0;
    }
    // Multiplications for each pair of channels. A product of few rows does not take less time than its weights take to arrive.
    const int64_t rows = sizes.channels * sizes.outputs < kManyWeights ? kFewRows : kRowsToWaitFor;
    auto cost = [&](int64_t elements, int64_t count) { return elements * std::max(sizes.images * count, rows); };
    const int64_t height = sizes.out_height(), width = sizes.out_width();
    const int64_t of_2 = cost(16, tiles(height, 2) * tiles(width, 2));
    const int64_t of_4 = cost(36, tiles(height, 4) * tiles(width, 4));
    if (sizes.bfloat16 && found->has_pairs) {
        return of_2 < cost(9, height * width) ? 2 : 0;
    }
    // oneDNN multiplies bfloat16 numbers twice as fast, and has half as much to fetch.
    const int64_t plain = cost(9, height * width) * (sizes.bfloat16 ? 2 : 5) / 5;
    return std::min(of_2, of_4) >= plain ? 0 : of_2 < of_4 ? 2 : 4;
}

at::Tensor laid_out(const at::Tensor& weight, int tile) {
    const int64_t outputs = weight.size(0), channels = weight.size(1), panel = kernels()->panel, side = tile + 2;
    const bool in_pairs = weight.scalar_type() == at::kBFloat16 && tile == 2 && kernels()->has_pairs;
    const int64_t together = in_pairs ? 2 : 1;
    const auto plain = weight.to(at::kFloat).contiguous();
    const at::Tensor result = at::detail::empty_cpu({side * side * outputs * channels}, in_pairs ? at::kBFloat16 : at::kFloat, false,
                                              at::MemoryFormat::Contiguous);
    auto* pairs = in_pairs ? result.mutable_data_ptr<at::BFloat16>() : nullptr;
    auto* singles = in_pairs ? nullptr : result.mutable_data_ptr<float>();
    for (int64_t k = 0; k < outputs; k++) {
        for (int64_t c = 0; c < channels; c++) {
            double elements[36];
            transform(tile, plain.const_data_ptr<float>() + (k * channels + c) * 9, elements);
            for (int64_t i = 0; i < side * side; i++) {
                // [element][panel of outputs][channels that are multiplied at once][output][channel]
                const int64_t step = (i * (outputs / panel) + k / panel) * (channels / together) + c / together;
                const int64_t to = (step * panel + k % panel) * together + c % together;
                if (in_pairs) {
                    pairs[to] = static_cast<float>(elements[i]);
                } else {
                    singles[to] = static_cast<float>(elements[i]);
                }
            }
        }
    }
    return result;
}

void convolve(const Sizes& sizes, int tile, const void* x, const at::Tensor& laid_out, const float* bias, const void* added,
              bool relu, void* out) {
    const Tiles work{sizes.height,
                    sizes.width,
                    sizes.channels,
                    sizes.outputs,
                    sizes.padding_y,
                    sizes.padding_x,
                    sizes.out_height(),
                    sizes.out_width(),
                    tiles(sizes.out_height(), tile),
                    tiles(sizes.out_width(), tile),
                    x,
                    static_cast<const float*>(laid_out.const_data_ptr()),
                    bias,
                    added,
                    out,
                    relu};
    const auto& all_kernels = *kernels();
    const Kernels::Winograd some = sizes.bfloat16 ? (tile == 2 ? all_kernels.bfloat16_tiles_of_2 : all_kernels.bfloat16_tiles_of_4)
                                         : (tile == 2 ? all_kernels.tiles_of_2 : all_kernels.tiles_of_4);
    const int64_t all = sizes.images * work.tiles_y * work.tiles_x;
    const int64_t of_a_tile = (tile + 2) * (tile + 2) * (sizes.channels + sizes.outputs);
    const int64_t at_once = std::max<int64_t>(12, Scratch::kNumbers / of_a_tile);
    const int64_t threads = std::min<int64_t>(at::get_num_threads(), all);
    const int64_t blocks = threads * std::max<int64_t>(1, (all + at_once * threads - 1) / (at_once * threads));
    at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
        const int64_t most = (all + blocks - 1) / blocks;
        const Scratch scratch(most * of_a_tile);
        for (int64_t block = first; block < last; block++) {
            some(work, all * block / blocks, all * (block + 1) / blocks, scratch.get());
        }
    });
}

}  // namespace cresset::winograd
