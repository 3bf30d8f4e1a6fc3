// The one walk over a graph's nodes.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <vector>

namespace cresset {

// Every node of a block, those of the blocks inside it first. Whoever visits a node may put others before or after it, which are not
// visited, and may destroy it, but no other.
template <typename Visit>
void for_each_node(torch::jit::Block* block, const Visit& visit) {
    const std::vector<torch::jit::Node*> nodes(block->nodes().begin(), block->nodes().end());
    for (auto* node : nodes) {
        for (auto* inner : node->blocks()) {
            for_each_node(inner, visit);
        }
        visit(node);
    }
}

// Whether it holds for some node of a block, of the blocks inside, or of the graphs of tasks that these start.
template <typename Predicate>
bool any_node(const torch::jit::Block* block, const Predicate& holds) {
    const auto in_block = [&](const torch::jit::Block* inner) { return any_node(inner, holds); };
    for (const auto* node : block->nodes()) {
        const auto blocks = node->blocks();
        if (holds(node) || std::any_of(blocks.begin(), blocks.end(), in_block)) {
            return true;
        }
        if (node->hasAttribute(torch::jit::attr::Subgraph) && in_block(node->g(torch::jit::attr::Subgraph)->block())) {
            return true;
        }
    }
    return false;
}

}  // namespace cresset
