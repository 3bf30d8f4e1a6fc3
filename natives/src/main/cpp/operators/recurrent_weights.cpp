#include "operators/recurrent_weights.h"

#include <ATen/ops/add.h>
#include <ATen/ops/zeros.h>

#include <map>
#include <mutex>
#include <utility>

#include "memory/caching_allocator.h"
#include "operators/biases.h"
#include "operators/parallel.h"
#include "operators/pointwise.h"
#include "operators/tensors.h"

namespace cresset::recurrent {

namespace {

using Key = std::pair<const void*, decltype(std::declval<Form>().key())>;

struct Known {
    std::mutex guard;
    std::map<Key, std::weak_ptr<const Weights>> all;
};

// Never destroyed: threads may still be here when the process ends.
Known& known() {
    static auto& weights = *new Known;
    return weights;
}

// [gate][hidden][...] to [group][gate][lane][...], with zeros where there is no hidden number.
at::Tensor in_groups(const at::Tensor& plain, int64_t gates) {
    const int64_t lanes = kernels()->lanes, hidden = plain.size(0) / gates, columns = plain.numel() / plain.size(0);
    const int64_t groups = round_up(hidden, lanes) / lanes;
    const auto result = at::zeros({groups * gates * lanes, columns}, at::kFloat);
    const auto from = plain.reshape({gates, hidden, columns});
    const auto to = result.view({groups, gates, lanes, columns});
    for (int64_t group = 0; group < groups; group++) {
        const int64_t first = group * lanes, count = std::min(lanes, hidden - first);
        to.select(0, group).narrow(1, 0, count).copy_(from.narrow(1, first, count));
    }
    return result;
}

bool is_matrix(const at::Tensor& x, int64_t rows, int64_t columns) {
    return is_contiguous_float(x) && x.dim() == 2 && x.size(0) == rows && x.size(1) == columns;
}

bool is_vector(const at::Tensor& x, int64_t size) { return is_contiguous_float(x) && x.dim() == 1 && x.size(0) == size; }

}  // namespace

bool Weights::fit(const std::vector<at::Tensor>& plain, const Form& form) {
    const auto each = static_cast<size_t>(form.tensors_of_direction());
    const bool all_there = kernels() != nullptr && form.layers > 0 &&
                           plain.size() == static_cast<size_t>(form.layers * form.directions()) * each;
    if (!all_there || plain[0].dim() != 2 || plain[1].dim() != 2) {
        return false;
    }
    const int64_t hidden = plain[1].size(1), gates = gates_of(form.cell) * hidden, width = hidden * form.directions();
    if (hidden == 0 || plain[0].size(1) == 0) {
        return false;
    }
    for (size_t i = 0; i < plain.size(); i += each) {
        const bool is_first = i < static_cast<size_t>(form.directions()) * each;
        bool fits = is_matrix(plain[i], gates, is_first ? plain[0].size(1) : width) && is_matrix(plain[i + 1], gates, hidden);
        if (form.has_bias) {
            fits = fits && is_vector(plain[i + 2], gates) && is_vector(plain[i + 3], gates);
        }
        if (!fits) {
            return false;
        }
    }
    return true;
}

std::shared_ptr<const Weights> Weights::of(std::vector<at::Tensor> plain, const Form& form) {
    std::lock_guard<std::mutex> turn(known().guard);
    auto& all = known().all;
    std::erase_if(all, [](const auto& entry) { return entry.second.expired(); });
    // The tensors are the entry's while there is one, so that no others can be in their place.
    auto& entry = all[{plain[1].unsafeGetTensorImpl(), form.key()}];
    auto weights = entry.lock();
    if (weights == nullptr) {
        weights = std::make_shared<const Weights>(std::move(plain), form);
        entry = weights;
    }
    return weights;
}

Weights::Weights(std::vector<at::Tensor> plain, Form form) : plain_(std::move(plain)), form_(form) {
    const NoCachingGuard memory;
    for (size_t i = 0; i < plain_.size(); i += static_cast<size_t>(form_.tensors_of_direction())) {
        directions_.push_back(packed(&plain_[i]));
    }
}

int64_t Weights::gates_width() const { return round_up(hidden(), kernels()->lanes) * gates_of(form_.cell); }

Direction Weights::packed(const at::Tensor* plain) const {
    const int64_t gates = gates_of(form_.cell), lanes = kernels()->lanes;
    Direction made;
    made.inputs = plain[0].size(1);
    made.input_weights = pointwise::pack(in_groups(plain[0], gates).reshape({gates_width(), made.inputs, 1, 1}));
    made.weights = in_groups(plain[1], gates).view({-1, gates * lanes, hidden()}).transpose(1, 2).contiguous();
    made.input_bias = at::zeros({round_up(gates_width(), kBiasMultiple)}, at::kFloat);
    made.bias = at::zeros({round_up(hidden(), lanes)}, at::kFloat);
    if (form_.has_bias) {
        auto sum = at::add(plain[2], plain[3]);
        if (form_.cell == Cell::kGru) {
            // Of the new gate, the second one is reset.
            const int64_t last = 2 * hidden();
            sum.narrow(0, last, hidden()).copy_(plain[2].narrow(0, last, hidden()));
            made.bias.narrow(0, 0, hidden()).copy_(plain[3].narrow(0, last, hidden()));
        }
        made.input_bias.narrow(0, 0, gates_width()).copy_(in_groups(sum, gates).view({-1}));
    }
    return made;
}

}  // namespace cresset::recurrent
