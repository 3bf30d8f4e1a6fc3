#include "passes/precision.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "graph/constants.h"
#include "graph/walk.h"
#include "passes/attention.h"

namespace cresset {

namespace {

constexpr double kLargestHalf = 65504;
constexpr double kLargestBfloat16 = 3.3895313892515355e38;

// Finite numbers stay so: float32's lowest are masks' more often than not.
at::Tensor narrowed(const at::Tensor& tensor, at::ScalarType numbers) {
    if (numbers != at::kHalf) {
        return tensor.to(numbers);
    }
    return at::where(tensor.isinf(), tensor, tensor.clamp(-kLargestHalf, kLargestHalf)).to(numbers);
}

bool holds_float(const c10::IValue& value) {
    if (value.isTensor()) {
        return value.toTensor().defined() && value.toTensor().scalar_type() == at::kFloat;
    }
    if (value.isList()) {
        const auto list = value.toListRef();
        return std::any_of(list.begin(), list.end(), holds_float);
    }
    if (value.isTuple()) {
        const auto& elements = value.toTupleRef().elements();
        return std::any_of(elements.begin(), elements.end(), holds_float);
    }
    return false;
}

// Tensors, and lists of them, as recurrent layers have their weights.
void convert_constants(torch::jit::Graph& graph, at::ScalarType numbers) {
    for_each_node(graph.block(), [&](torch::jit::Node* node) {
        const auto constant = node->kind() == torch::jit::prim::Constant ? torch::jit::toIValue(node->output()) : std::nullopt;
        if (!constant || !holds_float(*constant)) {
            return;
        }
        torch::jit::WithInsertPoint before(node);
        const auto converted_constant =
            constant->isTensor() ? c10::IValue(narrowed(constant->toTensor(), numbers)) : converted(*constant, at::kFloat, numbers);
        node->output()->replaceAllUsesWith(graph.insertConstant(converted_constant));
        node->destroy();
    });
}

// Whether a node that names no type makes a tensor of float32, PyTorch's default.
bool makes_default_numbers(const torch::jit::Node* node) {
    static const std::set<std::string> all{"aten::zeros", "aten::ones", "aten::empty",    "aten::rand",
                                           "aten::randn", "aten::eye",  "aten::linspace", "aten::logspace"};
    const std::string kind = node->kind().toQualString();
    return all.count(kind) > 0 || (kind == "aten::full" && node->input(1)->type()->isSubtypeOf(*c10::FloatType::get()));
}

// Tracing and exporting write down the type that the example had: of a tensor that is made, of what a sum is to be in.
void name_type(torch::jit::Graph& graph, torch::jit::Node* node, at::ScalarType numbers) {
    const auto* schema = node->maybeSchema();
    const auto type = schema == nullptr ? std::nullopt : schema->argumentIndexWithName("dtype");
    if (!type) {
        return;
    }
    const auto named = torch::jit::toIValue(node->input(*type));
    if (!named) {
        return;
    }
    const bool is_float = named->isInt() && named->toInt() == static_cast<int64_t>(at::kFloat);
    if (is_float || (named->isNone() && makes_default_numbers(node))) {
        const torch::jit::WithInsertPoint before(node);
        node->replaceInput(*type, graph.insertConstant(static_cast<int64_t>(numbers)));
    }
}

// Numbers that fill a tensor or bound it, which are often float32's lowest: of a type whose range is smaller, LibTorch refuses them.
void keep_in_range(torch::jit::Graph& graph, torch::jit::Node* node, at::ScalarType numbers) {
    static const std::set<std::string> fills{"aten::masked_fill", "aten::masked_fill_", "aten::full",      "aten::full_like",
                                             "aten::new_full",    "aten::fill",         "aten::fill_",     "aten::where",
                                             "aten::clamp",       "aten::clamp_",       "aten::clamp_min", "aten::clamp_max"};
    if (fills.count(node->kind().toQualString()) == 0) {
        return;
    }
    const double largest = numbers == at::kHalf ? kLargestHalf : kLargestBfloat16;
    for (size_t i = 0; i < node->inputs().size(); i++) {
        const auto known = torch::jit::toIValue(node->input(i));
        if (!known || !known->isDouble() || std::isinf(known->toDouble()) || !(std::abs(known->toDouble()) > largest)) {
            continue;
        }
        const torch::jit::WithInsertPoint before(node);
        node->replaceInput(i, graph.insertConstant(std::copysign(largest, known->toDouble())));
    }
}

}  // namespace

torch::jit::Module in_precision(const torch::jit::Module& frozen, at::ScalarType numbers, c10::Device device) {
    auto module = frozen.clone();
    for (auto part : module.modules()) {
        for (const auto& attribute : part.named_attributes(/* recurse= */ false)) {
            part.setattr(attribute.name, converted(attribute.value, at::kFloat, numbers));
        }
    }
    for (const auto& method : module.get_methods()) {
        auto graph = method.graph();
        convert_constants(*graph, numbers);
        if (device.is_cpu()) {
            compute_attention_in_float(*graph);
        }
        for_each_node(graph->block(), [&](torch::jit::Node* node) {
            name_type(*graph, node, numbers);
            keep_in_range(*graph, node, numbers);
        });
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
