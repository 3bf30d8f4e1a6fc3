#include "passes/constants.h"

#include <torch/csrc/jit/passes/inliner.h>

#include <algorithm>
#include <array>
#include <optional>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/walk.h"

namespace cresset {

namespace {

// The constant that the executor would take for a number (torch/csrc/jit/passes/canonicalize_graph_fuser_ops.cpp).
std::optional<at::Tensor> taken_for_number(torch::jit::Node* node) {
    static const std::array<c10::Symbol, 4> kinds{c10::Symbol::fromQualString("aten::add"), c10::Symbol::fromQualString("aten::sub"),
                                                  c10::Symbol::fromQualString("aten::mul"), c10::Symbol::fromQualString("aten::div")};
    const size_t operands = node->kind() == kinds[0] || node->kind() == kinds[1] ? 3 : 2;
    const bool is_one = std::find(kinds.begin(), kinds.end(), node->kind()) != kinds.end() && node->inputs().size() == operands &&
                        node->input(0)->type()->isSubtypeOf(*c10::TensorType::get());
    const auto constant = is_one ? constant_tensor(node->input(1)) : std::nullopt;
    return constant && constant->defined() && constant->dim() == 0 ? constant : std::nullopt;
}

}  // namespace

void make_numbers_of_constants(const torch::jit::Module& module) {
    for (const auto& method : module.get_methods()) {
        const auto graph = method.graph();
        torch::jit::Inline(*graph);
        for_each_node(graph->block(), [&](torch::jit::Node* node) {
            const auto constant = taken_for_number(node);
            // There is no operator for a truth value, on which the executor fails.
            if (constant && constant->scalar_type() != at::kBool) {
                const torch::jit::WithInsertPoint before(node);
                node->replaceInput(1, graph->insertConstant(constant->item()));
            }
        });
    }
}

// An alias of a constant is none when the executor looks for them, and a constant again when it has computed beforehand what it can.
void keep_constants_tensors(const torch::jit::Module& module) {
    static const auto alias = c10::Symbol::fromQualString("aten::alias");
    for (const auto& method : module.get_methods()) {
        for_each_node(method.graph()->block(), [](torch::jit::Node* node) {
            if (taken_for_number(node)) {
                node->replaceInput(1, insert_before(node, alias, {node->input(1)})->output());
            }
        });
    }
}

}  // namespace cresset
