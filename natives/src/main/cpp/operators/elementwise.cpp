#include "operators/elementwise.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_strided.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "operators/broadcast.h"
#include "operators/by_dispatch.h"
#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

using nodes::Reading;

constexpr int64_t kBlock = 256;  // numbers; what a chain has in the works is then in the first cache
static_assert(nodes::kMostLeaves + nodes::kMostSteps <= kMostViews);

struct Leaf {
    int64_t input;  // or -1
    Reading reading;
    int64_t dimension;
    at::Tensor constant;
    bool is_alone;  // no other leaf reads the input
};

struct Step {
    Elementwise kind;
    Activation activation;
    int64_t operands[3];  // -1 for none
    uint64_t leaves;      // that it goes back to
};

int64_t work_of(const Step& step) {
    switch (step.kind) {
        case Elementwise::kExponential:
        case Elementwise::kLogarithm:
        case Elementwise::kErrorFunction:
        case Elementwise::kActivation:
            return 16;
        case Elementwise::kDiv:
        case Elementwise::kRoot:
        case Elementwise::kInverseRoot:
        case Elementwise::kInverse:
            return 4;
        default:
            return 1;
    }
}

// Used by any number of threads.
class Chain {
 public:
    explicit Chain(const torch::jit::Node* node) : by_dispatch_(*node->g(torch::jit::attr::Subgraph)), inputs_(node->inputs().size()) {
        const auto& leaves = node->is(nodes::kLeaves);
        const auto& constants = node->ts(nodes::kConstants);
        for (size_t i = 0; i < leaves.size(); i += 3) {
            const bool is_constant = leaves[i] < 0;
            leaves_.push_back({is_constant ? -1 : leaves[i], static_cast<Reading>(leaves[i + 1]), leaves[i + 2],
                               is_constant ? constants[-1 - leaves[i]] : at::Tensor(), true});
        }
        for (auto& leaf : leaves_) {
            leaf.is_alone = std::count_if(leaves_.begin(), leaves_.end(), [&](const Leaf& other) { return other.input == leaf.input; }) == 1;
        }
        for (const double number : node->fs(nodes::kNumbers)) {
            numbers_.push_back(static_cast<float>(number));
        }
        const auto& doubles = node->is(nodes::kDoubles);
        are_doubles_.assign(doubles.begin(), doubles.end());
        has_doubles_ = std::find(doubles.begin(), doubles.end(), 1) != doubles.end();
        const auto& steps = node->is(nodes::kSteps);
        for (size_t i = 0; i < steps.size(); i += 5) {
            Step step{static_cast<Elementwise>(steps[i]), static_cast<Activation>(steps[i + 1]), {steps[i + 2], steps[i + 3], steps[i + 4]}, 0};
            for (const int64_t operand : step.operands) {
                step.leaves |= operand < 0 ? 0 : is_leaf(operand) ? uint64_t{1} << operand : is_step(operand) ? step_of(operand).leaves : 0;
            }
            work_ += work_of(step);
            steps_.push_back(step);
        }
        allocate();
    }

    void operator()(torch::jit::Stack& stack) const {
        if (!computed(stack)) {
            by_dispatch_(stack);
        }
    }

 private:
    int64_t first_number() const { return static_cast<int64_t>(leaves_.size()); }
    int64_t first_step() const { return first_number() + static_cast<int64_t>(numbers_.size()); }
    bool is_leaf(int64_t operand) const { return operand >= 0 && operand < first_number(); }
    bool is_step(int64_t operand) const { return operand >= first_step(); }
    const Step& step_of(int64_t operand) const { return steps_[operand - first_step()]; }

    // Says where each step leaves its block: where one is that nobody needs any more, if there is one.
    void allocate() {
        std::vector<size_t> last_use(steps_.size(), 0);
        for (size_t k = 0; k < steps_.size(); k++) {
            for (const int64_t operand : steps_[k].operands) {
                if (is_step(operand)) {
                    last_use[operand - first_step()] = k;
                }
            }
        }
        std::vector<int16_t> free, of_step;
        for (size_t k = 0; k < steps_.size(); k++) {
            ElementwiseStep placed{steps_[k].kind, 0, {0, 0, 0}, steps_[k].activation};
            for (int i = 0; i < 3; i++) {
                const int64_t operand = steps_[k].operands[i];
                placed.operands[i] = static_cast<int16_t>(std::max<int64_t>(is_step(operand) ? of_step[operand - first_step()] : operand, 0));
            }
            for (size_t before = 0; before < k; before++) {
                if (last_use[before] == k) {
                    free.push_back(of_step[before]);
                }
            }
            if (free.empty()) {
                free.push_back(static_cast<int16_t>(first_step() + registers_++));
            }
            placed.out = free.back();
            free.pop_back();
            of_step.push_back(placed.out);
            placed_.push_back(placed);
        }
        TORCH_INTERNAL_ASSERT(registers_ <= nodes::kMostRegisters + 2);
        placed_.back().out = static_cast<int16_t>(first_step() + registers_);
    }

    // What a call was given.
    struct Given {
        std::array<View, nodes::kMostLeaves + nodes::kMostSteps> views;  // of leaves, then of steps of fewer numbers than the result
        std::array<float, nodes::kMostLeaves> numbers;                    // leaves that are one number
        uint64_t dimensioned = 0;                                         // leaves that are tensors with dimensions
        uint64_t of_another_type = 0;                                     // numbers that are not float32
    };

    bool computed(torch::jit::Stack& stack) const {
        if (kernels() == nullptr) {
            return false;
        }
        Given given;
        const auto* inputs = stack.data() + (stack.size() - inputs_);
        const Shape* common = nullptr;
        bool is_plain = true;
        for (size_t i = 0; i < leaves_.size(); i++) {
            if (!read(leaves_[i], inputs, given, i)) {
                return false;
            }
            if ((given.dimensioned >> i & 1) != 0) {
                const View& view = given.views[i];
                is_plain = is_plain && view.is_contiguous && leaves_[i].reading != Reading::kChannels && (common == nullptr || *common == view.shape);
                common = &view.shape;
            }
        }
        if (common == nullptr || ((given.of_another_type != 0 || has_doubles_) && !has_partners(given))) {
            return false;
        }
        for (const auto& step : steps_) {
            is_plain = is_plain && (step.leaves & given.dimensioned) != 0;
        }
        at::Tensor out;
        if (is_plain) {
            if (common->numel() == 0) {
                return false;
            }
            out = run_plain(given, *common, stack);
        } else if (!run(given, out)) {
            return false;
        }
        torch::jit::drop(stack, inputs_);
        stack.emplace_back(std::move(out));
        return true;
    }

    static bool read(const Leaf& leaf, const c10::IValue* inputs, Given& given, size_t i) {
        if (leaf.input >= 0 && !inputs[leaf.input].isTensor()) {
            const auto& value = inputs[leaf.input];
            if (value.isDouble()) {
                given.numbers[i] = static_cast<float>(value.toDouble());
                return !std::isinf(given.numbers[i]) || std::isinf(value.toDouble());
            }
            given.numbers[i] = value.isInt() ? static_cast<float>(value.toInt()) : 0;
            return value.isInt();
        }
        const at::Tensor& x = leaf.input >= 0 ? inputs[leaf.input].toTensor() : leaf.constant;
        if (!x.defined() || !is_materialized(x) || x.dim() > kMostDimensions) {
            return false;
        }
        const bool is_mask = leaf.reading == Reading::kMask;
        const auto type = x.scalar_type();
        if (x.dim() == 0 && !is_mask) {
            if (type == at::kFloat) {
                given.numbers[i] = *x.const_data_ptr<float>();
            } else if (type == at::kDouble) {
                given.numbers[i] = static_cast<float>(*x.const_data_ptr<double>());
            } else if (type == at::kLong) {
                given.numbers[i] = static_cast<float>(*x.const_data_ptr<int64_t>());
            } else {
                return false;
            }
            given.of_another_type |= type == at::kFloat ? 0 : uint64_t{1} << i;
            return leaf.reading == Reading::kNumbers;
        }
        if (type != (is_mask ? at::kBool : at::kFloat)) {
            return false;
        }
        View& view = given.views[i];
        view.data = static_cast<const char*>(x.const_data_ptr());
        view.is_bool = is_mask;
        view.is_contiguous = x.is_contiguous();
        view.shape = Shape(x.sizes());
        std::copy(x.strides().begin(), x.strides().end(), view.strides.begin());
        if (leaf.reading == Reading::kFirstHalf || leaf.reading == Reading::kSecondHalf) {
            const int64_t dimension = leaf.dimension < 0 ? leaf.dimension + x.dim() : leaf.dimension;
            if (dimension < 0 || dimension >= x.dim() || x.size(dimension) % 2 != 0) {
                return false;
            }
            const int64_t half = x.size(dimension) / 2;
            view.shape.sizes[dimension] = half;
            view.is_contiguous = view.is_contiguous && half * x.stride(dimension) * 2 == x.numel();
            view.data += leaf.reading == Reading::kSecondHalf ? half * x.stride(dimension) * static_cast<int64_t>(sizeof(float)) : 0;
        }
        given.dimensioned |= uint64_t{1} << i;
        return true;
    }

    // Whether every number of another type meets float32 numbers with dimensions, whose type is then the result's.
    bool has_partners(const Given& given) const {
        const auto has_dimensions = [&](int64_t operand) {
            const uint64_t leaves = is_leaf(operand) ? uint64_t{1} << operand : is_step(operand) ? step_of(operand).leaves : 0;
            return (leaves & given.dimensioned) != 0;
        };
        return std::all_of(steps_.begin(), steps_.end(), [&](const Step& step) {
            bool is_other = false, has_partner = false;
            for (int i = step.kind == Elementwise::kWhere ? 1 : 0; i < 3; i++) {
                const int64_t operand = step.operands[i];
                const bool is_number = operand >= first_number() && !is_step(operand);
                is_other = is_other || (is_leaf(operand) && (given.of_another_type >> operand & 1) != 0) ||
                           (is_number && are_doubles_[operand - first_number()] != 0);
                has_partner = has_partner || has_dimensions(operand);
            }
            return !is_other || has_partner;
        });
    }

    static constexpr size_t kMostSlots = nodes::kMostLeaves + nodes::kMostNumbers + nodes::kMostRegisters + 3 + nodes::kMostSteps;
    using Slots = std::array<ElementwiseSlot, kMostSlots>;

    // Slots of single numbers.
    void place_numbers(const Given& given, Slots& slots) const {
        for (size_t i = 0; i < leaves_.size(); i++) {
            slots[i] = {const_cast<float*>(given.numbers.data()) + i, true};
        }
        for (size_t i = 0; i < numbers_.size(); i++) {
            slots[leaves_.size() + i] = {const_cast<float*>(numbers_.data()) + i, true};
        }
    }

    // Where all tensors have one shape and lie in its order.
    at::Tensor run_plain(const Given& given, const Shape& shape, torch::jit::Stack& stack) const {
        const int64_t numel = shape.numel();
        at::Tensor out;
        auto* inputs = stack.data() + (stack.size() - inputs_);
        for (size_t i = 0; i < leaves_.size() && !out.defined(); i++) {
            const Leaf& leaf = leaves_[i];
            const bool may_be_written = leaf.input >= 0 && leaf.reading == Reading::kNumbers && leaf.is_alone && (given.dimensioned >> i & 1) != 0;
            if (may_be_written && is_exclusive(inputs[leaf.input].toTensor())) {
                out = std::move(inputs[leaf.input]).toTensor();
            }
        }
        if (!out.defined()) {
            out = at::detail::empty_cpu(shape.asArray(), at::kFloat, false, at::MemoryFormat::Contiguous);
        }
        float* to = out.mutable_data_ptr<float>();
        in_parallel(numel, work_, [&](int64_t first, int64_t last) {
            alignas(64) float buffers[nodes::kMostLeaves + nodes::kMostRegisters + 2][kBlock];
            Slots slots;
            place_numbers(given, slots);
            for (int64_t r = 0; r < registers_; r++) {
                slots[first_step() + r] = {buffers[nodes::kMostLeaves + r], false};
            }
            for (int64_t start = first; start < last; start += kBlock) {
                const int64_t size = std::min(kBlock, last - start);
                for (size_t i = 0; i < leaves_.size(); i++) {
                    if ((given.dimensioned >> i & 1) == 0) {
                        continue;
                    }
                    const View& view = given.views[i];
                    if (view.is_bool) {
                        auto* masks = reinterpret_cast<int32_t*>(buffers[i]);
                        for (int64_t j = 0; j < size; j++) {
                            masks[j] = -static_cast<int32_t>(reinterpret_cast<const bool*>(view.data)[start + j]);
                        }
                        slots[i] = {buffers[i], false};
                    } else {
                        slots[i] = {reinterpret_cast<float*>(const_cast<char*>(view.data)) + start, false};
                    }
                }
                slots[first_step() + registers_] = {to + start, false};
                kernels()->elementwise(placed_.data(), static_cast<int64_t>(placed_.size()), slots.data(), size);
            }
        });
        return out;
    }

    // Any shapes that broadcast. A step of fewer numbers than the result is computed first, into memory of its own.
    bool run(Given& given, at::Tensor& out) const {
        std::array<Shape, nodes::kMostSteps> shapes;
        for (size_t k = 0; k < steps_.size(); k++) {
            if (!shape_of(k, shapes.data(), given)) {
                return false;
            }
        }
        const Shape& shape = shapes[steps_.size() - 1];
        if (shape.numel() == 0) {
            return false;
        }
        // By operand: which view it is, or -1.
        std::array<int64_t, nodes::kMostLeaves + nodes::kMostNumbers + nodes::kMostSteps> views;
        views.fill(-1);
        int64_t count = first_number();
        for (int64_t i = 0; i < count; i++) {
            views[i] = (given.dimensioned >> i & 1) != 0 ? i : -1;
        }
        std::array<at::Tensor, nodes::kMostSteps> kept;
        std::vector<ElementwiseStep> rest;
        std::vector<size_t> of_rest;
        for (size_t k = 0; k < steps_.size(); k++) {
            ElementwiseStep step = placed_[k];
            for (int i = 0; i < 3; i++) {
                const int64_t operand = steps_[k].operands[i];
                if (is_step(operand) && views[operand] >= 0) {
                    step.operands[i] = static_cast<int16_t>(extra_slot(views[operand]));
                }
            }
            if (shapes[k] == shape) {
                rest.push_back(step);
                of_rest.push_back(k);
                continue;
            }
            kept[k] = evaluate(given, views, {k}, &step, 1, shapes[k]);
            View& view = given.views[count];
            view.data = static_cast<const char*>(kept[k].const_data_ptr());
            view.is_bool = false;
            view.is_contiguous = kept[k].is_contiguous();
            view.shape = shapes[k];
            std::copy(kept[k].strides().begin(), kept[k].strides().end(), view.strides.begin());
            views[first_step() + k] = count++;
        }
        out = evaluate(given, views, of_rest, rest.data(), static_cast<int64_t>(rest.size()), shape);
        return true;
    }

    int64_t extra_slot(int64_t view) const { return first_step() + registers_ + 1 + view - first_number(); }

    bool shape_of(size_t k, Shape* shapes, Given& given) const {
        Shape& shape = shapes[k];
        for (int i = 0; i < 3; i++) {
            const int64_t operand = steps_[k].operands[i];
            if (is_step(operand)) {
                if (!shape.broadcast(shapes[operand - first_step()])) {
                    return false;
                }
            } else if (is_leaf(operand) && (given.dimensioned >> operand & 1) != 0) {
                View& view = given.views[operand];
                if (leaves_[operand].reading == Reading::kChannels) {
                    // Of the second dimension of what came before.
                    const int64_t channels = leaves_[operand].constant.size(0);
                    if (shape.rank < 2 || shape.sizes[1] != channels) {
                        return false;
                    }
                    view.shape.rank = shape.rank - 1;
                    view.shape.sizes.fill(1);
                    view.shape.sizes[0] = channels;
                    view.strides.fill(1);
                    view.is_contiguous = true;
                }
                if (!shape.broadcast(view.shape)) {
                    return false;
                }
            }
        }
        return true;
    }

    template <typename Views>
    at::Tensor evaluate(const Given& given, const Views& views, const std::vector<size_t>& which, ElementwiseStep* steps, int64_t count,
                        const Shape& shape) const {
        // What these steps read.
        std::array<View, nodes::kMostLeaves + nodes::kMostSteps> read;
        std::array<int64_t, nodes::kMostLeaves + nodes::kMostSteps> slot_of;
        int64_t reads = 0, work = 0;
        uint64_t seen = 0;
        for (const size_t k : which) {
            work += work_of(steps_[k]);
            for (const int64_t operand : steps_[k].operands) {
                const int64_t view = operand < 0 ? -1 : views[operand];
                if (view >= 0 && (seen >> view & 1) == 0) {
                    seen |= uint64_t{1} << view;
                    slot_of[reads] = is_leaf(operand) ? operand : extra_slot(view);
                    read[reads++] = given.views[view];
                }
            }
        }
        const Walk walk(shape, read.data(), reads);
        const at::Tensor out =
            walk.is_in_order()
                ? at::detail::empty_cpu(shape.asArray(), at::kFloat, false, at::MemoryFormat::Contiguous)
                : at::detail::empty_strided_cpu(shape.asArray(), {walk.out_strides(), static_cast<size_t>(shape.rank)}, at::kFloat, false);
        float* to = out.mutable_data_ptr<float>();
        const int16_t out_slot = static_cast<int16_t>(first_step() + registers_);
        steps[count - 1].out = out_slot;
        in_parallel(shape.numel(), work, [&](int64_t first, int64_t last) {
            alignas(64) float buffers[nodes::kMostLeaves + nodes::kMostSteps + nodes::kMostRegisters + 2][kBlock];
            Slots slots;
            place_numbers(given, slots);
            for (int64_t r = 0; r < registers_; r++) {
                slots[first_step() + r] = {buffers[r], false};
            }
            for (int64_t start = first; start < last; start += kBlock) {
                const int64_t size = std::min(kBlock, last - start);
                for (int64_t v = 0; v < reads; v++) {
                    ElementwiseSlot& slot = slots[slot_of[v]];
                    float* numbers = reinterpret_cast<float*>(const_cast<char*>(read[v].data));
                    if (!read[v].is_bool && walk.is_one_number(v)) {
                        slot = {numbers, true};
                    } else if (!read[v].is_bool && walk.is_flat(v)) {
                        slot = {numbers + start, false};
                    } else if (walk.is_one_number(v)) {
                        const int32_t mask = -static_cast<int32_t>(*read[v].data != 0);
                        std::memcpy(buffers[registers_ + v], &mask, sizeof(mask));
                        slot = {buffers[registers_ + v], true};
                    } else {
                        slot = {walk.read(read[v], v, start, size, buffers[registers_ + v]), false};
                    }
                }
                slots[out_slot] = {to + start, false};
                kernels()->elementwise(steps, count, slots.data(), size);
            }
        });
        return out;
    }

    template <typename Work>
    static void in_parallel(int64_t size, int64_t work_of_each, const Work& work) {
        const int64_t grain = grain_size(work_of_each);
        if (size <= grain) {
            work(int64_t{0}, size);
        } else {
            at::parallel_for(0, size, grain, work);
        }
    }

    ByDispatch by_dispatch_;
    size_t inputs_;
    std::vector<Leaf> leaves_;
    std::vector<float> numbers_;
    std::vector<int64_t> are_doubles_;
    bool has_doubles_ = false;
    std::vector<Step> steps_;
    std::vector<ElementwiseStep> placed_;
    int64_t registers_ = 0, work_ = 0;
};

torch::jit::Operation chain_operation(const torch::jit::Node* node) {
    const auto chain = std::make_shared<const Chain>(node);
    return [chain](torch::jit::Stack& stack) { (*chain)(stack); };
}

}  // namespace

void register_elementwise() {
    static torch::jit::RegisterOperators registered(
        {torch::jit::Operator(nodes::kElementwise, torch::jit::OperationCreator(chain_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
