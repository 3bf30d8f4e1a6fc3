#include "passes/sizes.h"

#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "graph/walk.h"
#include "operators/nodes.h"

namespace cresset {

namespace {

using torch::jit::Node;
using torch::jit::Value;

// Of single numbers a single number, the same each time.
bool is_arithmetic(const Node* node) {
    static const std::set<c10::Symbol> known = [] {
        std::set<c10::Symbol> all;
        for (const char* name : {"add", "sub", "rsub", "mul", "div", "floor_divide", "remainder", "ceil", "floor", "round", "trunc",
                                 "neg", "abs", "sqrt", "clamp", "clamp_min", "clamp_max", "minimum", "maximum", "Int"}) {
            all.insert(c10::Symbol::fromQualString(std::string("aten::") + name));
        }
        return all;
    }();
    return known.count(node->kind()) > 0 && node->outputs().size() == 1;
}

// What an integer is computed from.
class Arithmetic {
 public:
    // Whether all of it goes back to integers and constants, by tensors of single numbers.
    bool gather(Node* node) {
        if (seen_.count(node) > 0) {
            return true;
        }
        if (node->kind() == torch::jit::prim::Constant) {
            seen_.insert(node);
            nodes_.push_back(node);
            return true;
        }
        if (node->kind() == torch::jit::prim::NumToTensor) {
            if (!node->input()->type()->isSubtypeOf(*c10::IntType::get())) {
                return false;
            }
            seen_.insert(node);
            nodes_.push_back(node);
            integers_.push_back(node->input());
            return true;
        }
        if (!is_arithmetic(node)) {
            return false;
        }
        for (auto* input : node->inputs()) {
            const bool is_number = input->type()->isSubtypeOf(*c10::IntType::get()) && !is_constant(input) && !is_of_tensor(input);
            if (is_number) {
                integers_.push_back(input);
            } else if (!gather(input->node())) {
                return false;
            }
        }
        seen_.insert(node);
        nodes_.push_back(node);
        return true;
    }

    // Whether it is worth it: there is more than a number turned into a tensor and back.
    bool is_long() const { return nodes_.size() > 2 && !integers_.empty(); }

    void replace(Node* last) const {
        auto inner = std::make_shared<torch::jit::Graph>();
        std::unordered_map<Value*, Value*> of_inner;
        std::vector<Value*> inputs;
        for (auto* integer : integers_) {
            if (of_inner.count(integer) == 0) {
                auto* input = inner->addInput();
                input->setType(c10::IntType::get());
                of_inner[integer] = input;
                inputs.push_back(integer);
            }
        }
        for (auto* node : nodes_) {
            auto* copy = inner->insertNode(inner->createClone(node, [&](Value* value) { return of_inner.at(value); }));
            of_inner[node->output()] = copy->output();
        }
        inner->registerOutput(of_inner.at(last->output()));
        auto* graph = last->owningGraph();
        auto* made = graph->create(nodes::kRemembered, inputs, 1);
        made->g_(torch::jit::attr::Subgraph, inner);
        made->output()->setType(c10::IntType::get());
        made->insertBefore(last);
        last->output()->replaceAllUsesWith(made->output());
    }

 private:
    static bool is_constant(const Value* value) { return value->node()->kind() == torch::jit::prim::Constant; }

    static bool is_of_tensor(const Value* value) {
        static const auto integer = c10::Symbol::fromQualString("aten::Int");
        return value->node()->kind() == integer;
    }

    std::set<Node*> seen_;
    std::vector<Node*> nodes_;  // each after those that it needs
    std::vector<Value*> integers_;
};

}  // namespace

void remember_sizes(torch::jit::Graph& graph) {
    static const auto integer = c10::Symbol::fromQualString("aten::Int");
    for_each_node(graph.block(), [](Node* node) {
        if (node->kind() != integer || !node->input(0)->type()->isSubtypeOf(*c10::TensorType::get())) {
            return;
        }
        Arithmetic arithmetic;
        if (arithmetic.gather(node) && arithmetic.is_long()) {
            arithmetic.replace(node);
        }
    });
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
