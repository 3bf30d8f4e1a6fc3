#include "passes/channels_last.h"

#include "graph/constants.h"
#include "graph/walk.h"

namespace cresset {

void lay_out_channels_last(torch::jit::Graph& graph) {
    static const auto conv2d = c10::Symbol::fromQualString("aten::conv2d");
    static const auto convolution = c10::Symbol::fromQualString("aten::_convolution");
    for_each_node(graph.block(), [&](torch::jit::Node* node) {
        if (node->kind() != conv2d && node->kind() != convolution) {
            return;
        }
        const auto weight = constant_tensor(node->input(1));
        if (!weight || weight->dim() != 4 || !weight->is_floating_point()) {
            return;
        }
        torch::jit::WithInsertPoint before(node);
        node->replaceInput(1, graph.insertConstant(weight->contiguous(at::MemoryFormat::ChannelsLast)));
    });
}

}  // namespace cresset
