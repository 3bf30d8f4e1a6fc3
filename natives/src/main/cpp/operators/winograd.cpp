#include "operators/winograd.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "kernels/kernels.h"
#include "memory/scratch.h"

namespace cresset::winograd {

namespace {

// Found by timing on AVX-512: weights that the caches hold, and those that come from memory.
constexpr int64_t kFewRows = 8;
constexpr int64_t kRowsToWaitFor = 24;
constexpr int64_t kManyWeights = 256 * 128;

// Likewise: how many multiplications take as long as a number's transform, and as oneDNN's preparation of a call; and how many
// rows of them as its waiting for weights from memory, which it does not fetch ahead.
constexpr int64_t kTransform = 12;
constexpr int64_t kPreparation = 1024 * 1024;
constexpr int64_t kRowsOfWaiting = 12;

int64_t tiles(int64_t pixels, int tile) { return (pixels + tile - 1) / tile; }

Kernels::Winograd kernel_for(const Sizes& sizes, int tile) {
    const auto& all = *kernels();
    if (sizes.bfloat16 && sizes.stride == 2) {
        return all.bfloat16_strided_tiles_of_2;
    }
    if (sizes.bfloat16) {
        return tile == 2 ? all.bfloat16_tiles_of_2 : all.bfloat16_tiles_of_4;
    }
    if (sizes.stride == 2) {
        return tile == 2 ? all.strided_tiles_of_2 : all.strided_tiles_of_4;
    }
    return tile == 2 ? all.tiles_of_2 : all.tiles_of_4;
}

int64_t side(const Sizes& sizes, int tile) { return (tile - 1) * sizes.stride + 3; }

int64_t floats_of_a_tile(const Sizes& sizes, int tile) {
    return side(sizes, tile) * side(sizes, tile) * (sizes.channels + sizes.outputs);
}

// How many parts each thread's share of all tiles is computed in, for what is in the works to have room.
int64_t blocks_of(const Sizes& sizes, int tile, int64_t all, int64_t threads) {
    const int64_t at_once = std::max<int64_t>(12, Scratch::kMaxFloats / floats_of_a_tile(sizes, tile));
    return std::max<int64_t>(1, (all + at_once * threads - 1) / (at_once * threads));
}

bool has_many_weights(const Sizes& sizes) { return sizes.channels * sizes.outputs >= kManyWeights; }

// A product of fewer rows does not take less time, for its weights take that long to arrive.
int64_t min_rows(const Sizes& sizes) { return has_many_weights(sizes) ? kRowsToWaitFor : kFewRows; }

// In multiplications for each pair of channels.
int64_t cost_of_tiles(const Sizes& sizes, int tile) {
    const int64_t all = sizes.images * tiles(sizes.out_height(), tile) * tiles(sizes.out_width(), tile);
    const int64_t rows = min_rows(sizes);
    if (sizes.stride == 1) {
        return (tile + 2) * (tile + 2) * std::max(all, rows);
    }
    // Some weights are those of several elements. Less is gained than with stride 1, so that all else counts, too.
    const int64_t blocks = blocks_of(sizes, tile, all, /* threads= */ 1);
    const auto products = [&](int64_t weights, int64_t elements) {
        return weights * std::max(elements * all, rows * blocks);
    };
    const int64_t transformed = all * floats_of_a_tile(sizes, tile);
    return products((tile + 1) * (tile + 1), 1) + products(2 * (tile + 1), tile) + products(1, tile * tile) +
           transformed * kTransform / (sizes.channels * sizes.outputs);
}

int64_t cost_of_plain_sums(const Sizes& sizes) {
    const int64_t pixels = sizes.images * sizes.out_height() * sizes.out_width();
    if (sizes.stride == 1) {
        return 9 * std::max(pixels, min_rows(sizes));
    }
    const int64_t waiting = has_many_weights(sizes) ? kRowsOfWaiting : 0;
    return 9 * (pixels + waiting) + kPreparation / (sizes.channels * sizes.outputs);
}

void compute_left_out(const WinogradTiles& work, const Sizes& sizes, int tile, const float* weights) {
    const ReferenceConvolution reference{
        .height = work.height,
        .width = work.width,
        .channels = work.channels,
        .outputs = work.outputs,
        .kernel = 3,
        .stride = sizes.stride,
        .padding_y = work.padding_y,
        .padding_x = work.padding_x,
        .out_height = work.out_height,
        .out_width = work.out_width,
        .image_step = work.height * work.width * work.channels,
        .row_step = work.width * work.channels,
        .column_step = work.channels,
        .channel_step = 1,
        .x = work.x,
        .weights = weights,
        .bias = work.bias,
        .added = work.added,
        .out = work.out,
        .activation = work.relu ? Activation::kRelu : Activation::kNone,
    };
    const auto pixel_of = sizes.bfloat16 ? kernels()->bfloat16_reference_pixel : kernels()->reference_pixel;
    at::parallel_for(0, sizes.images * work.tiles_y * work.tiles_x, 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; i++) {
            const int64_t image = i / (work.tiles_y * work.tiles_x);
            const int64_t y = i / work.tiles_x % work.tiles_y * tile, x = i % work.tiles_x * tile;
            for (int64_t pixel = 0; pixel < tile * tile; pixel++) {
                if (work.left_out[i] >> pixel & 1) {
                    pixel_of(reference, image, y + pixel / tile, x + pixel % tile);
                }
            }
        }
    });
}

}  // namespace

int tile_for(const Sizes& sizes) {
    const auto* found = kernels();
    if (found == nullptr || sizes.channels == 0 || sizes.channels % found->lanes != 0 || sizes.outputs % found->panel != 0) {
        return 0;
    }
    const int64_t of_2 = cost_of_tiles(sizes, 2), of_4 = cost_of_tiles(sizes, 4), plain = cost_of_plain_sums(sizes);
    if (!sizes.bfloat16) {
        return std::min(of_2, of_4) >= plain ? 0 : of_2 < of_4 ? 2 : 4;
    }
    if (has_bfloat16_tiles()) {
        return 0;  // plain sums are oneDNN's, which computes them with matrices
    }
    if (found->has_pairs) {
        return of_2 < plain ? 2 : 0;
    }
    // oneDNN multiplies bfloat16 numbers twice as fast, and has half as much to fetch; with stride 2 it is always faster.
    return sizes.stride == 2 || std::min(of_2, of_4) >= plain * 2 / 5 ? 0 : of_2 < of_4 ? 2 : 4;
}

void convolve(const Sizes& sizes, int tile, const void* x, const at::Tensor& packed, outliers::ReferenceWeights& reference,
              const float* bias, const void* added, bool relu, void* out) {
    const int64_t all = sizes.images * tiles(sizes.out_height(), tile) * tiles(sizes.out_width(), tile);
    std::vector<uint16_t> left_out(all);
    const WinogradTiles work{
        .height = sizes.height,
        .width = sizes.width,
        .channels = sizes.channels,
        .outputs = sizes.outputs,
        .padding_y = sizes.padding_y,
        .padding_x = sizes.padding_x,
        .out_height = sizes.out_height(),
        .out_width = sizes.out_width(),
        .tiles_y = tiles(sizes.out_height(), tile),
        .tiles_x = tiles(sizes.out_width(), tile),
        .x = x,
        .weights = static_cast<const float*>(packed.const_data_ptr()),
        .bias = bias,
        .added = added,
        .out = out,
        .relu = relu,
        .left_out = left_out.data(),
    };
    const Kernels::Winograd convolve_tiles = kernel_for(sizes, tile);
    const int64_t threads = std::min<int64_t>(at::get_num_threads(), all);
    const int64_t blocks = threads * blocks_of(sizes, tile, all, threads);
    std::atomic<bool> some_left_out = false;
    at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
        const int64_t max_tiles = (all + blocks - 1) / blocks;
        const Scratch scratch(max_tiles * floats_of_a_tile(sizes, tile));
        for (int64_t block = first; block < last; block++) {
            if (convolve_tiles(work, all * block / blocks, all * (block + 1) / blocks, scratch.get())) {
                some_left_out = true;
            }
        }
    });
    if (some_left_out) {
        compute_left_out(work, sizes, tile, reference.packed().const_data_ptr<float>());
    }
}

}  // namespace cresset::winograd
