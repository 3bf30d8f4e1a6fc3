// A few numbers one after the other, of which LibTorch makes a view for each tensor before it copies them.
#pragma once

#include <ATen/core/symbol.h>

namespace cresset {

namespace nodes {

// Tensors along a dimension they have (cat), or a new one (stack): kDimension, kStacks.
inline const auto kCat = c10::Symbol::fromQualString("cresset::cat");
inline const auto kStacks = c10::Symbol::attr("stacks");

}  // namespace nodes

// Makes the operator known. Called once.
void register_cat();

}  // namespace cresset
