#include "operators/recurrent.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/gru.h>
#include <ATen/ops/gru_cell.h>
#include <ATen/ops/lstm.h>
#include <ATen/ops/lstm_cell.h>
#include <ATen/ops/rnn_relu.h>
#include <ATen/ops/rnn_relu_cell.h>
#include <ATen/ops/rnn_tanh.h>
#include <ATen/ops/rnn_tanh_cell.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "operators/nodes.h"
#include "operators/recurrent_steps.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

using recurrent::Cell;
using recurrent::Form;
using recurrent::Result;
using recurrent::Steps;
using recurrent::Weights;

// What a layer was given. States that are not there are zeros.
struct Arguments {
    at::Tensor x, states, cells;
};

bool is_float(const at::Tensor& x) { return x.scalar_type() == at::kFloat && is_materialized(x); }

// Whether the states are such as layers have for so many rows; they lie densely then.
bool has_states(const Form& form, at::IntArrayRef sizes, Arguments& given) {
    const bool is_lstm = form.cell == Cell::kLstm;
    if (!given.states.defined()) {
        given.states = at::detail::empty_cpu(sizes, at::kFloat, false, at::MemoryFormat::Contiguous);
        std::fill_n(given.states.mutable_data_ptr<float>(), given.states.numel(), 0.f);
        given.cells = is_lstm ? given.states : at::Tensor();
        return true;
    }
    const auto fits = [&](const at::Tensor& x) { return is_float(x) && x.sizes() == sizes; };
    if (!fits(given.states) || (is_lstm && !fits(given.cells))) {
        return false;
    }
    given.states = given.states.contiguous();
    given.cells = is_lstm ? given.cells.contiguous() : at::Tensor();
    return true;
}

std::array<int64_t, 3> sizes_of_states(const Weights& weights, int64_t rows) {
    return {weights.form().layers * weights.form().directions(), rows, weights.hidden()};
}

// The function of LibTorch for this cell, with whatever comes between the input and the states (`sizes`) and last.
template <typename... Sizes, typename... Last>
Result by_dispatch(const Weights& weights, const Arguments& given, const std::tuple<Sizes...>& sizes, Last... last) {
    const auto& form = weights.form();
    const auto& plain = weights.plain();
    const auto call = [&](auto&& function, const auto& states) {
        return std::apply([&](const auto&... size) {
            return function(given.x, size..., states, plain, form.has_bias, form.layers, 0.0, false, form.bidirectional, last...);
        }, sizes);
    };
    const auto in_pair = [&](auto&& function) {
        auto [out, states] = call(function, given.states);
        return Result{out, states, at::Tensor()};
    };
    switch (form.cell) {
        case Cell::kLstm: {
            const std::array<at::Tensor, 2> both{given.states, given.cells};
            auto [out, states, cells] = call([](const auto&... in) { return at::lstm(in...); }, at::TensorList(both));
            return {out, states, cells};
        }
        case Cell::kGru:
            return in_pair([](const auto&... in) { return at::gru(in...); });
        case Cell::kTanh:
            return in_pair([](const auto&... in) { return at::rnn_tanh(in...); });
        default:
            return in_pair([](const auto&... in) { return at::rnn_relu(in...); });
    }
}

// Sequences of one length: torch.nn.LSTM, GRU and RNN.
Result sequences(const Weights& weights, bool batch_first, Arguments given) {
    const auto& x = given.x;
    const bool is_sequence = x.dim() == 3;
    const auto sizes = sizes_of_states(weights, is_sequence ? x.size(batch_first ? 0 : 1) : 0);
    const bool fits = is_sequence && is_float(x) && x.numel() > 0 && x.size(2) == weights.inputs();
    if (!has_states(weights.form(), sizes, given) || !fits) {
        return by_dispatch(weights, given, std::tuple(), batch_first);  // which also says what is wrong with it
    }
    const auto by_steps = batch_first ? x.transpose(0, 1) : x;
    const int64_t steps = by_steps.size(0), rows = by_steps.size(1);
    auto result = run(weights, Steps(steps, rows), by_steps.contiguous(), given.states, given.cells);
    result.out = result.out.view({steps, rows, -1});
    if (batch_first) {
        result.out.transpose_(0, 1);  // as LibTorch's lies
    }
    return result;
}

// Sequences of several lengths, packed: in `rows_of_steps` is how many of them there are at each step.
Result packed_sequences(const Weights& weights, const at::Tensor& rows_of_steps, Arguments given) {
    const auto& x = given.x;
    const bool is_packed = rows_of_steps.scalar_type() == at::kLong && is_materialized(rows_of_steps) && rows_of_steps.dim() == 1 &&
                           rows_of_steps.is_contiguous() && rows_of_steps.numel() > 0 && x.dim() == 2 && is_float(x) &&
                           x.size(1) == weights.inputs();
    if (!is_packed || !Steps::fit(rows_of_steps, x.size(0)) ||
        !has_states(weights.form(), sizes_of_states(weights, rows_of_steps.const_data_ptr<int64_t>()[0]), given)) {
        return by_dispatch(weights, given, std::tuple(rows_of_steps));
    }
    return run(weights, Steps(rows_of_steps), x.contiguous(), given.states, given.cells);
}

Result cell_by_dispatch(const Weights& weights, const Arguments& given) {
    const auto& plain = weights.plain();
    const bool has_bias = weights.form().has_bias;
    const auto bias = [&](size_t i) { return has_bias ? plain[i] : at::Tensor(); };
    switch (weights.form().cell) {
        case Cell::kLstm: {
            const std::array<at::Tensor, 2> both{given.states, given.cells};
            auto [out, cells] = at::lstm_cell(given.x, both, plain[0], plain[1], bias(2), bias(3));
            return {out, out, cells};
        }
        case Cell::kGru: {
            const auto out = at::gru_cell(given.x, given.states, plain[0], plain[1], bias(2), bias(3));
            return {out, out, at::Tensor()};
        }
        case Cell::kTanh: {
            const auto out = at::rnn_tanh_cell(given.x, given.states, plain[0], plain[1], bias(2), bias(3));
            return {out, out, at::Tensor()};
        }
        default: {
            const auto out = at::rnn_relu_cell(given.x, given.states, plain[0], plain[1], bias(2), bias(3));
            return {out, out, at::Tensor()};
        }
    }
}

// One step of one layer: torch.nn.LSTMCell, GRUCell and RNNCell.
Result cell(const Weights& weights, const Arguments& given) {
    const auto& x = given.x;
    const auto with_layer = [](const at::Tensor& state) { return state.defined() && state.dim() == 2 ? state.unsqueeze(0) : state; };
    Arguments of_layer{x, with_layer(given.states), with_layer(given.cells)};
    const bool is_batch = x.dim() == 2 && is_float(x) && x.numel() > 0 && x.size(1) == weights.inputs();
    if (!is_batch || !has_states(weights.form(), sizes_of_states(weights, x.size(0)), of_layer)) {
        return cell_by_dispatch(weights, given);
    }
    auto result = run(weights, Steps(1, x.size(0)), x.contiguous(), of_layer.states, of_layer.cells);
    return {result.out, result.states, result.cells.defined() ? result.cells.squeeze(0) : result.cells};
}

std::shared_ptr<const Weights> weights_of(const torch::jit::Node* node) {
    return Weights::of(node->ts(nodes::kWeights), {
                                                      .cell = static_cast<Cell>(node->i(nodes::kCell)),
                                                      .has_bias = node->i(nodes::kHasBias) != 0,
                                                      .layers = node->i(nodes::kLayers),
                                                      .bidirectional = node->i(nodes::kBidirectional) != 0,
                                                  });
}

// The states, which may not be there, are the last on the stack.
Arguments popped(torch::jit::Stack& stack, const Weights& weights, bool has_states) {
    Arguments given;
    if (has_states && weights.form().cell == Cell::kLstm) {
        given.cells = torch::jit::pop(stack).toTensor();
    }
    if (has_states) {
        given.states = torch::jit::pop(stack).toTensor();
    }
    return given;
}

void push(torch::jit::Stack& stack, Result result, bool has_cells) {
    stack.emplace_back(std::move(result.out));
    stack.emplace_back(std::move(result.states));
    if (has_cells) {
        stack.emplace_back(std::move(result.cells));
    }
}

torch::jit::Operation layers_operation(const torch::jit::Node* node) {
    const auto weights = weights_of(node);
    const bool is_packed = node->i(nodes::kPackedSequence) != 0;
    const bool batch_first = node->i(nodes::kBatchFirst) != 0;
    const bool has_states = node->inputs().size() > 1;
    return [weights, is_packed, batch_first, has_states](torch::jit::Stack& stack) {
        auto given = popped(stack, *weights, has_states);
        const auto rows_of_steps = is_packed ? torch::jit::pop(stack).toTensor() : at::Tensor();
        given.x = torch::jit::pop(stack).toTensor();
        push(stack,
             is_packed ? packed_sequences(*weights, rows_of_steps, std::move(given))
                       : sequences(*weights, batch_first, std::move(given)),
             weights->form().cell == Cell::kLstm);
    };
}

torch::jit::Operation cell_operation(const torch::jit::Node* node) {
    const auto weights = weights_of(node);
    return [weights](torch::jit::Stack& stack) {
        auto given = popped(stack, *weights, true);
        given.x = torch::jit::pop(stack).toTensor();
        auto result = cell(*weights, given);
        stack.emplace_back(std::move(result.out));
        if (weights->form().cell == Cell::kLstm) {
            stack.emplace_back(std::move(result.cells));
        }
    };
}

}  // namespace

void register_recurrent() {
    static torch::jit::RegisterOperators registered(
        {torch::jit::Operator(nodes::kRecurrent, torch::jit::OperationCreator(layers_operation),
                              c10::AliasAnalysisKind::PURE_FUNCTION),
         torch::jit::Operator(nodes::kRecurrentCell, torch::jit::OperationCreator(cell_operation),
                              c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
