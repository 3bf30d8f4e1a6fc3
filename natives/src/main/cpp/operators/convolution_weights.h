// The constant weights of a convolution, laid out for whoever computes with them.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <mutex>

#include "operators/geometry.h"
#include "operators/outliers.h"
#include "operators/winograd.h"

namespace cresset::convolution {

enum class Way { kOneDnn, kTilesOf2, kTilesOf4, kPointwise, kDepthwise, kStem };

// Which way is the fastest, the first image decides by its size; the others keep to it, so that weights are laid out once. Used by
// any number of threads.
class Weights {
 public:
    Weights(at::Tensor plain, Geometry geometry) : plain_(std::move(plain)), geometry_(std::move(geometry)), by_definition_(plain_) {}

    // Code is made of a graph several times, as LibTorch specialises it: the weights are the same.
    static std::shared_ptr<Weights> of(const at::Tensor& plain, Geometry geometry);

    const at::Tensor& plain() const { return plain_; }
    const Geometry& geometry() const { return geometry_; }

    // Those that are known let go of what they have laid out for numbers that stick out.
    static void let_go_of_rare();

    // The same weights for an image like this one, and the way that they are laid out for.
    const at::Tensor& laid_out(const at::Tensor& image, Way& way);

    // For what the way that they are laid out for leaves out.
    outliers::ByDefinition& by_definition() { return by_definition_; }

    winograd::Sizes sizes_of(const at::Tensor& image) const;

 private:
    Way way_for(const at::Tensor& image) const;
    at::Tensor laid_out_for(Way way, const at::Tensor& image) const;

    at::Tensor plain_;
    Geometry geometry_;
    outliers::ByDefinition by_definition_;
    std::once_flag laid_out_once_;
    Way way_ = Way::kOneDnn;
    at::Tensor laid_out_;
};

}  // namespace cresset::convolution
