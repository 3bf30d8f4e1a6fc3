#include "passes/in_place.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "graph/constants.h"

namespace cresset {

namespace {

using torch::jit::Node;
using torch::jit::Value;

// Values that are looked at before one is given up.
constexpr int kMostSteps = 64;

// "add" of "aten::add" and of "aten::add_".
std::string name_of(const Node* node) {
    std::string name = node->kind().toUnqualString();
    if (!name.empty() && name.back() == '_') {
        name.pop_back();
    }
    return node->kind().is_aten() ? name : "";
}

bool is_tensor(const Value* value) { return value->type()->isSubtypeOf(*c10::TensorType::get()); }

bool is_number(const Value* value) {
    const auto kind = value->type()->kind();
    return kind == c10::TypeKind::FloatType || kind == c10::TypeKind::IntType;
}

// The result has the type that both operands have.
bool is_of_two(const std::string& name) {
    static const std::set<std::string> names{"add", "sub", "mul", "div", "true_divide", "rsub", "pow", "remainder", "fmod", "floor_divide", "atan2", "maximum", "minimum"};
    return names.count(name) != 0;
}

// The result has the type of the first operand, if that is one of fractions.
bool keeps_fractions(const std::string& name) {
    static const std::set<std::string> names{
        "relu", "relu6", "leaky_relu", "elu", "celu", "selu", "silu", "mish", "gelu", "hardswish", "hardsigmoid", "hardtanh", "sigmoid", "tanh", "exp", "expm1",
        "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "reciprocal", "square", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "erf", "erfc",
        "abs", "neg", "sign", "round", "floor", "ceil", "trunc", "frac", "clamp", "clamp_min", "clamp_max", "threshold", "dropout", "feature_dropout", "batch_norm",
        "instance_norm", "layer_norm", "group_norm", "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
        "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool2d", "upsample_nearest2d", "upsample_bilinear2d", "view", "reshape",
        "flatten", "permute", "transpose", "t", "contiguous", "clone", "alias", "detach", "unsqueeze", "squeeze", "expand", "expand_as", "slice", "select", "narrow", "flip",
        "roll", "pad", "constant_pad_nd", "masked_fill", "zeros_like", "ones_like", "cumsum", "cumprod", "lerp", "sum_to_size", "pixel_shuffle", "unflatten", "index_select"};
    return names.count(name) != 0;
}

// Of what weights are applied to: the type is theirs.
std::optional<size_t> weights_of(const std::string& name) {
    static const std::set<std::string> layers{"conv1d",          "conv2d",          "conv3d",          "_convolution", "convolution", "linear",
                                              "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"};
    return layers.count(name) != 0 ? std::optional<size_t>(1) : name == "embedding" ? std::optional<size_t>(0) : std::nullopt;
}

std::optional<at::ScalarType> fractions_in(Value* value, int& steps);

// Of two operands, the second of which may be a number.
std::optional<at::ScalarType> fractions_of(Node* node, int& steps) {
    const auto type = fractions_in(node->input(0), steps);
    if (!type || node->inputs().size() < 2 || is_number(node->input(1))) {
        return type;
    }
    const auto other = is_tensor(node->input(1)) ? fractions_in(node->input(1), steps) : std::nullopt;
    return other == type ? type : std::nullopt;
}

// The type of a tensor's numbers, if it is known, and one of fractions.
std::optional<at::ScalarType> fractions_in(Value* value, int& steps) {
    if (++steps > kMostSteps || !is_tensor(value)) {
        return std::nullopt;
    }
    if (const auto constant = constant_tensor(value)) {
        const bool is_known = constant->defined() && at::isFloatingType(constant->scalar_type()) && constant->dim() > 0;
        return is_known ? std::optional(constant->scalar_type()) : std::nullopt;
    }
    auto* node = value->node();
    const std::string name = name_of(node);
    if (const auto weights = weights_of(name)) {
        return fractions_in(node->input(*weights), steps);
    }
    if (is_of_two(name)) {
        return fractions_of(node, steps);
    }
    if (name == "cat" && node->input(0)->node()->kind() == torch::jit::prim::ListConstruct) {
        std::optional<at::ScalarType> type;
        for (auto* one : node->input(0)->node()->inputs()) {
            const auto found = fractions_in(one, steps);
            if (!found || (type && type != found)) {
                return std::nullopt;
            }
            type = found;
        }
        return type;
    }
    return keeps_fractions(name) && !node->inputs().empty() ? fractions_in(node->input(0), steps) : std::nullopt;
}

// Whether a new tensor has the type of the one that is written to, whatever that is.
bool keeps_every_type(const std::string& name) {
    static const std::set<std::string> names{"relu",  "relu6",       "neg",     "abs",         "zero",      "fill",      "masked_fill", "masked_scatter",
                                             "tril",  "triu",        "silu",    "hardswish",   "leaky_relu", "hardtanh", "elu",         "celu",
                                             "selu",  "mish",        "dropout", "index_put",   "index_add", "index_copy", "index_fill", "scatter",
                                             "scatter_add", "round", "floor",   "ceil",        "trunc",     "threshold", "normal",     "feature_dropout"};
    return names.count(name) != 0;
}

bool keeps_its_type(Node* node) {
    const std::string name = name_of(node);
    if (keeps_every_type(name)) {
        return true;
    }
    int steps = 0;
    if (is_of_two(name)) {
        return fractions_of(node, steps).has_value();
    }
    return keeps_fractions(name) && !node->inputs().empty() && fractions_in(node->input(0), steps).has_value();
}

}  // namespace

void write_to_new_tensors(std::shared_ptr<torch::jit::Graph> graph) { torch::jit::RemoveTensorMutation(graph, keeps_its_type); }

}  // namespace cresset
