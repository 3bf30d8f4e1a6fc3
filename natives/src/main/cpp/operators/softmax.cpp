#include "operators/softmax.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/softmax.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include "kernels/kernels.h"
#include "operators/nodes.h"
#include "operators/parallel.h"
#include "operators/tensors.h"

namespace cresset {

namespace {

at::Tensor softmax_of(const at::Tensor& input, int64_t dimension) {
    const int64_t rank = input.dim();
    const bool fits = kernels() != nullptr && input.scalar_type() == at::kFloat && is_materialized(input) && rank > 0 && input.numel() > 0 &&
                      (dimension == -1 || dimension == rank - 1);
    if (!fits) {
        return at::softmax(input, dimension);
    }
    const auto x = input.expect_contiguous();
    const at::Tensor out = at::detail::empty_cpu(input.sizes(), at::kFloat, false, at::MemoryFormat::Contiguous);
    const float* from = x->const_data_ptr<float>();
    float* to = out.mutable_data_ptr<float>();
    const int64_t width = input.size(-1), rows = input.numel() / width;
    at::parallel_for(0, rows, grain_size(16 * width), [&](int64_t first, int64_t last) { kernels()->softmax(from, width, to, first, last); });
    return out;
}

torch::jit::Operation softmax_operation(const torch::jit::Node* node) {
    return [dimension = node->i(nodes::kDimension)](torch::jit::Stack& stack) {
        stack.back() = softmax_of(stack.back().toTensor(), dimension);
    };
}

}  // namespace

void register_softmax() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kSoftmax, torch::jit::OperationCreator(softmax_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
