#include "passes/optimize.h"

#include <torch/csrc/jit/passes/common_subexpression_elimination.h>
#include <torch/csrc/jit/passes/constant_pooling.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/peephole.h>

#include "analysis/strides.h"
#include "operators/attention.h"
#include "operators/convolution.h"
#include "operators/linear.h"
#include "passes/activations.h"
#include "passes/attention.h"
#include "passes/cat.h"
#include "passes/channels_last.h"
#include "passes/convolution.h"
#include "passes/elementwise.h"
#include "passes/embedding.h"
#include "passes/fusion.h"
#include "passes/in_place.h"
#include "passes/indexing.h"
#include "passes/layouts.h"
#include "passes/linear.h"
#include "passes/normalization.h"
#include "passes/pooling.h"
#include "passes/products.h"
#include "passes/recurrent.h"
#include "passes/layer_norm.h"
#include "passes/sizes.h"
#include "passes/squeeze_excitation.h"
#include "passes/sums.h"
#include "passes/transposed.h"
#include "passes/upsampling.h"
#include "passes/views.h"

namespace cresset {

namespace {

// What LibTorch does to a graph when it runs it, done once: graphs of operators of our own are run as they are. Done before they
// are put in, too, for what is constant is not seen behind them.
void tidy(std::shared_ptr<torch::jit::Graph> graph) {
    torch::jit::Inline(*graph);
    torch::jit::ConstantPropagation(graph);
    torch::jit::EliminateCommonSubexpression(graph);
    torch::jit::PeepholeOptimize(graph);
    torch::jit::ConstantPropagation(graph);
    torch::jit::ConstantPooling(graph);
    torch::jit::EliminateDeadCode(graph);
}

// What is computed in the order of its dimensions, by operators of our own; returns how many layers.
int64_t replace_layers(torch::jit::Graph& graph, bool may_lie_otherwise) {
    if (!can_compute_linear()) {
        return 0;
    }
    int64_t replaced = replace_linear(graph);
    replaced += replace_attention(graph, may_lie_otherwise);
    replaced += replace_layer_norm(graph);
    replaced += replace_recurrent(graph);
    replaced += replace_embeddings(graph);
    replace_sums(graph);
    remember_sizes(graph);
    replace_indexing(graph);
    replace_products(graph);
    replace_softmax(graph);
    replace_elementwise(graph);
    replace_cat(graph);
    replace_views(graph);
    return replaced;
}

}  // namespace

std::vector<Optimization> optimizations(c10::Device device) {
    if (!device.is_cpu()) {
        return {Optimization::kChannelsLast};
    }
    std::vector<Optimization> all{Optimization::kForInference, Optimization::kChannelsLast};
    if (can_fuse()) {
        all.push_back(Optimization::kFused);
        all.push_back(Optimization::kFusedChannelsLast);
    }
    if (can_compute_linear()) {
        all.push_back(Optimization::kDirect);
    }
    if (can_link_convolution()) {
        all.push_back(Optimization::kDirectChannelsLast);
    }
    return all;
}

torch::jit::Module copied(const torch::jit::Module& frozen) {
    auto module = frozen.clone(/* inplace= */ true);
    module.eval();
    return module;
}

bool optimize(torch::jit::Module& module, Optimization how) {
    if (how == Optimization::kForInference) {
        module = torch::jit::optimize_for_inference(module, methods_besides_forward(module));
        return true;
    }
    const bool lies_differently = is_channels_last(how) || how == Optimization::kDirectChannelsLast;
    if (lies_differently && depends_on_strides(module)) {
        return false;
    }
    const bool may_lie_otherwise = is_direct(how) && !depends_on_strides(module);
    int64_t replaced = 0;
    for (const auto& method : module.get_methods()) {
        auto graph = method.graph();
        if (is_direct(how)) {
            write_to_new_tensors(graph);
            tidy(graph);
            recognise_activations(*graph);
        }
        if (may_lie_otherwise) {
            leave_layouts(*graph);
        }
        if (is_channels_last(how)) {
            lay_out_channels_last(*graph);
        } else if (how == Optimization::kDirect) {
            replaced += replace_layers(*graph, may_lie_otherwise);
        } else if (how == Optimization::kDirectChannelsLast) {
            replaced += replace_convolutions(graph);
            replaced += replace_transposed_convolutions(*graph);
            if (replaced > 0) {
                replace_squeeze_excitation(*graph);
                replace_pooling(*graph);
                replace_normalization(*graph);
                replace_upsampling(*graph);
                replace_layers(*graph, may_lie_otherwise);
            }
        }
    }
    if (!is_direct(how)) {
        return true;
    }
    for (const auto& method : module.get_methods()) {
        tidy(method.graph());
    }
    return replaced > 0;
}

std::vector<std::string> methods_besides_forward(const torch::jit::Module& module) {
    std::vector<std::string> names;
    for (const auto& method : module.get_methods()) {
        if (method.name() != "forward") {
            names.push_back(method.name());
        }
    }
    return names;
}

}  // namespace cresset
