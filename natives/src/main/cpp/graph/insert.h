// New nodes of a graph.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace cresset {

// A node of one tensor, before another node.
inline torch::jit::Node* insert_before(torch::jit::Node* next, c10::Symbol kind, at::ArrayRef<torch::jit::Value*> inputs) {
    auto* made = next->owningGraph()->create(kind, inputs, 1);
    made->output()->setType(c10::TensorType::get());
    return made->insertBefore(next);
}

}  // namespace cresset
