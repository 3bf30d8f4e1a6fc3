#include "passes/elementwise.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"
#include "passes/elementwise_steps.h"
#include "passes/followers.h"

namespace cresset {

namespace {

using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;

// A node and those before it whose values it alone looks at, in the order of the graph.
class Chain {
 public:
    // Nothing, where the node is not element-wise, or what it computes is a mask.
    static std::optional<Chain> ending_with(Node* last) {
        Chain chain;
        chain.nodes_ = {last};
        auto steps = chain.steps();
        if (!steps || steps->is_mask()) {
            return std::nullopt;
        }
        chain.grow();
        return chain;
    }

    const std::vector<Node*>& members() const { return nodes_; }

    void replace() const {
        Node* last = nodes_.back();
        const auto steps = this->steps();
        auto* made = insert_before(last, nodes::kElementwise, steps->inputs());
        made->g_(torch::jit::attr::Subgraph, subgraph(steps->inputs()));
        steps->write(made);
        made->output()->setType(last->output()->type());
        last->output()->replaceAllUsesWith(made->output());
    }

 private:
    std::optional<ElementwiseSteps> steps() const {
        ElementwiseSteps all;
        for (auto* node : nodes_) {
            if (!all.add(node)) {
                return std::nullopt;
            }
        }
        return all.fits() ? std::optional(all) : std::nullopt;
    }

    // A value's node, where it may be computed at the end of the chain as well.
    bool is_for_us_alone(const Value* value) const {
        const auto& uses = value->uses();
        return value->node()->owningBlock() == nodes_.back()->owningBlock() &&
               std::all_of(uses.begin(), uses.end(), [&](const torch::jit::Use& use) { return has(use.user); });
    }

    bool has(const Node* node) const { return std::find(nodes_.begin(), nodes_.end(), node) != nodes_.end(); }

    void grow() {
        std::set<const Node*> refused;
        for (bool grew = true; grew;) {
            grew = false;
            const auto current = steps();
            for (auto* input : current->inputs()) {
                Node* node = input->node();
                if (node->kind() == torch::jit::prim::Param || node->outputs().size() != 1 || refused.count(node) > 0 || !is_for_us_alone(input)) {
                    continue;
                }
                const auto before = nodes_;
                nodes_.push_back(node);
                std::sort(nodes_.begin(), nodes_.end(), [](const Node* a, const Node* b) { return a != b && a->isBefore(b); });
                if (steps()) {
                    grew = true;
                    break;
                }
                nodes_ = before;
                refused.insert(node);
            }
        }
    }

    std::shared_ptr<Graph> subgraph(const std::vector<Value*>& inputs) const {
        auto inner = std::make_shared<Graph>();
        std::unordered_map<Value*, Value*> of_inner;
        for (auto* input : inputs) {
            of_inner[input] = inner->addInput()->setType(input->type());
        }
        const auto copied = [&](Node* node) {
            auto* copy = inner->insertNode(inner->createClone(node, [&](Value* value) { return of_inner.at(value); }));
            of_inner[node->output()] = copy->output();
        };
        for (auto* node : nodes_) {
            for (auto* operand : node->inputs()) {
                if (of_inner.count(operand) == 0) {
                    copied(operand->node());  // a constant
                }
            }
            copied(node);
        }
        inner->registerOutput(of_inner.at(nodes_.back()->output()));
        return inner;
    }

    std::vector<Node*> nodes_;
};

}  // namespace

void replace_elementwise(Graph& graph) {
    if (any_node(graph.block(), writes_in_place)) {
        return;
    }
    std::vector<Node*> all;
    for_each_node(graph.block(), [&](Node* node) { all.push_back(node); });
    // From the last on: a chain is found by its end.
    std::set<const Node*> taken;
    for (auto node = all.rbegin(); node != all.rend(); ++node) {
        const auto chain = taken.count(*node) > 0 ? std::nullopt : Chain::ending_with(*node);
        if (chain) {
            taken.insert(chain->members().begin(), chain->members().end());
            chain->replace();
        }
    }
    torch::jit::EliminateDeadCode(graph.block());
}

void replace_softmax(Graph& graph) {
    static const auto softmax = c10::Symbol::fromQualString("aten::softmax");
    for_each_node(graph.block(), [](Node* node) {
        if (node->kind() != softmax || node->inputs().size() != 3) {
            return;
        }
        const auto dimension = torch::jit::toIValue(node->input(1)), type = torch::jit::toIValue(node->input(2));
        if (!dimension || !dimension->isInt() || !type || !type->isNone()) {
            return;
        }
        auto* made = insert_before(node, nodes::kSoftmax, {node->input(0)});
        made->i_(nodes::kDimension, dimension->toInt());
        node->output()->replaceAllUsesWith(made->output());
    });
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
