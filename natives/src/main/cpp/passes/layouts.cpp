#include "passes/layouts.h"

#include <torch/csrc/jit/ir/constants.h>

#include "graph/walk.h"
#include "passes/followers.h"

namespace cresset {

void leave_layouts(torch::jit::Graph& graph) {
    static const auto contiguous = c10::Symbol::fromQualString("aten::contiguous");
    static const auto view = c10::Symbol::fromQualString("aten::view");
    static const auto reshape = c10::Symbol::fromQualString("aten::reshape");
    // A copy is written to without its original.
    if (any_node(graph.block(), writes_in_place)) {
        return;
    }
    for_each_node(graph.block(), [&](torch::jit::Node* node) {
        if (node->kind() == contiguous) {
            const auto format = torch::jit::toIValue(node->input(1));
            if (format && format->isInt() && format->toInt() == static_cast<int64_t>(c10::MemoryFormat::Contiguous)) {
                node->output()->replaceAllUsesWith(node->input(0));
                node->destroy();
            }
        } else if (node->kind() == view && node->inputs().size() == 2 &&
                   node->input(1)->type()->isSubtypeOf(*c10::ListType::ofInts())) {
            // The other view is of the same numbers as another type.
            auto* made = graph.create(reshape, {node->input(0), node->input(1)}, 1)->insertBefore(node);
            made->output()->setType(node->output()->type());
            node->output()->replaceAllUsesWith(made->output());
            node->destroy();
        }
    });
}

}  // namespace cresset
