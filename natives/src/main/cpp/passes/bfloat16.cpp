#include "passes/bfloat16.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <utility>
#include <vector>

#include "graph/constants.h"
#include "graph/walk.h"
#include "passes/attention.h"

namespace cresset {

namespace {

void convert_constants(torch::jit::Graph& graph) {
    for_each_node(graph.block(), [&](torch::jit::Node* node) {
        const auto constant = node->kind() == torch::jit::prim::Constant ? constant_tensor(node->output()) : std::nullopt;
        if (!constant || constant->scalar_type() != at::kFloat) {
            return;
        }
        torch::jit::WithInsertPoint before(node);
        node->output()->replaceAllUsesWith(graph.insertConstant(constant->to(at::kBFloat16)));
        node->destroy();
    });
}

}  // namespace

bool has_bfloat16() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16");
#else
    return false;  // some have it; nobody has tried what is gained there
#endif
}

torch::jit::Module in_bfloat16(const torch::jit::Module& frozen) {
    auto module = frozen.clone();
    for (auto part : module.modules()) {
        for (const auto& attribute : part.named_attributes(/* recurse= */ false)) {
            part.setattr(attribute.name, converted(attribute.value, at::kFloat, at::kBFloat16));
        }
    }
    for (const auto& method : module.get_methods()) {
        auto graph = method.graph();
        convert_constants(*graph);
        compute_attention_in_float(*graph);
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

}  // namespace cresset
