// The constant weights of a convolution, packed for the algorithm that computes with them.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <mutex>

#include "operators/geometry.h"
#include "operators/winograd_outliers.h"
#include "operators/winograd.h"

namespace cresset::convolution {

// The numbers of Winograd's are how wide its tiles are.
enum class Algorithm { kOneDnn, kWinograd2, kWinograd4, kPointwise, kDepthwise, kStem, kImplicitGemm };

struct PackedWeights {
    Algorithm algorithm = Algorithm::kOneDnn;
    at::Tensor weights;
};

// Which algorithm is the fastest, the first image decides by its size; the others keep to it, so that weights are packed once. Used by
// any number of threads.
class Weights {
 public:
    Weights(at::Tensor plain, Geometry geometry) : plain_(std::move(plain)), geometry_(std::move(geometry)), reference_(plain_) {}

    // Code is made of a graph several times, as LibTorch specialises it: the weights are the same.
    static std::shared_ptr<Weights> of(const at::Tensor& plain, Geometry geometry);

    const at::Tensor& plain() const { return plain_; }
    const Geometry& geometry() const { return geometry_; }

    // Drops what all weights that are there have packed for numbers that stick out.
    static void drop_references();

    // For images like this one, or of these sizes.
    const PackedWeights& packed(const at::Tensor& image) { return packed(image.sizes()); }
    const PackedWeights& packed(at::IntArrayRef image);

    // What they are packed for by the first image, if it is of these sizes.
    Algorithm algorithm_for(at::IntArrayRef image) const;

    // For what the algorithm leaves out.
    outliers::ReferenceWeights& reference() { return reference_; }

    winograd::Sizes sizes_of(at::IntArrayRef image) const;

 private:
    at::Tensor pack_for(Algorithm algorithm, at::IntArrayRef image) const;

    at::Tensor plain_;
    Geometry geometry_;
    outliers::ReferenceWeights reference_;
    std::once_flag packed_once_;
    PackedWeights packed_;
};

}  // namespace cresset::convolution
