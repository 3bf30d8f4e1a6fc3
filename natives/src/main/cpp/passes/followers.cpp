#include "passes/followers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/rsqrt.h>
#include <torch/csrc/jit/ir/constants.h>

#include <map>

#include "graph/constants.h"
#include "operators/nodes.h"
#include "operators/tensors.h"

namespace cresset {

bool is_one(torch::jit::Value* value) {
    const auto number = torch::jit::toIValue(value);
    return number && number->isScalar() && number->toScalar().equal(1);
}

torch::jit::Node* only_user(torch::jit::Node* node) {
    const auto& uses = node->output()->uses();
    return uses.size() == 1 && uses[0].user->owningBlock() == node->owningBlock() ? uses[0].user : nullptr;
}

Activation activation_of(torch::jit::Node* node) {
    static const std::map<c10::Symbol, Activation> known = {
        {c10::Symbol::fromQualString("aten::relu"), Activation::kRelu},
        {c10::Symbol::fromQualString("aten::relu6"), Activation::kRelu6},
        {c10::Symbol::fromQualString("aten::hardswish"), Activation::kHardswish},
        {c10::Symbol::fromQualString("aten::hardsigmoid"), Activation::kHardsigmoid},
        {c10::Symbol::fromQualString("aten::sigmoid"), Activation::kSigmoid},
        {c10::Symbol::fromQualString("aten::silu"), Activation::kSilu},
        {c10::Symbol::fromQualString("aten::selu"), Activation::kSelu},
        {c10::Symbol::fromQualString("aten::tanh"), Activation::kTanh}};
    static const auto gelu = c10::Symbol::fromQualString("aten::gelu");
    static const auto leaky_relu = c10::Symbol::fromQualString("aten::leaky_relu");
    static const auto elu = c10::Symbol::fromQualString("aten::elu");
    static const auto hardtanh = c10::Symbol::fromQualString("aten::hardtanh");
    if (node == nullptr) {
        return Activation::kNone;
    }
    if (node->kind() == nodes::kActivated) {
        return static_cast<Activation>(node->i(nodes::kActivation));
    }
    if (node->kind() == hardtanh) {
        auto low = torch::jit::toIValue(node->input(1)), high = torch::jit::toIValue(node->input(2));
        const bool relu6 = low && high && low->isScalar() && high->isScalar() && low->toScalar().toDouble() == 0 &&
                           high->toScalar().toDouble() == 6;
        return relu6 ? Activation::kRelu6 : Activation::kNone;
    }
    if (node->kind() == leaky_relu || node->kind() == elu) {
        const auto number = torch::jit::toIValue(node->input(1));
        const bool is_known = number && number->isScalar() && (node->kind() == leaky_relu || (is_one(node->input(2)) && is_one(node->input(3))));
        const auto kind = node->kind() == elu ? Activation::kElu : Activation::kLeakyRelu;
        return is_known ? with_number(kind, static_cast<float>(number->toScalar().toDouble())) : Activation::kNone;
    }
    if (node->kind() == gelu) {
        const auto approximate = torch::jit::toIValue(node->input(1));
        const auto name = approximate && approximate->isString() ? approximate->toStringRef() : "";
        return name == "tanh" ? Activation::kGeluTanh : name == "none" ? Activation::kGelu : Activation::kNone;
    }
    auto found = known.find(node->kind());
    return found == known.end() ? Activation::kNone : found->second;
}

torch::jit::Value* addend(torch::jit::Node* node, torch::jit::Value* sum) {
    static const auto add = c10::Symbol::fromQualString("aten::add");
    if (node == nullptr || node->kind() != add || node->inputs().size() != 3 || node->input(0) == node->input(1)) {
        return nullptr;
    }
    auto alpha = torch::jit::toIValue(node->input(2));
    auto* other = node->input(0) == sum ? node->input(1) : node->input(0);
    const bool is_sum = alpha && alpha->isScalar() && alpha->toScalar().equal(1);
    return is_sum && other->type()->isSubtypeOf(*c10::TensorType::get()) ? other : nullptr;
}

std::optional<at::Tensor> constant_row(torch::jit::Value* value, int64_t size, at::ScalarType numbers) {
    const auto row = constant_tensor(value);
    const bool fits = row && row->scalar_type() == numbers && is_materialized(*row) && row->is_contiguous() && row->dim() == 1 &&
                      row->size(0) == size;
    return fits ? row : std::nullopt;
}

std::optional<std::pair<at::Tensor, at::Tensor>> norm_in(torch::jit::Node* node, int64_t channels) {
    static const auto batch_norm = c10::Symbol::fromQualString("aten::batch_norm");
    if (node == nullptr || node->kind() != batch_norm) {
        return std::nullopt;
    }
    const auto weight = torch::jit::toIValue(node->input(1)), bias = torch::jit::toIValue(node->input(2));
    const auto mean = constant_row(node->input(3), channels), variance = constant_row(node->input(4), channels);
    const auto training = torch::jit::toIValue(node->input(5)), eps = torch::jit::toIValue(node->input(7));
    const bool known = weight && bias && mean && variance && training && !training->toBool() && eps && eps->isDouble();
    if (!known || !(weight->isNone() || constant_row(node->input(1), channels)) ||
        !(bias->isNone() || constant_row(node->input(2), channels))) {
        return std::nullopt;
    }
    const at::Tensor inverse = at::rsqrt(*variance + eps->toDouble());
    const at::Tensor scale = weight->isNone() ? inverse : weight->toTensor() * inverse;
    const at::Tensor shift = bias->isNone() ? -*mean * scale : bias->toTensor() - *mean * scale;
    return std::pair(scale, shift);
}

bool writes_in_place(const torch::jit::Node* node) {
    const auto* schema = node->maybeSchema();
    return schema != nullptr && schema->is_mutable();
}

}  // namespace cresset
