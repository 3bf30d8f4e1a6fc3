#include "operators/linear.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/relu.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "operators/nodes.h"
#include "operators/tensors.h"

// The BLAS behind LibTorch; another build may have none.
extern "C" {
void cblas_sgemv(int, int, int, int, float, const float*, int, const float*, int, float, float*, int) __attribute__((weak));
void cblas_sgemm(int, int, int, int, int, int, float, const float*, int, const float*, int, float, float*, int)
    __attribute__((weak));
}

namespace cresset {

namespace {

constexpr int kRowMajor = 101;
constexpr int kNoTranspose = 111;
constexpr int kTranspose = 112;

// Up to so many rows, a matrix times a vector for each is faster than one product of matrices, which packs both first.
constexpr int64_t kFewRows = 4;

at::Tensor by_dispatch(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias, bool relu) {
    auto out = at::linear(x, weight, bias);
    return relu ? at::relu(out) : out;
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias, bool relu) {
    const int64_t outputs = weight.size(0);
    const int64_t inputs = weight.size(1);
    const bool fits = is_contiguous_float(x) && x.dim() > 0 && x.size(-1) == inputs && inputs > 0 && outputs > 0 && x.numel() > 0 &&
                      std::max(x.numel(), weight.numel()) < std::numeric_limits<int>::max();
    if (!fits) {
        return by_dispatch(x, weight, bias, relu);  // which also says what is wrong with it
    }
    c10::SmallVector<int64_t, 5> sizes(x.sizes().begin(), x.sizes().end());
    sizes.back() = outputs;
    auto result = at::detail::empty_cpu(sizes, at::kFloat, false, c10::MemoryFormat::Contiguous);
    const int64_t rows = x.numel() / inputs;
    const float* in = x.const_data_ptr<float>();
    const float* weights = weight.const_data_ptr<float>();
    float* out = result.mutable_data_ptr<float>();
    // Nothing is what a BLAS may make of nothing times what was in the memory before.
    const bool few = rows <= kFewRows;
    const float beta = bias || few ? 1 : 0;
    if (few && !bias) {
        std::fill(out, out + rows * outputs, 0.f);
    }
    if (bias) {
        const float* added = bias->const_data_ptr<float>();
        for (int64_t row = 0; row < rows; row++) {
            std::copy(added, added + outputs, out + row * outputs);
        }
    }
    const int n = static_cast<int>(outputs);
    const int k = static_cast<int>(inputs);
    if (few) {
        for (int64_t row = 0; row < rows; row++) {
            cblas_sgemv(
                kRowMajor, kNoTranspose, n, k, 1, weights, k, in + row * inputs, 1, beta, out + row * outputs, 1);
        }
    } else {
        cblas_sgemm(
            kRowMajor, kNoTranspose, kTranspose, static_cast<int>(rows), n, k, 1, in, k, weights, k, beta, out, n);
    }
    if (relu) {
        for (int64_t i = 0; i < rows * outputs; i++) {
            out[i] = out[i] < 0 ? 0 : out[i];  // a NaN stays one, as in LibTorch
        }
    }
    return result;
}

// Weights belong to the node and not to the stack: two threads that push one tensor wait for each other at its count of references.
torch::jit::Operation with_weights_of(const torch::jit::Node* node) {
    auto weight = node->t(nodes::kWeight);
    std::optional<at::Tensor> bias;
    if (node->hasAttribute(nodes::kBias)) {
        bias = node->t(nodes::kBias);
    }
    const bool relu = static_cast<Activation>(node->i(nodes::kActivation)) == Activation::kRelu;
    return [weight, bias, relu](torch::jit::Stack& stack) {
        stack.back() = linear(stack.back().toTensor(), weight, bias, relu);
    };
}

}  // namespace

bool can_link_linear() { return cblas_sgemv != nullptr && cblas_sgemm != nullptr; }

void register_linear() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        // Declared without a schema: of two operators with one schema in a function, the interpreter keeps the first.
        nodes::kLinear, torch::jit::OperationCreator(with_weights_of), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
