#include "exported/calls.h"

#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <memory>
#include <sstream>

namespace cresset::exported {

using c10::FunctionSchema;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

namespace {

std::string full(const std::string& name, const std::string& overload) {
    return overload.empty() ? name : name + "." + overload;
}

c10::Symbol symbol_of(const std::string& name) {
    const auto colons = name.find("::");
    if (colons == std::string::npos || colons == 0 || colons + 2 == name.size() || name.find("::", colons + 2) != std::string::npos) {
        throw Unbuildable("its program calls '" + name + "', which is no operator's name");
    }
    return c10::Symbol::fromQualString(name);
}

const FunctionSchema& schema_of(c10::Symbol symbol, const std::string& name, const std::string& overload) {
    const auto& all = torch::jit::getAllOperatorsFor(symbol);
    for (const auto& one : all) {
        if (one->schema().overload_name() == overload) {
            return one->schema();
        }
    }
    throw Unbuildable("it calls the operator " + full(name, overload) + ", which this LibTorch does not have" +
                      (all.empty() ? "" : " (it has others of that name)"));
}

bool wants_tensor(const c10::Argument& argument) { return bare(argument.type())->kind() == c10::TypeKind::TensorType; }

// Whether it takes what is given as it is: numbers and tensors each in a place for such.
bool takes(const FunctionSchema& schema, const std::vector<Value*>& inputs) {
    const auto& arguments = schema.arguments();
    if (arguments.size() != inputs.size()) {
        return false;
    }
    for (size_t i = 0; i < inputs.size(); i++) {
        const auto wanted = bare(arguments[i].type());
        if (is_number(inputs[i])) {
            if (!inputs[i]->type()->isSubtypeOf(*wanted)) {
                return false;
            }
        } else if (!inputs[i]->type()->isSubtypeOf(*arguments[i].type())) {
            return false;
        }
    }
    return true;
}

const FunctionSchema* overload_for_numbers(c10::Symbol symbol, bool is_mutable, const std::vector<Value*>& inputs) {
    for (const auto& one : torch::jit::getAllOperatorsFor(symbol)) {
        const auto& schema = one->schema();
        const bool is_for_numbers = schema.overload_name().find("Scalar") != std::string::npos;
        if (is_for_numbers && schema.is_mutable() == is_mutable && takes(schema, inputs)) {
            return &schema;
        }
    }
    return nullptr;
}

std::string types_of(const std::vector<Value*>& values) {
    std::ostringstream text;
    const char* separator = "";
    for (const auto* value : values) {
        text << separator << *value->type();
        separator = ", ";
    }
    return text.str();
}

Node* node_of(Graph& graph, c10::Symbol symbol, const FunctionSchema& schema, const std::vector<Value*>& inputs) {
    auto* node = graph.insertNode(graph.create(symbol, inputs, schema.returns().size()));
    for (size_t i = 0; i < node->outputs().size(); i++) {
        node->output(i)->setType(schema.returns()[i].type());
    }
    if (node->maybeOperator() == nullptr) {
        const auto types = types_of(inputs);
        node->destroy();
        throw Unbuildable("it calls the operator " + full(schema.name(), schema.overload_name()) + " with (" + types +
                          "), which it does not take");
    }
    return node;
}

}  // namespace

Node* insert_call(Graph& graph, const std::string& name, const std::string& overload, const std::vector<NamedOperand>& operands) {
    const auto symbol = symbol_of(name);
    const auto* schema = &schema_of(symbol, name, overload);
    std::vector<Value*> inputs;
    std::vector<size_t> numbers;  // where a tensor is wanted
    size_t used = 0;
    for (const auto& argument : schema->arguments()) {
        const auto given = std::find_if(
            operands.begin(), operands.end(), [&](const auto& operand) { return operand.name == argument.name(); });
        if (given != operands.end()) {
            used++;
            inputs.push_back(insert(graph, given->operand, argument.type()));
            if (wants_tensor(argument) && is_number(inputs.back())) {
                numbers.push_back(inputs.size() - 1);
            }
        } else if (argument.default_value()) {
            inputs.push_back(graph.insertConstant(*argument.default_value()));
        } else {
            throw Unbuildable("it calls the operator " + full(name, overload) + " without its argument '" + argument.name() + "'");
        }
    }
    if (used != operands.size()) {
        throw Unbuildable("it calls the operator " + full(name, overload) + " with an argument that this LibTorch does not know");
    }
    if (!numbers.empty()) {
        const auto* for_numbers = overload_for_numbers(symbol, schema->is_mutable(), inputs);
        if (for_numbers != nullptr) {
            schema = for_numbers;
        } else {
            for (const auto i : numbers) {
                auto* tensor = graph.insertNode(graph.create(torch::jit::prim::NumToTensor, {inputs[i]}));
                inputs[i] = tensor->output()->setType(c10::TensorType::get());
            }
        }
    }
    return node_of(graph, symbol, *schema, inputs);
}

Value* insert_matched(Graph& graph, const std::string& name, const std::vector<Operand>& operands) {
    std::vector<torch::jit::NamedValue> arguments;
    for (const auto& operand : operands) {
        arguments.emplace_back(insert(graph, operand));
    }
    return graph.insert(symbol_of(name), arguments);
}

}  // namespace cresset::exported
