// Calls of LibTorch's operators, found by their schemas.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <string>
#include <vector>

#include "exported/operands.h"

namespace cresset::exported {

struct NamedOperand {
    std::string name;
    Operand operand;
};

// A node that calls the operator of that overload, with the schema's defaults for what is not given. A number where the schema wants a
// tensor, as export writes x + 1, makes it the operator's overload for numbers.
torch::jit::Node* insert_call(
    torch::jit::Graph& graph, const std::string& name, const std::string& overload, const std::vector<NamedOperand>& operands);

// The overload that fits what is given, as TorchScript's compiler finds it.
torch::jit::Value* insert_matched(torch::jit::Graph& graph, const std::string& name, const std::vector<Operand>& operands);

}  // namespace cresset::exported
