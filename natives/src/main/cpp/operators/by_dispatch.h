// A part of a graph as LibTorch computes it.
#pragma once

#include <ATen/core/stack.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cresset {

// LibTorch's operators, one after the other: they say what the answer is where the chain cannot, and what is wrong with its inputs.
class ByDispatch {
 public:
    explicit ByDispatch(const torch::jit::Graph& graph) {
        std::unordered_map<const torch::jit::Value*, size_t> places;
        for (const auto* input : graph.inputs()) {
            places.emplace(input, places.size());
        }
        inputs_ = places.size();
        for (const auto* node : graph.nodes()) {
            const size_t place = places.size();
            places.emplace(node->output(), place);
            if (const auto constant = torch::jit::toIValue(node->output())) {
                constants_.emplace_back(place, *constant);
                continue;
            }
            Call call{.operation = node->getOperation(), .operands = {}, .place = place};
            for (const auto* operand : node->inputs()) {
                call.operands.push_back(places.at(operand));
            }
            calls_.push_back(std::move(call));
        }
        places_ = places.size();
        result_ = places.at(graph.outputs()[0]);
    }

    void operator()(torch::jit::Stack& stack) const {
        std::vector<c10::IValue> values(places_);
        std::move(stack.end() - static_cast<int64_t>(inputs_), stack.end(), values.begin());
        torch::jit::drop(stack, inputs_);
        for (const auto& [place, constant] : constants_) {
            values[place] = constant;
        }
        torch::jit::Stack operands;
        for (const auto& call : calls_) {
            for (const size_t operand : call.operands) {
                operands.push_back(values[operand]);
            }
            call.operation(operands);
            values[call.place] = torch::jit::pop(operands);
        }
        stack.push_back(std::move(values[result_]));
    }

 private:
    struct Call {
        mutable torch::jit::Operation operation;  // keeps nothing, but LibTorch does not say so
        std::vector<size_t> operands;
        size_t place;
    };

    size_t inputs_, places_, result_;
    std::vector<std::pair<size_t, c10::IValue>> constants_;
    std::vector<Call> calls_;
};

}  // namespace cresset
