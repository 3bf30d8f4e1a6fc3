#include "passes/fusion.h"

#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/pass_manager.h>

#include <memory>

// Declared here and not included: the header asks a macro that says how the headers' own platform was built. Weak, for a
// LibTorch without oneDNN has no such function.
namespace torch::jit::fuser::onednn {
void fuseGraph(std::shared_ptr<Graph>& graph) __attribute__((weak));
}

namespace cresset {

thread_local bool FusionGuard::wanted_ = false;

bool can_fuse() { return torch::jit::fuser::onednn::fuseGraph != nullptr; }

void register_fusion() {
    if (!can_fuse()) {
        return;
    }
    torch::jit::registerPrePass([](std::shared_ptr<torch::jit::Graph>& graph) {
        if (FusionGuard::wanted()) {
            torch::jit::fuser::onednn::fuseGraph(graph);
        }
    });
}

}  // namespace cresset
