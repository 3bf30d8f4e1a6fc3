#include "passes/optimize.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/pass_manager.h>

#include <algorithm>
#include <set>
#include <string>

#include "operators/attention.h"
#include "operators/convolution.h"
#include "operators/linear.h"
#include "operators/pooling.h"
#include "operators/squeeze_excitation.h"

// Declared here and not included: the header asks a macro that says how the headers' own platform was built. Weak, for a
// LibTorch without oneDNN has no such function.
namespace torch::jit::fuser::onednn {
void fuseGraph(std::shared_ptr<Graph>& graph) __attribute__((weak));
}

namespace cresset {

thread_local bool Fusing::wanted_ = false;

namespace {

bool can_fuse() { return torch::jit::fuser::onednn::fuseGraph != nullptr; }

// Convolutions compute with the layout that their weights and inputs have.
void lay_out_channels_last(torch::jit::Block* block, torch::jit::Graph& graph) {
    static const auto conv2d = c10::Symbol::fromQualString("aten::conv2d");
    static const auto convolution = c10::Symbol::fromQualString("aten::_convolution");
    for (auto* node : block->nodes()) {
        for (auto* inner : node->blocks()) {
            lay_out_channels_last(inner, graph);
        }
        if (node->kind() != conv2d && node->kind() != convolution) {
            continue;
        }
        auto weight = torch::jit::toIValue(node->input(1));
        if (!weight || !weight->isTensor() || weight->toTensor().dim() != 4 || !weight->toTensor().is_floating_point()) {
            continue;
        }
        torch::jit::WithInsertPoint before(node);
        node->replaceInput(1, graph.insertConstant(weight->toTensor().contiguous(at::MemoryFormat::ChannelsLast)));
    }
}

// What answers differently of the same numbers where they lie differently in memory. What only fails then, as a view does, is not
// among them: the frozen module answers instead.
bool asks_where_numbers_lie(torch::jit::Block* block) {
    static const std::set<c10::Symbol> asking = [] {
        std::set<c10::Symbol> all;
        for (const char* name :
             {"as_strided", "as_strided_", "as_strided_copy", "as_strided_scatter", "stride", "is_contiguous", "storage_offset",
              "data_ptr", "resize", "resize_", "resize_as", "resize_as_", "set", "set_", "set_data", "_unsafe_view",
              "_reshape_alias", "is_non_overlapping_and_dense", "is_strides_like_format", "suggest_memory_format"}) {
            all.insert(c10::Symbol::fromQualString(std::string("aten::") + name));
        }
        return all;
    }();
    for (auto* node : block->nodes()) {
        if (asking.count(node->kind()) != 0) {
            return true;
        }
        for (auto* inner : node->blocks()) {
            if (asks_where_numbers_lie(inner)) {
                return true;
            }
        }
    }
    return false;
}

bool asks_where_numbers_lie(const torch::jit::Module& module) {
    const auto methods = module.get_methods();
    return std::any_of(methods.begin(), methods.end(), [](const torch::jit::Method& method) {
        return asks_where_numbers_lie(method.graph()->block());
    });
}

void convert_constants(torch::jit::Block* block, torch::jit::Graph& graph) {
    std::vector<torch::jit::Node*> nodes(block->nodes().begin(), block->nodes().end());
    for (auto* node : nodes) {
        for (auto* inner : node->blocks()) {
            convert_constants(inner, graph);
        }
        auto constant = node->kind() == torch::jit::prim::Constant ? torch::jit::toIValue(node->output()) : std::nullopt;
        if (!constant || !constant->isTensor() || constant->toTensor().scalar_type() != at::kFloat) {
            continue;
        }
        torch::jit::WithInsertPoint before(node);
        node->output()->replaceAllUsesWith(graph.insertConstant(constant->toTensor().to(at::kBFloat16)));
        node->destroy();
    }
}

std::vector<std::string> others(const torch::jit::Module& module) {
    std::vector<std::string> names;
    for (const auto& method : module.get_methods()) {
        if (method.name() != "forward") {
            names.push_back(method.name());
        }
    }
    return names;
}

}  // namespace

bool has_bfloat16() { return __builtin_cpu_supports("avx512bf16"); }

torch::jit::Module in_bfloat16(const torch::jit::Module& frozen) {
    auto module = frozen.clone();
    for (auto part : module.modules()) {
        for (const auto& attribute : part.named_attributes(/* recurse= */ false)) {
            part.setattr(attribute.name, converted(attribute.value, at::kFloat, at::kBFloat16));
        }
    }
    for (const auto& method : module.get_methods()) {
        auto graph = method.graph();
        convert_constants(graph->block(), *graph);
        attend_in_float(*graph);
    }
    return module;
}

c10::IValue converted(const c10::IValue& value, at::ScalarType from, at::ScalarType to) {
    if (value.isTensor()) {
        const auto& tensor = value.toTensor();
        return tensor.defined() && tensor.scalar_type() == from ? tensor.to(to) : value;
    }
    if (value.isTuple()) {
        std::vector<c10::IValue> elements;
        for (const auto& element : value.toTupleRef().elements()) {
            elements.push_back(converted(element, from, to));
        }
        return c10::ivalue::Tuple::create(std::move(elements));
    }
    if (value.isList()) {
        const auto list = value.toList();
        c10::impl::GenericList copy(list.elementType());
        for (const auto& element : value.toListRef()) {
            copy.push_back(converted(element, from, to));
        }
        return copy;
    }
    if (value.isGenericDict()) {
        const auto dict = value.toGenericDict();
        c10::impl::GenericDict copy(dict.keyType(), dict.valueType());
        for (const auto& entry : dict) {
            copy.insert(entry.key(), converted(entry.value(), from, to));
        }
        return copy;
    }
    return value;
}

std::vector<Optimization> optimizations() {
    std::vector<Optimization> all{Optimization::kForInference, Optimization::kChannelsLast};
    if (can_fuse()) {
        all.push_back(Optimization::kFused);
        all.push_back(Optimization::kFusedChannelsLast);
    }
    if (can_link_linear()) {
        all.push_back(Optimization::kDirectLinear);
    }
    if (can_link_convolution()) {
        all.push_back(Optimization::kDirectConvolution);
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
        module = torch::jit::optimize_for_inference(module, others(module));
        return true;
    }
    const bool lies_differently = is_channels_last(how) || how == Optimization::kDirectConvolution;
    if (lies_differently && asks_where_numbers_lie(module)) {
        return false;
    }
    int64_t replaced = 0;
    for (const auto& method : module.get_methods()) {
        auto graph = method.graph();
        if (is_channels_last(how)) {
            lay_out_channels_last(graph->block(), *graph);
        } else if (how == Optimization::kDirectLinear) {
            replaced += direct_linear(*graph);
        } else if (how == Optimization::kDirectConvolution) {
            replaced += direct_convolution(graph);
            if (replaced == 0) {
                continue;
            }
            direct_squeeze(*graph);
            direct_pooling(*graph);
            if (can_link_linear()) {
                direct_linear(*graph);
            }
        }
    }
    const bool is_direct = how == Optimization::kDirectLinear || how == Optimization::kDirectConvolution;
    return !is_direct || replaced > 0;
}

void allow_fusing() {
    if (!can_fuse()) {
        return;
    }
    torch::jit::registerPrePass([](std::shared_ptr<torch::jit::Graph>& graph) {
        if (Fusing::wanted()) {
            torch::jit::fuser::onednn::fuseGraph(graph);
        }
    });
}

}  // namespace cresset
