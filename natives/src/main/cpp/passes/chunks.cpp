#include "passes/chunks.h"

#include <string>
#include <unordered_map>

#include "graph/walk.h"

namespace cresset {

namespace {

std::optional<c10::Symbol> twin_of(c10::Symbol kind) {
    static const std::unordered_map<c10::Symbol, c10::Symbol> twins = {
        {c10::Symbol::fromQualString("aten::unsafe_chunk"), c10::Symbol::fromQualString("aten::chunk")},
        {c10::Symbol::fromQualString("aten::unsafe_split"), c10::Symbol::fromQualString("aten::split")},
        {c10::Symbol::fromQualString("aten::unsafe_split_with_sizes"), c10::Symbol::fromQualString("aten::split_with_sizes")}};
    const auto found = twins.find(kind);
    return found == twins.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

void name_chunks_as_views(const torch::jit::Module& module) {
    for (const auto& part : module.modules()) {
        for (const auto& method : part.get_methods()) {
            for_each_node(method.graph()->block(), [](torch::jit::Node* node) {
                if (const auto twin = twin_of(node->kind())) {
                    node->replaceWithNewSymbol(*twin);
                    node->destroy();
                }
            });
        }
    }
}

}  // namespace cresset
