#include "operators/remembered.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/custom_operator.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "operators/nodes.h"

namespace cresset {

namespace {

// Used by any number of threads.
class Remembered {
 public:
    explicit Remembered(const torch::jit::Node* node)
        : inputs_(node->inputs().size()), function_("remembered", node->g(torch::jit::attr::Subgraph)->copy(), nullptr) {}

    void operator()(torch::jit::Stack& stack) {
        std::vector<int64_t> asked(inputs_);
        for (size_t i = 0; i < inputs_; i++) {
            asked[i] = stack[stack.size() - inputs_ + i].toInt();
        }
        torch::jit::drop(stack, inputs_);
        torch::jit::push(stack, answer(asked));
    }

 private:
    // Of as many as this the answers are remembered: models see few sizes or ever new ones.
    static constexpr size_t kMost = 64;

    int64_t answer(const std::vector<int64_t>& asked) {
        {
            std::lock_guard<std::mutex> turn(guard_);
            const auto found = answers_.find(asked);
            if (found != answers_.end()) {
                return found->second;
            }
        }
        torch::jit::Stack numbers(asked.begin(), asked.end());
        function_.run(numbers);
        const int64_t found = numbers.back().toInt();
        std::lock_guard<std::mutex> turn(guard_);
        if (answers_.size() == kMost) {
            answers_.clear();
        }
        answers_.emplace(asked, found);
        return found;
    }

    size_t inputs_;
    torch::jit::GraphFunction function_;
    std::mutex guard_;
    std::map<std::vector<int64_t>, int64_t> answers_;
};

torch::jit::Operation remembered_operation(const torch::jit::Node* node) {
    const auto remembered = std::make_shared<Remembered>(node);
    return [remembered](torch::jit::Stack& stack) { (*remembered)(stack); };
}

}  // namespace

void register_remembered() {
    static torch::jit::RegisterOperators registered({torch::jit::Operator(
        nodes::kRemembered, torch::jit::OperationCreator(remembered_operation), c10::AliasAnalysisKind::PURE_FUNCTION)});
}

}  // namespace cresset
