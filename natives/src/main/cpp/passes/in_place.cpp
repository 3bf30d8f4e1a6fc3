#include "passes/in_place.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "graph/constants.h"
#include "graph/walk.h"

namespace cresset {

namespace {

using torch::jit::Node;
using torch::jit::Value;

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
    static const std::set<std::string> names{"add", "sub", "mul", "div", "true_divide", "rsub", "pow", "remainder",
                                             "fmod", "floor_divide", "atan2",
                                             "maximum", "minimum", "matmul", "bmm", "mm"};
    return names.count(name) != 0;
}

// The result has the type of the first operand, if that is one of fractions.
bool keeps_fractions(const std::string& name) {
    static const std::set<std::string> names{
        "relu", "relu6", "leaky_relu", "elu", "celu", "selu", "silu", "mish", "gelu", "hardswish", "hardsigmoid", "hardtanh", "sigmoid", "tanh", "exp", "expm1",
        "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "reciprocal", "square", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "erf", "erfc",
        "abs", "neg", "sign", "round", "floor", "ceil", "trunc", "frac", "clamp", "clamp_min", "clamp_max", "threshold", "dropout", "feature_dropout", "batch_norm",
        "instance_norm", "layer_norm", "group_norm", "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
        "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool2d", "upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d",
        "upsample_linear1d", "upsample_bilinear2d", "upsample_bicubic2d", "upsample_trilinear3d", "scaled_dot_product_attention", "lstm", "gru", "view", "reshape",
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

// Of which values it is known that they are tensors of fractions, and of which type.
class Fractions {
 public:
    std::optional<at::ScalarType> in(Value* value) {
        const auto known = known_.find(value);
        if (known != known_.end()) {
            return known->second;
        }
        const auto type = is_tensor(value) ? found(value) : std::nullopt;
        known_.emplace(value, type);
        return type;
    }

    // Of two operands, the second of which may be a number.
    std::optional<at::ScalarType> of(Node* node) {
        const auto type = in(node->input(0));
        if (!type || node->inputs().size() < 2 || is_number(node->input(1))) {
            return type;
        }
        return in(node->input(1)) == type ? type : std::nullopt;
    }

 private:
    std::optional<at::ScalarType> found(Value* value) {
        if (const auto constant = constant_tensor(value)) {
            const bool is_known = constant->defined() && at::isFloatingType(constant->scalar_type()) && constant->dim() > 0;
            return is_known ? std::optional(constant->scalar_type()) : std::nullopt;
        }
        auto* node = value->node();
        if (node->kind() == torch::jit::prim::ListUnpack) {
            static const std::set<std::string> cutting{"chunk", "split", "split_with_sizes", "unbind", "tensor_split"};
            node = node->input()->node();
            return cutting.count(name_of(node)) != 0 ? in(node->input(0)) : std::nullopt;
        }
        const std::string name = name_of(node);
        if (const auto weights = weights_of(name)) {
            return in(node->input(*weights));
        }
        if (is_of_two(name)) {
            return of(node);
        }
        if (name == "cat" && node->input(0)->node()->kind() == torch::jit::prim::ListConstruct) {
            return of_all(node->input(0)->node()->inputs());
        }
        return keeps_fractions(name) && !node->inputs().empty() ? in(node->input(0)) : std::nullopt;
    }

    std::optional<at::ScalarType> of_all(at::ArrayRef<Value*> values) {
        const auto type = values.empty() ? std::nullopt : in(values[0]);
        const bool is_one = std::all_of(values.begin(), values.end(), [&](Value* value) { return in(value) == type; });
        return is_one ? type : std::nullopt;
    }

    std::unordered_map<const Value*, std::optional<at::ScalarType>> known_;
};

// Whether a new tensor has the type of the one that is written to, whatever that is.
bool keeps_every_type(const std::string& name) {
    static const std::set<std::string> names{"relu",  "relu6",       "neg",     "abs",         "zero",      "fill",      "masked_fill", "masked_scatter",
                                             "tril",  "triu",        "silu",    "hardswish",   "leaky_relu", "hardtanh", "elu",         "celu",
                                             "selu",  "mish",        "dropout", "index_put",   "index_add", "index_copy", "index_fill", "scatter",
                                             "scatter_add", "round", "floor",   "ceil",        "trunc",     "threshold", "normal",     "feature_dropout"};
    return names.count(name) != 0;
}

bool keeps_its_type(Node* node, Fractions& fractions) {
    const std::string name = name_of(node);
    if (keeps_every_type(name)) {
        return true;
    }
    if (is_of_two(name)) {
        return fractions.of(node).has_value();
    }
    return keeps_fractions(name) && !node->inputs().empty() && fractions.in(node->input(0)).has_value();
}

}  // namespace

void write_to_new_tensors(std::shared_ptr<torch::jit::Graph> graph) {
    // Found before the first is replaced, for types are remembered by value.
    Fractions fractions;
    std::unordered_set<const Node*> replaced;
    for_each_node(graph->block(), [&](Node* node) {
        for (auto* output : node->outputs()) {
            fractions.in(output);  // in the order of the code, each by those before it
        }
        const std::string name = node->kind().is_aten() ? node->kind().toUnqualString() : "";
        if (!name.empty() && name.back() == '_' && keeps_its_type(node, fractions)) {
            replaced.insert(node);
        }
    });
    torch::jit::RemoveTensorMutation(graph, [&](Node* node) { return replaced.count(node) != 0; });
}

}  // namespace cresset
