#include "passes/elementwise_steps.h"

#include <torch/csrc/jit/ir/constants.h>

#include <cmath>
#include <map>

#include "graph/constants.h"
#include "graph/match.h"
#include "passes/followers.h"

namespace cresset {

namespace {

using nodes::Reading;
using torch::jit::Node;
using torch::jit::Value;

bool is_tensor(const Value* value) { return value->type()->isSubtypeOf(*c10::TensorType::get()); }

bool is_none(Value* value) {
    const auto constant = torch::jit::toIValue(value);
    return constant && constant->isNone();
}

std::map<c10::Symbol, Elementwise> by_name(std::initializer_list<std::pair<const char*, Elementwise>> names) {
    std::map<c10::Symbol, Elementwise> all;
    for (const auto& [name, kind] : names) {
        all.emplace(c10::Symbol::fromQualString(std::string("aten::") + name), kind);
    }
    return all;
}

std::optional<Elementwise> found(const std::map<c10::Symbol, Elementwise>& all, const Node* node) {
    const auto one = all.find(node->kind());
    return one == all.end() ? std::nullopt : std::optional(one->second);
}

// Of two operands each, in the order of the operator's.
std::optional<Elementwise> pair_of(const Node* node) {
    static const auto all = by_name({{"mul", Elementwise::kMul}, {"div", Elementwise::kDiv}, {"true_divide", Elementwise::kDiv},
                                     {"maximum", Elementwise::kMaximum}, {"minimum", Elementwise::kMinimum}});
    return node->inputs().size() == 2 ? found(all, node) : std::nullopt;
}

std::optional<Elementwise> comparison_of(const Node* node) {
    static const auto all = by_name({{"lt", Elementwise::kLess}, {"le", Elementwise::kLessEqual}, {"gt", Elementwise::kGreater},
                                     {"ge", Elementwise::kGreaterEqual}, {"eq", Elementwise::kEqual}, {"ne", Elementwise::kUnequal}});
    return node->inputs().size() == 2 ? found(all, node) : std::nullopt;
}

std::optional<Elementwise> single_of(const Node* node) {
    static const auto all = by_name({{"neg", Elementwise::kNegative}, {"abs", Elementwise::kMagnitude}, {"exp", Elementwise::kExponential},
                                     {"log", Elementwise::kLogarithm}, {"sqrt", Elementwise::kRoot}, {"rsqrt", Elementwise::kInverseRoot},
                                     {"reciprocal", Elementwise::kInverse}, {"erf", Elementwise::kErrorFunction}});
    return node->inputs().size() == 1 ? found(all, node) : std::nullopt;
}

std::optional<Elementwise> of_masks(const Node* node) {
    static const auto all = by_name({{"logical_and", Elementwise::kAnd}, {"logical_or", Elementwise::kOr}, {"logical_not", Elementwise::kNot}});
    return found(all, node);
}

bool is(const Node* node, const char* name) { return node->kind() == c10::Symbol::fromQualString(name); }

bool is_of_tensors(const Node* node) {
    return node->outputs().size() == 1 && node->blocks().empty() && is_tensor(node->output()) && !node->inputs().empty();
}

}  // namespace

std::optional<ElementwiseSteps::Operand> ElementwiseSteps::read(Value* value, Reading reading, int64_t dimension) {
    const bool is_half = reading == Reading::kFirstHalf || reading == Reading::kSecondHalf;
    if (reading == Reading::kNumbers) {
        if (const auto found = number_of(value)) {
            return found;
        }
    }
    const auto kind = value->type()->kind();
    const bool is_number = kind == c10::TypeKind::FloatType || kind == c10::TypeKind::IntType;
    if (!is_tensor(value) && (reading != Reading::kNumbers || !is_number)) {
        return std::nullopt;
    }
    const auto before = computed_.find(value);
    if (before != computed_.end()) {
        const auto& [step, is_mask] = before->second;
        return is_half || is_mask != (reading == Reading::kMask) ? std::nullopt : std::optional(step);
    }
    for (size_t i = 0; i < leaves_.size(); i++) {
        if (leaves_[i].value == value && leaves_[i].reading == reading && leaves_[i].dimension == dimension) {
            return Operand{Operand::Kind::kLeaf, static_cast<int64_t>(i)};
        }
    }
    size_t input = 0;
    while (input < inputs_.size() && inputs_[input] != value) {
        input++;
    }
    if (input == inputs_.size()) {
        inputs_.push_back(value);
    }
    leaves_.push_back({value, static_cast<int64_t>(input), reading, dimension});
    return Operand{Operand::Kind::kLeaf, static_cast<int64_t>(leaves_.size()) - 1};
}

// The number that a value is known to be, if float32 has it.
std::optional<ElementwiseSteps::Operand> ElementwiseSteps::number_of(Value* value) {
    const auto constant = torch::jit::toIValue(value);
    if (!constant || constant->isBool()) {
        return std::nullopt;
    }
    bool is_double = false;
    if (constant->isTensor()) {
        const auto& x = constant->toTensor();
        const bool is_known = x.defined() && x.dim() == 0 && x.device().is_cpu() && x.layout() == at::kStrided &&
                              (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble || x.scalar_type() == at::kLong);
        if (!is_known) {
            return std::nullopt;
        }
        is_double = x.scalar_type() != at::kFloat;
    }
    const auto known = match::number(value);
    const bool fits = known && (std::isinf(*known) || !std::isinf(static_cast<float>(*known)));
    return fits ? std::optional(number(*known, is_double)) : std::nullopt;
}

ElementwiseSteps::Operand ElementwiseSteps::number(double value, bool is_double_tensor) {
    numbers_.push_back(value);
    doubles_.push_back(is_double_tensor);
    return {Operand::Kind::kNumber, static_cast<int64_t>(numbers_.size()) - 1};
}

ElementwiseSteps::Operand ElementwiseSteps::constant(const at::Tensor& tensor, Reading reading) {
    constants_.push_back(tensor);
    leaves_.push_back({nullptr, -static_cast<int64_t>(constants_.size()), reading, 0});
    return {Operand::Kind::kLeaf, static_cast<int64_t>(leaves_.size()) - 1};
}

std::optional<ElementwiseSteps::Operand> ElementwiseSteps::step(Elementwise kind, const Operands& operands, Activation activation) {
    Step made{kind, activation, {}};
    bool is_all_numbers = true;
    for (const auto& operand : operands) {
        if (!operand) {
            return std::nullopt;
        }
        is_all_numbers = is_all_numbers && operand->kind == Operand::Kind::kNumber;
        made.operands.push_back(*operand);
    }
    if (is_all_numbers) {
        return std::nullopt;
    }
    steps_.push_back(made);
    return Operand{Operand::Kind::kStep, static_cast<int64_t>(steps_.size()) - 1};
}

std::optional<ElementwiseSteps::Operand> ElementwiseSteps::clamped(Value* value, Value* least, Value* most) {
    auto result = read(value);
    for (const auto& [limit, kind] : {std::pair(least, Elementwise::kMaximum), std::pair(most, Elementwise::kMinimum)}) {
        if (limit == nullptr || is_none(limit)) {
            continue;
        }
        const auto known = torch::jit::toIValue(limit);
        const bool is_scalar = known && known->isScalar() && !std::isnan(match::number(limit).value_or(NAN));
        result = is_scalar ? step(kind, {result, number_of(limit)}) : std::nullopt;
    }
    return result && result->kind == Operand::Kind::kStep ? result : std::nullopt;
}

// By numbers for which LibTorch has shorter ways, too.
std::optional<ElementwiseSteps::Operand> ElementwiseSteps::power(Value* value, Value* exponent) {
    const auto known = torch::jit::toIValue(exponent);
    if (!known || !known->isScalar() || known->isBool() || known->isComplexDouble() || !is_tensor(value)) {
        return std::nullopt;
    }
    const double n = known->toScalar().toDouble();
    const auto x = read(value);
    if (n == 2) {
        return step(Elementwise::kMul, {x, x});
    }
    if (n == 3) {
        return step(Elementwise::kMul, {step(Elementwise::kMul, {x, x}), x});
    }
    if (n == -2) {
        return step(Elementwise::kInverse, {step(Elementwise::kMul, {x, x})});
    }
    if (n == 0.5) {
        return step(Elementwise::kRoot, {x});
    }
    if (n == -0.5) {
        return step(Elementwise::kInverseRoot, {x});
    }
    return n == -1 ? step(Elementwise::kInverse, {x}) : std::nullopt;
}

// Or a difference; the second operand may be multiplied by a number before.
std::optional<ElementwiseSteps::Operand> ElementwiseSteps::sum(Node* node) {
    const bool is_reversed = is(node, "aten::rsub");
    auto *taken = node->input(is_reversed ? 0 : 1), *other = node->input(is_reversed ? 1 : 0);
    const auto a = read(other);
    auto b = read(taken);
    if (!is_one(node->input(2))) {
        const auto factor = torch::jit::toIValue(node->input(2));
        const bool is_known = factor && factor->isScalar() && is_tensor(taken);
        b = is_known ? step(Elementwise::kMul, {b, number_of(node->input(2))}) : std::nullopt;
    }
    return step(is(node, "aten::add") ? Elementwise::kAdd : Elementwise::kSub, {a, b});
}

// By constants: a batch norm multiplies each channel by a number and adds another.
std::optional<ElementwiseSteps::Operand> ElementwiseSteps::normalized(Node* node) {
    const auto variance = constant_tensor(node->input(4));
    const auto norm = variance && variance->dim() == 1 ? norm_in(node, variance->size(0)) : std::nullopt;
    if (!norm) {
        return std::nullopt;
    }
    const auto x = read(node->input(0));
    return step(Elementwise::kMulAdd, {x, constant(norm->first.contiguous(), Reading::kChannels), constant(norm->second.contiguous(), Reading::kChannels)});
}

std::optional<ElementwiseSteps::Operand> ElementwiseSteps::computed(Node* node) {
    is_mask_ = false;
    if (const auto kind = pair_of(node)) {
        return step(*kind, {read(node->input(0)), read(node->input(1))});
    }
    if (const auto kind = comparison_of(node)) {
        const auto made = step(*kind, {read(node->input(0)), read(node->input(1))});
        is_mask_ = true;
        return made;
    }
    if (const auto kind = of_masks(node)) {
        const auto a = read(node->input(0), Reading::kMask);
        const auto made = node->inputs().size() == 1 ? step(*kind, {a}) : step(*kind, {a, read(node->input(1), Reading::kMask)});
        is_mask_ = true;
        return made;
    }
    if (const auto kind = single_of(node)) {
        return step(*kind, {read(node->input(0))});
    }
    if ((is(node, "aten::add") || is(node, "aten::sub") || is(node, "aten::rsub")) && node->inputs().size() == 3) {
        return sum(node);
    }
    if (is(node, "aten::pow") && node->inputs().size() == 2) {
        return power(node->input(0), node->input(1));
    }
    if (is(node, "aten::square")) {
        const auto x = read(node->input(0));
        return step(Elementwise::kMul, {x, x});
    }
    if ((is(node, "aten::clamp") || is(node, "aten::hardtanh")) && node->inputs().size() == 3 && activation_of(node) == Activation::kNone) {
        return clamped(node->input(0), node->input(1), node->input(2));
    }
    if (is(node, "aten::clamp_min") && node->inputs().size() == 2) {
        return clamped(node->input(0), node->input(1), nullptr);
    }
    if (is(node, "aten::clamp_max") && node->inputs().size() == 2) {
        return clamped(node->input(0), nullptr, node->input(1));
    }
    if (is(node, "aten::where") && node->inputs().size() == 3 && (is_tensor(node->input(1)) || is_tensor(node->input(2)))) {
        return step(Elementwise::kWhere, {read(node->input(0), Reading::kMask), read(node->input(1)), read(node->input(2))});
    }
    if (is(node, "aten::masked_fill") && node->inputs().size() == 3) {
        const auto value = torch::jit::toIValue(node->input(2));
        const bool is_known = value && value->isScalar();
        const auto x = read(node->input(0));
        return is_known ? step(Elementwise::kWhere, {read(node->input(1), Reading::kMask), number_of(node->input(2)), x}) : std::nullopt;
    }
    if (is(node, "aten::glu") && node->inputs().size() == 2) {
        const auto dimension = torch::jit::toIValue(node->input(1));
        if (!dimension || !dimension->isInt()) {
            return std::nullopt;
        }
        const auto gate = read(node->input(0), Reading::kSecondHalf, dimension->toInt());
        return step(Elementwise::kMul, {read(node->input(0), Reading::kFirstHalf, dimension->toInt()),
                                        step(Elementwise::kActivation, {gate}, Activation::kSigmoid)});
    }
    if (is(node, "aten::batch_norm")) {
        return normalized(node);
    }
    const auto activation = activation_of(node);
    return activation != Activation::kNone ? step(Elementwise::kActivation, {read(node->input(0))}, activation) : std::nullopt;
}

bool ElementwiseSteps::add(Node* node) {
    if (!is_of_tensors(node)) {
        return false;
    }
    const auto result = computed(node);
    if (!result || result->kind != Operand::Kind::kStep) {
        return false;
    }
    computed_.emplace(node->output(), std::pair(*result, is_mask_));
    const auto most = [](const auto& all, int64_t most) { return static_cast<int64_t>(all.size()) <= most; };
    return most(leaves_, nodes::kMostLeaves) && most(numbers_, nodes::kMostNumbers) && most(steps_, nodes::kMostSteps);
}

bool ElementwiseSteps::fits() const {
    std::vector<size_t> last_use(steps_.size(), 0);
    for (size_t k = 0; k < steps_.size(); k++) {
        for (const auto& operand : steps_[k].operands) {
            if (operand.kind == Operand::Kind::kStep) {
                last_use[operand.index] = k;
            }
        }
    }
    for (size_t k = 0; k < steps_.size(); k++) {
        int64_t alive = 0;
        for (size_t before = 0; before <= k; before++) {
            alive += last_use[before] > k || before == k;
        }
        if (alive > nodes::kMostRegisters) {
            return false;
        }
    }
    return true;
}

void ElementwiseSteps::write(Node* node) const {
    std::vector<int64_t> leaves, steps;
    for (const auto& leaf : leaves_) {
        leaves.insert(leaves.end(), {leaf.input, static_cast<int64_t>(leaf.reading), leaf.dimension});
    }
    const auto place = [this](const Operand& operand) {
        const size_t first = operand.kind == Operand::Kind::kLeaf     ? 0
                             : operand.kind == Operand::Kind::kNumber ? leaves_.size()
                                                                      : leaves_.size() + numbers_.size();
        return static_cast<int64_t>(first) + operand.index;
    };
    for (const auto& step : steps_) {
        steps.insert(steps.end(), {static_cast<int64_t>(step.kind), static_cast<int64_t>(step.activation)});
        for (size_t i = 0; i < 3; i++) {
            steps.push_back(i < step.operands.size() ? place(step.operands[i]) : -1);
        }
    }
    node->is_(nodes::kLeaves, leaves);
    node->is_(nodes::kSteps, steps);
    node->fs_(nodes::kNumbers, numbers_);
    node->is_(nodes::kDoubles, doubles_);
    node->ts_(nodes::kConstants, constants_);
}

}  // namespace cresset
