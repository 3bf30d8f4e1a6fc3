#include "operators/recurrent_steps.h"

#include <ATen/ops/empty.h>

#include <algorithm>

#include "memory/scratch.h"
#include "operators/parallel.h"

namespace cresset::recurrent {

namespace {

// What a direction of a layer reads and writes.
struct Sequence {
    const float* in;          // [row][inputs]
    const float* first;       // [row of the longest step][hidden]: the state before
    float* cell;              // the same of an LSTM, written over
    float* last;              // the same: the state in the end
    float* out;               // [row][...], of which the direction has `hidden`
    int64_t out_stride;
};

at::Tensor empty(at::IntArrayRef sizes) {
    return at::detail::empty_cpu(sizes, at::kFloat, false, at::MemoryFormat::Contiguous);
}

Kernels::Recurrence kernel_of(Cell cell) {
    switch (cell) {
        case Cell::kLstm:
            return kernels()->lstm;
        case Cell::kGru:
            return kernels()->gru;
        case Cell::kTanh:
            return kernels()->rnn_tanh;
        default:
            return kernels()->rnn_relu;
    }
}

// One direction of one layer.
class Pass {
 public:
    Pass(const Weights& weights, const Direction& direction, const Steps& steps, const Sequence& sequence, bool backwards)
        : direction_(direction),
          steps_(steps),
          sequence_(sequence),
          backwards_(backwards),
          hidden_(weights.hidden()),
          width_(weights.gates_width()),
          kernel_(kernel_of(weights.form().cell)) {}

    void run() const {
        // Of so many steps at once that what they have from the input stays in the cache.
        const int64_t rows_at_once = std::max<int64_t>(kFloatsAtOnce / width_, kFewestRows);
        for (int64_t done = 0; done < steps_.count();) {
            int64_t end = done, rows = 0;
            for (; end < steps_.count() && (end == done || rows + steps_.rows(step(end)) <= rows_at_once); end++) {
                rows += steps_.rows(step(end));
            }
            run(done, end, rows);
            done = end;
        }
    }

 private:
    static constexpr int64_t kFloatsAtOnce = 128 * 1024;
    static constexpr int64_t kFewestRows = 24;

    // The step of the sequence that comes so many after the first.
    int64_t step(int64_t number) const { return backwards_ ? steps_.count() - 1 - number : number; }

    void run(int64_t first, int64_t end, int64_t rows) const {
        const Scratch inputs(rows * width_);
        const int64_t start = steps_.start(backwards_ ? step(end - 1) : first);
        const Pointwise products{
            .channels = direction_.inputs,
            .outputs = width_,
            .x = sequence_.in + start * direction_.inputs,
            .weights = direction_.input_weights.const_data_ptr<float>(),
            .bias = direction_.input_bias.const_data_ptr<float>(),
            .added = nullptr,
            .out = inputs.get(),
            .activation = Activation::kNone,
        };
        at::parallel_for(0, rows, grain_size(direction_.inputs * width_),
                         [&](int64_t from, int64_t to) { kernels()->pointwise(products, from, to); });
        const int64_t together = steps_.rows(backwards_ ? step(end - 1) : first);
        at::parallel_for(0, together, grain_size(hidden_ * width_ * (end - first)) + 3, [&](int64_t from, int64_t to) {
            for (int64_t number = first; number < end; number++) {
                run_step(step(number), inputs.get() - start * width_, from, std::min(to, steps_.rows(step(number))));
            }
        });
    }

    // Rows of a step that were there in the one before have their state from it; those that begin here have been given one.
    void run_step(int64_t t, const float* inputs, int64_t from, int64_t to) const {
        const int64_t before = backwards_ ? t + 1 : t - 1;
        const int64_t known = before < 0 ? 0 : std::min(steps_.rows(before), steps_.rows(t));
        const int64_t ending = backwards_ ? (t == 0 ? 0 : steps_.rows(0)) : steps_.rows(t + 1);
        RecurrentStep work{
            .hidden = hidden_,
            .weights = direction_.weights.const_data_ptr<float>(),
            .bias = direction_.bias.const_data_ptr<float>(),
            .inputs = inputs + steps_.start(t) * width_,
            .input_stride = width_,
            .before = nullptr,
            .before_stride = sequence_.out_stride,
            .cell = sequence_.cell,
            .out = sequence_.out + steps_.start(t) * sequence_.out_stride,
            .out_stride = sequence_.out_stride,
        };
        if (from < std::min(to, known)) {
            work.before = sequence_.out + steps_.start(before) * sequence_.out_stride;
            kernel_(work, from, std::min(to, known));
        }
        if (std::max(from, known) < to) {
            work.before = sequence_.first;
            work.before_stride = hidden_;
            kernel_(work, std::max(from, known), to);
        }
        for (int64_t row = std::max(from, ending); row < to; row++) {
            std::copy_n(work.out + row * work.out_stride, hidden_, sequence_.last + row * hidden_);
        }
    }

    const Direction& direction_;
    const Steps& steps_;
    const Sequence& sequence_;
    bool backwards_;
    int64_t hidden_, width_;
    Kernels::Recurrence kernel_;
};

}  // namespace

Result run(const Weights& weights, const Steps& steps, const at::Tensor& x, const at::Tensor& states, const at::Tensor& cells) {
    const auto& form = weights.form();
    const int64_t directions = form.directions(), hidden = weights.hidden(), of_state = states.size(1) * hidden;
    Result result{.out = x, .states = empty(states.sizes()), .cells = cells.defined() ? cells.clone() : at::Tensor()};
    const float* first = states.const_data_ptr<float>();
    for (int64_t layer = 0; layer < form.layers; layer++) {
        const at::Tensor in = result.out;
        result.out = empty({steps.all_rows(), directions * hidden});
        float* out = result.out.mutable_data_ptr<float>();
        float* last = result.states.mutable_data_ptr<float>();
        float* cell = result.cells.defined() ? result.cells.mutable_data_ptr<float>() : nullptr;
        const int64_t worth_it = grain_size(steps.all_rows() * weights.gates_width() * hidden);
        at::parallel_for(0, directions, worth_it, [&](int64_t from, int64_t to) {
            for (int64_t i = from; i < to; i++) {
                const int64_t state = (layer * directions + i) * of_state;
                const Sequence sequence{
                    .in = in.const_data_ptr<float>(),
                    .first = first + state,
                    .cell = cell == nullptr ? nullptr : cell + state,
                    .last = last + state,
                    .out = out + i * hidden,
                    .out_stride = directions * hidden,
                };
                Pass(weights, weights.direction(layer, i), steps, sequence, i == 1).run();
            }
        });
    }
    return result;
}

}  // namespace cresset::recurrent
