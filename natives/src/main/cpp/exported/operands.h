// What a node of a program is given: a value, a constant, or a list of such.
#pragma once

#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/ir/ir.h>

#include <vector>

#include "exported/values.h"
#include "exported/words.h"

namespace cresset::exported {

//   0 None             4 bool: zero or one           8 list: element type, count, operands
//   1 value: number    5 str: text
//   2 int              6 complex: bits, bits
//   3 float: bits      7 device: text
struct Operand {
    torch::jit::Value* value = nullptr;  // or else
    c10::IValue constant;
    c10::TypePtr list_of;  // of a list
    std::vector<Operand> elements;
};

Operand read_operand(Words& words, const Values& values);

// The operand as a value of a graph, made where new nodes go; of the expected type, if a number can be made one.
torch::jit::Value* insert(torch::jit::Graph& graph, const Operand& operand, const c10::TypePtr& expected = nullptr);

// Without Optional[...] around it.
c10::TypePtr bare(c10::TypePtr type);

bool is_number(const torch::jit::Value* value);

}  // namespace cresset::exported
