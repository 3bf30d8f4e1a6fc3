#include "operators/views.h"

#include <ATen/ExpandUtils.h>
#include <ATen/TensorUtils.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/chunk.h>
#include <ATen/ops/flatten.h>
#include <ATen/ops/permute.h>
#include <ATen/ops/reshape.h>
#include <ATen/ops/select.h>
#include <ATen/ops/slice.h>
#include <ATen/ops/split.h>
#include <ATen/ops/squeeze.h>
#include <ATen/ops/transpose.h>
#include <ATen/ops/unbind.h>
#include <ATen/ops/unflatten.h>
#include <ATen/ops/unsqueeze.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "operators/nodes.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

using nodes::ViewStep;
using Numbers = c10::SmallVector<int64_t, 8>;

const at::Tensor& part(const std::vector<at::Tensor>& parts, int64_t expected, int64_t index) {
    TORCH_CHECK(static_cast<int64_t>(parts.size()) == expected, "Expected ", expected, " elements in a list but found ", parts.size());
    return parts[index];
}

// As LibTorch does it, which says what is wrong where something is.
at::Tensor by_dispatch(ViewStep step, const at::Tensor& x, const Numbers& n) {
    const at::IntArrayRef all(n.data(), n.size());
    switch (step) {
        case ViewStep::kReshape:
            return at::reshape(x, all);
        case ViewStep::kView:
            return x.view(all);
        case ViewStep::kFlatten:
            return at::flatten(x, n[0], n[1]);
        case ViewStep::kUnflatten:
            return at::unflatten(x, n[0], all.slice(1));
        case ViewStep::kTranspose:
            return at::transpose(x, n[0], n[1]);
        case ViewStep::kPermute:
            return at::permute(x, all);
        case ViewStep::kUnsqueeze:
            return at::unsqueeze(x, n[0]);
        case ViewStep::kSqueeze:
            return at::squeeze(x, n[0]);
        case ViewStep::kSelect:
            return at::select(x, n[0], n[1]);
        case ViewStep::kSlice:
            return at::slice(x, n[0], n[1], n[2], n[3]);
        case ViewStep::kExpand:
            return x.expand(all);
        case ViewStep::kUnbind:
            return part(at::unbind(x, n[0]), n[1], n[2]);
        case ViewStep::kChunk:
            return part(at::chunk(x, n[3], n[0]), n[1], n[2]);
        case ViewStep::kSplit:
            return part(at::split(x, n[3], n[0]), n[1], n[2]);
    }
    TORCH_INTERNAL_ASSERT(false, "no such step");
}

// Adds sizes to a shape, of which one may be left to be found: all of them are of so many numbers. False where they are not.
bool add_sizes(at::IntArrayRef sizes, int64_t numel, at::DimVector& shape) {
    int64_t known = 1;
    std::optional<size_t> open;
    for (const int64_t size : sizes) {
        if (size == -1 && !open) {
            open = shape.size();
        } else if (size < 0) {
            return false;
        } else {
            known *= size;
        }
        shape.push_back(size);
    }
    if (!open) {
        return known == numel;
    }
    if (known == 0 || numel % known != 0) {
        return false;
    }
    shape[*open] = numel / known;
    return true;
}

// How a tensor lies in memory, or would.
struct Lying {
    at::DimVector sizes, strides;
    int64_t offset;

    int64_t rank() const { return static_cast<int64_t>(sizes.size()); }

    int64_t numel() const { return c10::multiply_integers(sizes); }

    // Where a dimension is, which may be counted from the end; -1 where it is not.
    int64_t place(int64_t dimension, int64_t rank) const {
        const int64_t at = dimension < 0 ? dimension + rank : dimension;
        return at >= 0 && at < rank ? at : -1;
    }

    void remove(int64_t at) {
        sizes.erase(sizes.begin() + at);
        strides.erase(strides.begin() + at);
    }

    // False where it cannot be without copying.
    bool become(at::DimVector shape) {
        auto found = at::detail::computeStride(sizes, strides, shape);
        if (!found) {
            return false;
        }
        sizes = std::move(shape);
        strides = std::move(*found);
        return true;
    }

    bool keep(int64_t at, int64_t start, int64_t end, int64_t step) {
        start = std::clamp<int64_t>(start < 0 ? start + sizes[at] : start, 0, sizes[at]);
        end = std::clamp<int64_t>(end < 0 ? end + sizes[at] : end, start, sizes[at]);
        if (step <= 0) {
            return false;
        }
        offset += start * strides[at];
        sizes[at] = (end - start + step - 1) / step;
        strides[at] *= step;
        return true;
    }

    // One of so many parts, each this long but the last.
    bool keep_part(int64_t at, int64_t length, int64_t parts, int64_t index) {
        if (length <= 0 || sizes[at] == 0 || (sizes[at] + length - 1) / length != parts) {
            return false;
        }
        return keep(at, index * length, std::min(sizes[at], (index + 1) * length), 1);
    }

    // Goes one step. False, and nothing is changed, where LibTorch has to: where it copies, or says what is wrong.
    bool go(ViewStep step, const Numbers& n) {
        const int64_t rank = this->rank();
        const int64_t at = n.empty() ? -1 : place(n[0], rank);
        switch (step) {
            case ViewStep::kReshape:
            case ViewStep::kView: {
                at::DimVector shape;
                return add_sizes({n.data(), n.size()}, numel(), shape) && become(std::move(shape));
            }
            case ViewStep::kFlatten: {
                const int64_t last = place(n[1], rank);
                if (at < 0 || last < at) {
                    return false;
                }
                at::DimVector shape(sizes.begin(), sizes.begin() + at + 1);
                for (int64_t i = at + 1; i <= last; i++) {
                    shape[at] *= sizes[i];
                }
                shape.append(sizes.begin() + last + 1, sizes.end());
                return become(std::move(shape));
            }
            case ViewStep::kUnflatten: {
                if (at < 0 || n.size() < 2) {
                    return false;
                }
                at::DimVector shape(sizes.begin(), sizes.begin() + at);
                if (!add_sizes({n.data() + 1, n.size() - 1}, sizes[at], shape)) {
                    return false;
                }
                shape.append(sizes.begin() + at + 1, sizes.end());
                return become(std::move(shape));
            }
            case ViewStep::kTranspose: {
                const int64_t other = place(n[1], rank);
                if (at < 0 || other < 0) {
                    return false;
                }
                std::swap(sizes[at], sizes[other]);
                std::swap(strides[at], strides[other]);
                return true;
            }
            case ViewStep::kPermute: {
                if (static_cast<int64_t>(n.size()) != rank || rank > 64) {
                    return false;
                }
                at::DimVector to_sizes, to_strides;
                uint64_t seen = 0;
                for (int64_t i = 0; i < rank; i++) {
                    const int64_t from = place(n[i], rank);
                    if (from < 0 || (seen >> from & 1) != 0) {
                        return false;
                    }
                    seen |= uint64_t{1} << from;
                    to_sizes.push_back(sizes[from]);
                    to_strides.push_back(strides[from]);
                }
                sizes = std::move(to_sizes);
                strides = std::move(to_strides);
                return true;
            }
            case ViewStep::kUnsqueeze: {
                const int64_t before = place(n[0], rank + 1);
                if (before < 0) {
                    return false;
                }
                const int64_t stride = before < rank ? sizes[before] * strides[before] : 1;
                sizes.insert(sizes.begin() + before, 1);
                strides.insert(strides.begin() + before, stride);
                return true;
            }
            case ViewStep::kSqueeze:
                if (at >= 0 && sizes[at] == 1) {
                    remove(at);
                }
                return at >= 0;
            case ViewStep::kSelect: {
                const int64_t index = at < 0 ? -1 : place(n[1], sizes[at]);
                if (index < 0) {
                    return false;
                }
                offset += index * strides[at];
                remove(at);
                return true;
            }
            case ViewStep::kSlice:
                return at >= 0 && keep(at, n[1], n[2], n[3]);
            case ViewStep::kExpand: {
                if (static_cast<int64_t>(n.size()) < rank) {
                    return false;
                }
                auto expanded = at::inferExpandGeometry_dimvector(sizes, strides, {n.data(), n.size()});
                sizes = std::move(expanded.sizes);
                strides = std::move(expanded.strides);
                return true;
            }
            case ViewStep::kUnbind:
                if (at < 0 || sizes[at] != n[1]) {
                    return false;
                }
                offset += n[2] * strides[at];
                remove(at);
                return true;
            case ViewStep::kChunk:
                return at >= 0 && n[3] > 0 && keep_part(at, (sizes[at] + n[3] - 1) / n[3], n[1], n[2]);
            case ViewStep::kSplit:
                return at >= 0 && keep_part(at, n[3], n[1], n[2]);
        }
        return false;
    }
};

// Used by any number of threads.
class Views {
 public:
    explicit Views(const torch::jit::Node* node) : inputs_(node->inputs().size()) {
        const auto& words = node->is(nodes::kSteps);
        for (size_t i = 0; i < words.size();) {
            Step step{static_cast<ViewStep>(words[i]), {}};
            const auto operands = static_cast<size_t>(words[i + 1]);
            for (i += 2; step.operands.size() < operands; i += 2) {
                step.operands.push_back({static_cast<nodes::ViewNumber>(words[i]), words[i + 1]});
            }
            steps_.push_back(std::move(step));
        }
    }

    // What all of the steps make of the first of so many values on top of the stack, where the others are their numbers.
    at::Tensor of(const torch::jit::Stack& stack) const {
        const c10::IValue* given = inputs(stack);
        at::Tensor x = given->toTensor();
        for (size_t next = 0; next < steps_.size();) {
            next = going(x, given, next);
            if (next < steps_.size()) {
                x = by_dispatch(steps_[next].step, x, numbers_of(steps_[next], given));
                next++;
            }
        }
        return x;
    }

    // The size of that in a dimension.
    int64_t size_of(const torch::jit::Stack& stack, int64_t dimension) const {
        const c10::IValue* given = inputs(stack);
        const at::Tensor& x = given->toTensor();
        if (is_plain_memory(x)) {
            Lying lying = lying_of(x);
            if (gone(lying, given, 0) == steps_.size()) {
                const int64_t at = lying.place(dimension, lying.rank());
                if (at >= 0) {
                    return lying.sizes[at];
                }
            }
        }
        return of(stack).size(dimension);
    }

    void drop(torch::jit::Stack& stack) const { torch::jit::drop(stack, inputs_); }

 private:
    struct Operand {
        nodes::ViewNumber kind;
        int64_t number;
    };
    struct Step {
        ViewStep step;
        c10::SmallVector<Operand, 5> operands;
    };

    const c10::IValue* inputs(const torch::jit::Stack& stack) const { return stack.data() + stack.size() - inputs_; }

    static Numbers numbers_of(const Step& step, const c10::IValue* given) {
        Numbers all;
        for (const auto& operand : step.operands) {
            switch (operand.kind) {
                case nodes::ViewNumber::kKnown:
                    all.push_back(operand.number);
                    break;
                case nodes::ViewNumber::kInput:
                    all.push_back(given[operand.number].toInt());
                    break;
                case nodes::ViewNumber::kSizes:
                    all.append(given[operand.number].toTensor().sizes().begin(), given[operand.number].toTensor().sizes().end());
                    break;
                case nodes::ViewNumber::kInputs:
                    for (const auto& number : given[operand.number].toListRef()) {
                        all.push_back(number.toInt());
                    }
                    break;
            }
        }
        return all;
    }

    static Lying lying_of(const at::Tensor& x) {
        return {at::DimVector(x.sizes()), at::DimVector(x.strides()), x.storage_offset()};
    }

    // Goes as far as it can without LibTorch, and says which step it cannot go.
    size_t gone(Lying& lying, const c10::IValue* given, size_t next) const {
        for (; next < steps_.size(); next++) {
            const auto numbers = numbers_of(steps_[next], given);
            if (!lying.go(steps_[next].step, numbers)) {
                break;
            }
        }
        return next;
    }

    size_t going(at::Tensor& x, const c10::IValue* given, size_t next) const {
        if (!is_plain_memory(x)) {
            return next;
        }
        Lying lying = lying_of(x);
        const size_t reached = gone(lying, given, next);
        if (reached > next) {
            auto view = at::detail::make_tensor<c10::TensorImpl>(c10::TensorImpl::VIEW, c10::Storage(x.storage()), x.key_set(), x.dtype());
            view.unsafeGetTensorImpl()->set_sizes_and_strides(lying.sizes, lying.strides, lying.offset);
            x = std::move(view);
        }
        return reached;
    }

    size_t inputs_;
    std::vector<Step> steps_;
};

torch::jit::Operation view_operation(const torch::jit::Node* node) {
    const auto views = std::make_shared<const Views>(node);
    return [views](torch::jit::Stack& stack) {
        auto view = views->of(stack);
        views->drop(stack);
        torch::jit::push(stack, std::move(view));
    };
}

torch::jit::Operation size_operation(const torch::jit::Node* node) {
    const auto views = std::make_shared<const Views>(node);
    return [views, dimension = node->i(nodes::kDimension)](torch::jit::Stack& stack) {
        const int64_t size = views->size_of(stack, dimension);
        views->drop(stack);
        torch::jit::push(stack, size);
    };
}

}  // namespace

void register_views() {
    static torch::jit::RegisterOperators registered(
        {torch::jit::Operator(nodes::kViews, torch::jit::OperationCreator(view_operation), c10::AliasAnalysisKind::PURE_FUNCTION),
         torch::jit::Operator(nodes::kViewSize, torch::jit::OperationCreator(size_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
