#include "passes/normalization.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "graph/constants.h"
#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"
#include "operators/tensors.h"
#include "passes/followers.h"

namespace cresset {

namespace {

bool is_number_a_channel(const at::Tensor& x) { return x.dim() == 1 && x.scalar_type() == at::kFloat && is_materialized(x); }

bool is_none(torch::jit::Value* value) {
    const auto known = torch::jit::toIValue(value);
    return known && known->isNone();
}

bool is_flag(torch::jit::Value* value, bool wanted) {
    const auto known = torch::jit::toIValue(value);
    return known && known->isBool() && known->toBool() == wanted;
}

// A constant of a number a channel, if it is one; or none, as the value says. Otherwise it is not for us.
bool may_be_left_out(torch::jit::Value* value, int64_t channels) {
    const auto known = constant_tensor(value);
    return is_none(value) || (known && is_number_a_channel(*known) && (channels < 0 || known->numel() == channels));
}

void set_if_there(torch::jit::Node* made, c10::Symbol name, torch::jit::Value* value) {
    if (const auto known = constant_tensor(value)) {
        made->t_(name, *known);
    }
}

// What is concatenated by channels, if this is that and the list is made for it.
std::vector<torch::jit::Value*> channels_of(torch::jit::Node* node) {
    static const auto cat = c10::Symbol::fromQualString("aten::cat");
    if (node->kind() != cat || node->input(0)->node()->kind() != torch::jit::prim::ListConstruct) {
        return {};
    }
    const auto dim = torch::jit::toIValue(node->input(1));
    const auto inputs = node->input(0)->node()->inputs();
    const bool is_by_channels = dim && dim->isInt() && dim->toInt() == 1;
    const bool are_tensors = std::all_of(inputs.begin(), inputs.end(), [](const torch::jit::Value* input) {
        return input->type()->isSubtypeOf(*c10::TensorType::get());
    });
    return is_by_channels && are_tensors ? inputs.vec() : std::vector<torch::jit::Value*>{};
}

// A node of that kind and one input, in the place of another and of the activation that follows it.
torch::jit::Node* put_in_place_of_both(torch::jit::Node* node, c10::Symbol kind, at::ArrayRef<torch::jit::Value*> inputs) {
    auto* next = only_user(node);
    const auto activation = activation_of(next);
    auto* last = activation == Activation::kNone ? node : next;
    auto* made = insert_before(last, kind, inputs);
    made->i_(nodes::kActivation, static_cast<int64_t>(activation));
    last->output()->replaceAllUsesWith(made->output());
    return made;
}

// With the activation that follows.
void put_in_place_of(torch::jit::Node* node, c10::Symbol kind, at::ArrayRef<torch::jit::Value*> inputs) {
    auto* made = put_in_place_of_both(node, kind, inputs);
    set_if_there(made, nodes::kWeight, node->input(1));
    set_if_there(made, nodes::kBias, node->input(2));
    set_if_there(made, nodes::kMean, node->input(3));
    set_if_there(made, nodes::kVariance, node->input(4));
    made->f_(nodes::kEpsilon, torch::jit::toIValue(node->input(7))->toDouble());
}

bool replace_batch_norm(torch::jit::Node* node) {
    static const auto batch_norm = c10::Symbol::fromQualString("aten::batch_norm");
    if (node->kind() != batch_norm) {
        return false;
    }
    const auto mean = constant_tensor(node->input(3)), variance = constant_tensor(node->input(4));
    const auto epsilon = torch::jit::toIValue(node->input(7));
    const bool is_known = mean && variance && is_number_a_channel(*mean) && is_number_a_channel(*variance) &&
                          variance->numel() == mean->numel() && may_be_left_out(node->input(1), mean->numel()) &&
                          may_be_left_out(node->input(2), mean->numel()) && is_flag(node->input(5), false) && epsilon &&
                          epsilon->isDouble();
    if (!is_known) {
        return false;
    }
    auto* before = node->input(0)->node();
    const auto channels = channels_of(before);
    const bool takes_all = !channels.empty() && only_user(before) == node;
    put_in_place_of(node, nodes::kBatchNormalization, takes_all ? channels : std::vector{node->input(0)});
    return true;
}

bool replace_instance_norm(torch::jit::Node* node) {
    static const auto instance_norm = c10::Symbol::fromQualString("aten::instance_norm");
    if (node->kind() != instance_norm) {
        return false;
    }
    const auto epsilon = torch::jit::toIValue(node->input(7));
    const bool is_known = may_be_left_out(node->input(1), -1) && may_be_left_out(node->input(2), -1) && is_none(node->input(3)) &&
                          is_none(node->input(4)) && is_flag(node->input(5), true) && epsilon && epsilon->isDouble();
    if (is_known) {
        put_in_place_of(node, nodes::kInstanceNormalization, {node->input(0)});
    }
    return is_known;
}

bool replace_group_norm(torch::jit::Node* node) {
    static const auto group_norm = c10::Symbol::fromQualString("aten::group_norm");
    if (node->kind() != group_norm) {
        return false;
    }
    const auto groups = torch::jit::toIValue(node->input(1)), epsilon = torch::jit::toIValue(node->input(4));
    const bool is_known = groups && groups->isInt() && groups->toInt() > 0 && may_be_left_out(node->input(2), -1) &&
                          may_be_left_out(node->input(3), -1) && epsilon && epsilon->isDouble();
    if (is_known) {
        auto* made = put_in_place_of_both(node, nodes::kGroupNormalization, {node->input(0)});
        made->i_(nodes::kGroups, groups->toInt());
        set_if_there(made, nodes::kWeight, node->input(2));
        set_if_there(made, nodes::kBias, node->input(3));
        made->f_(nodes::kEpsilon, epsilon->toDouble());
    }
    return is_known;
}

void replace_concatenation(torch::jit::Node* node) {
    const auto channels = channels_of(node);
    if (!channels.empty()) {
        auto* made = insert_before(node, nodes::kConcatenation, channels);
        node->output()->replaceAllUsesWith(made->output());
    }
}

}  // namespace

void replace_normalization(torch::jit::Graph& graph) {
    // Where something is still written to in place, what is computed later may not be what it would have been.
    if (any_node(graph.block(), writes_in_place)) {
        return;
    }
    for_each_node(graph.block(), [](torch::jit::Node* node) { replace_batch_norm(node) || replace_instance_norm(node) || replace_group_norm(node); });
    torch::jit::EliminateDeadCode(graph.block());
    for_each_node(graph.block(), replace_concatenation);
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
