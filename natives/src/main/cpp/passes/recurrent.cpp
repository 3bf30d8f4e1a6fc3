#include "passes/recurrent.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <map>
#include <optional>

#include "graph/constants.h"
#include "graph/walk.h"
#include "operators/nodes.h"
#include "operators/recurrent_weights.h"

namespace cresset {

namespace {

using recurrent::Cell;
using recurrent::Form;
using recurrent::Weights;

struct Found {
    Form form;
    std::vector<at::Tensor> weights;
    std::vector<torch::jit::Value*> states;
    bool is_packed = false;
    bool batch_first = false;
};

std::optional<Cell> cell_in(const torch::jit::Node* node, const char* suffix) {
    static const std::map<std::string, Cell> known = {
        {"lstm", Cell::kLstm}, {"gru", Cell::kGru}, {"rnn_tanh", Cell::kTanh}, {"rnn_relu", Cell::kRelu}};
    for (const auto& [name, cell] : known) {
        if (node->kind() == c10::Symbol::fromQualString("aten::" + name + suffix)) {
            return cell;
        }
    }
    return std::nullopt;
}

// The values of a list that is made for this node alone.
std::optional<std::vector<torch::jit::Value*>> listed(torch::jit::Value* list) {
    if (list->node()->kind() != torch::jit::prim::ListConstruct || list->uses().size() != 1) {
        return std::nullopt;
    }
    return list->node()->inputs().vec();
}

std::optional<std::vector<at::Tensor>> constant_tensors(torch::jit::Value* list) {
    if (const auto found = torch::jit::toIValue(list)) {
        return found->isTensorList() ? std::optional(found->toTensorVector()) : std::nullopt;
    }
    const auto values = listed(list);
    if (!values) {
        return std::nullopt;
    }
    std::vector<at::Tensor> tensors;
    for (auto* value : *values) {
        const auto tensor = constant_tensor(value);
        if (!tensor) {
            return std::nullopt;
        }
        tensors.push_back(*tensor);
    }
    return tensors;
}

std::optional<std::vector<torch::jit::Value*>> states_in(torch::jit::Value* value, Cell cell) {
    if (cell != Cell::kLstm) {
        return std::vector{value};
    }
    const auto both = listed(value);
    return both && both->size() == 2 ? both : std::nullopt;
}

// input, [batch_sizes,] states, weights, has_biases, num_layers, dropout, train, bidirectional[, batch_first]
std::optional<Found> layers_in(torch::jit::Node* node) {
    const auto cell = cell_in(node, "");
    if (!cell || node->inputs().size() != 9) {
        return std::nullopt;
    }
    const bool is_packed = node->input(3)->type()->kind() == c10::TypeKind::ListType;
    const size_t first = is_packed ? 4 : 3, last = 8;
    const auto has_bias = torch::jit::toIValue(node->input(first)), layers = torch::jit::toIValue(node->input(first + 1)),
               train = torch::jit::toIValue(node->input(first + 3)), bidirectional = torch::jit::toIValue(node->input(first + 4)),
               batch_first = torch::jit::toIValue(node->input(last));
    const auto weights = constant_tensors(node->input(first - 1));
    const auto states = states_in(node->input(first - 2), *cell);
    if (!has_bias || !layers || !train || !bidirectional || !batch_first || !weights || !states || train->toBool()) {
        return std::nullopt;
    }
    return Found{{*cell, has_bias->toBool(), layers->toInt(), bidirectional->toBool()}, *weights, *states, is_packed,
                 !is_packed && batch_first->toBool()};
}

// input, state, w_ih, w_hh, b_ih, b_hh
std::optional<Found> cell_in(torch::jit::Node* node) {
    const auto cell = cell_in(node, "_cell");
    if (!cell) {
        return std::nullopt;
    }
    const auto states = states_in(node->input(1), *cell);
    if (!states) {
        return std::nullopt;
    }
    std::vector<at::Tensor> weights;
    for (size_t i = 2; i < node->inputs().size(); i++) {
        const auto constant = torch::jit::toIValue(node->input(i));
        if (constant && constant->isTensor()) {
            weights.push_back(constant->toTensor());
        } else if (!constant || !constant->isNone()) {
            return std::nullopt;
        }
    }
    return Found{{*cell, weights.size() == 4, 1, false}, weights, *states};
}

void replace(torch::jit::Node* node, c10::Symbol kind, const Found& found) {
    auto* made = node->owningGraph()->create(kind, {node->input(0)}, node->outputs().size());
    if (found.is_packed) {
        made->addInput(node->input(1));
    }
    for (auto* state : found.states) {
        made->addInput(state);
    }
    made->insertBefore(node);
    made->ts_(nodes::kWeights, found.weights);
    made->i_(nodes::kCell, static_cast<int64_t>(found.form.cell));
    made->i_(nodes::kHasBias, found.form.has_bias);
    made->i_(nodes::kLayers, found.form.layers);
    made->i_(nodes::kBidirectional, found.form.bidirectional);
    made->i_(nodes::kBatchFirst, found.batch_first);
    made->i_(nodes::kPackedSequence, found.is_packed);
    for (size_t i = 0; i < node->outputs().size(); i++) {
        made->output(i)->setType(c10::TensorType::get());
        node->output(i)->replaceAllUsesWith(made->output(i));
    }
}

}  // namespace

int64_t replace_recurrent(torch::jit::Graph& graph) {
    int64_t replaced = 0;
    for_each_node(graph.block(), [&](torch::jit::Node* node) {
        const auto layers = layers_in(node);
        const auto found = layers ? layers : cell_in(node);
        if (found && Weights::fit(found->weights, found->form)) {
            replace(node, layers ? nodes::kRecurrent : nodes::kRecurrentCell, *found);
            replaced++;
        }
    });
    torch::jit::EliminateDeadCode(graph.block());
    return replaced;
}

}  // namespace cresset
