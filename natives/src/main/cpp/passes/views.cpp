#include "passes/views.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "graph/insert.h"
#include "graph/walk.h"
#include "operators/nodes.h"
#include "operators/views.h"
#include "passes/followers.h"

namespace cresset {

namespace {

using nodes::ViewNumber;
using nodes::ViewStep;
using torch::jit::Node;
using torch::jit::Value;

// A number of a step: a known one, or a value that is one, a list of them or a tensor whose sizes they are.
struct Number {
    int64_t known;
    Value* value;  // or null
};

// A view as a step.
struct Step {
    Value* viewed;
    ViewStep kind;
    std::vector<Number> numbers;
    Node* node;  // LibTorch's
};

bool add_integer(Value* value, std::vector<Number>& to, std::optional<int64_t> where_none = std::nullopt) {
    if (const auto constant = torch::jit::toIValue(value)) {
        if (constant->isInt()) {
            to.push_back({constant->toInt(), nullptr});
            return true;
        }
        if (constant->isNone() && where_none) {
            to.push_back({*where_none, nullptr});
            return true;
        }
        return false;
    }
    if (!value->type()->isSubtypeOf(*c10::IntType::get())) {
        return false;
    }
    to.push_back({0, value});
    return true;
}

bool add_integers(Value* value, std::vector<Number>& to) {
    if (value->node()->kind() == torch::jit::prim::ListConstruct) {
        const auto elements = value->node()->inputs();
        return std::all_of(elements.begin(), elements.end(), [&](Value* element) { return add_integer(element, to); });
    }
    if (const auto constant = torch::jit::toIValue(value)) {
        if (!constant->isIntList()) {
            return false;
        }
        for (const int64_t number : constant->toIntVector()) {
            to.push_back({number, nullptr});
        }
        return true;
    }
    if (!value->type()->isSubtypeOf(*c10::ListType::ofInts())) {
        return false;
    }
    to.push_back({0, value});
    return true;
}

bool is_kind(const Node* node, const char* name) { return node->kind() == c10::Symbol::fromQualString(name); }

// What a list of parts is unpacked to.
std::optional<Step> part_in(Value* value) {
    Node* unpacked = value->node();
    Node* node = unpacked->input()->node();
    Step step{nullptr, ViewStep::kUnbind, {}, unpacked};
    const auto parts = static_cast<int64_t>(unpacked->outputs().size());
    const auto index = static_cast<int64_t>(value->offset());
    const auto part = [&](ViewStep kind, Value* dimension, Value* given) {
        step.viewed = node->input(0);
        step.kind = kind;
        if (!add_integer(dimension, step.numbers)) {
            return false;
        }
        step.numbers.push_back({parts, nullptr});
        step.numbers.push_back({index, nullptr});
        return given == nullptr || add_integer(given, step.numbers);
    };
    bool found = false;
    if (is_kind(node, "aten::unbind") && node->inputs().size() == 2) {
        found = part(ViewStep::kUnbind, node->input(1), nullptr);
    } else if (is_kind(node, "aten::chunk") && node->inputs().size() == 3) {
        found = part(ViewStep::kChunk, node->input(2), node->input(1));
    } else if (is_kind(node, "aten::split") && node->inputs().size() == 3) {
        found = part(ViewStep::kSplit, node->input(2), node->input(1));
    }
    return found ? std::optional(step) : std::nullopt;
}

// What a value is a view of, and by which step; nothing where it is no view, or one of another kind.
std::optional<Step> step_in(Value* value) {
    Node* node = value->node();
    if (node->kind() == torch::jit::prim::ListUnpack) {
        return part_in(value);
    }
    if (node->inputs().empty() || node->outputs().size() != 1 || !value->type()->isSubtypeOf(*c10::TensorType::get())) {
        return std::nullopt;
    }
    Step step{node->input(0), ViewStep::kReshape, {}, node};
    auto& numbers = step.numbers;
    const size_t inputs = node->inputs().size();
    const auto integers = [&](ViewStep kind, size_t from, size_t count) {
        step.kind = kind;
        if (inputs != count) {
            return false;
        }
        for (size_t i = from; i < count; i++) {
            if (!add_integer(node->input(i), numbers)) {
                return false;
            }
        }
        return true;
    };
    bool found = false;
    if (is_kind(node, "aten::reshape") || is_kind(node, "aten::view")) {
        step.kind = is_kind(node, "aten::view") ? ViewStep::kView : ViewStep::kReshape;
        found = inputs == 2 && add_integers(node->input(1), numbers);
    } else if (is_kind(node, "aten::flatten")) {
        found = integers(ViewStep::kFlatten, 1, 3);
    } else if (is_kind(node, "aten::unflatten")) {
        step.kind = ViewStep::kUnflatten;
        found = inputs == 3 && add_integer(node->input(1), numbers) && add_integers(node->input(2), numbers);
    } else if (is_kind(node, "aten::transpose")) {
        found = integers(ViewStep::kTranspose, 1, 3);
    } else if (is_kind(node, "aten::permute")) {
        step.kind = ViewStep::kPermute;
        found = inputs == 2 && add_integers(node->input(1), numbers);
    } else if (is_kind(node, "aten::unsqueeze")) {
        found = integers(ViewStep::kUnsqueeze, 1, 2);
    } else if (is_kind(node, "aten::squeeze")) {
        found = integers(ViewStep::kSqueeze, 1, 2);
    } else if (is_kind(node, "aten::select")) {
        found = integers(ViewStep::kSelect, 1, 3);
    } else if (is_kind(node, "aten::slice")) {
        step.kind = ViewStep::kSlice;
        found = inputs == 5 && add_integer(node->input(1), numbers) && add_integer(node->input(2), numbers, 0) &&
                add_integer(node->input(3), numbers, std::numeric_limits<int64_t>::max()) && add_integer(node->input(4), numbers);
    } else if (is_kind(node, "aten::expand_as") || is_kind(node, "aten::reshape_as") || is_kind(node, "aten::view_as")) {
        step.kind = is_kind(node, "aten::expand_as") ? ViewStep::kExpand : is_kind(node, "aten::view_as") ? ViewStep::kView : ViewStep::kReshape;
        found = inputs == 2;
        numbers.push_back({0, node->input(1)});
    } else if (is_kind(node, "aten::expand")) {
        step.kind = ViewStep::kExpand;
        found = inputs == 3 && add_integers(node->input(1), numbers);
    }
    return found ? std::optional(step) : std::nullopt;
}

bool may_copy(ViewStep kind) { return kind == ViewStep::kReshape || kind == ViewStep::kFlatten; }

bool is_size(const Node* node) {
    static const auto size = c10::Symbol::fromQualString("aten::size");
    return node->kind() == size && node->inputs().size() == 2;
}

// How many look at what a value's node makes, besides those that ask for a size.
int64_t readers_of(const Value* value) {
    int64_t readers = 0;
    for (const auto* output : value->node()->outputs()) {
        for (const auto& use : output->uses()) {
            readers += is_size(use.user) ? 0 : 1;
        }
    }
    return readers;
}

// The steps to a value, from what is no view.
class Chain {
 public:
    explicit Chain(Value* last) : block_(last->node()->owningBlock()) {
        bool is_shared = false;
        for (Value* value = last;; value = viewed_) {
            const auto step = step_in(value);
            if (!step) {
                break;
            }
            is_shared = is_shared || (value != last && readers_of(value) > 1);
            // What is copied is copied once.
            if (may_copy(step->kind) && value != last && (is_shared || step->node->owningBlock() != block_)) {
                break;
            }
            viewed_ = step->viewed;
            steps_.push_back(*step);
        }
        std::reverse(steps_.begin(), steps_.end());
    }

    bool empty() const { return steps_.empty(); }

    Node* write(Node* before, c10::Symbol kind) const {
        auto* made = insert_before(before, kind, {viewed_});
        made->setSourceRange(before->sourceRange());
        std::unordered_map<Value*, int64_t> places;
        std::vector<int64_t> words;
        for (const auto& step : steps_) {
            words.push_back(static_cast<int64_t>(step.kind));
            words.push_back(static_cast<int64_t>(step.numbers.size()));
            for (const auto& number : step.numbers) {
                if (number.value == nullptr) {
                    words.insert(words.end(), {static_cast<int64_t>(ViewNumber::kKnown), number.known});
                    continue;
                }
                const auto [place, is_new] = places.emplace(number.value, static_cast<int64_t>(made->inputs().size()));
                if (is_new) {
                    made->addInput(number.value);
                }
                words.insert(words.end(), {static_cast<int64_t>(kind_of(number.value)), place->second});
            }
        }
        made->is_(nodes::kSteps, std::move(words));
        return made;
    }

 private:
    static ViewNumber kind_of(const Value* value) {
        return value->type()->isSubtypeOf(*c10::TensorType::get())       ? ViewNumber::kSizes
               : value->type()->isSubtypeOf(*c10::ListType::ofInts()) ? ViewNumber::kInputs
                                                                      : ViewNumber::kInput;
    }

    torch::jit::Block* block_;
    Value* viewed_ = nullptr;
    std::vector<Step> steps_;
};

void replace_size(Node* node) {
    const auto dimension = torch::jit::toIValue(node->input(1));
    const Chain chain(node->input(0));
    if (chain.empty() || !dimension || !dimension->isInt()) {
        return;
    }
    auto* made = chain.write(node, nodes::kViewSize);
    made->i_(nodes::kDimension, dimension->toInt());
    made->output()->setType(c10::IntType::get());
    node->output()->replaceAllUsesWith(made->output());
}

}  // namespace

void replace_views(torch::jit::Graph& graph) {
    // A copy and a view differ for those that write.
    if (any_node(graph.block(), writes_in_place)) {
        return;
    }
    std::vector<Node*> all;
    for_each_node(graph.block(), [&](Node* node) { all.push_back(node); });
    // From the last on: what only a chain looked at is gone when its nodes' turn comes.
    std::reverse(all.begin(), all.end());
    for (auto* node : all) {
        if (is_size(node)) {
            replace_size(node);
            continue;
        }
        for (auto* output : node->outputs()) {
            const Chain chain(output);
            if (output->uses().empty() || chain.empty()) {
                continue;
            }
            auto* made = chain.write(node, nodes::kViews);
            made->output()->setType(output->type());
            output->replaceAllUsesWith(made->output());
        }
    }
    torch::jit::EliminateDeadCode(graph.block());
}

}  // namespace cresset
