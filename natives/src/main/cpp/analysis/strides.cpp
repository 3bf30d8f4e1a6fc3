#include "analysis/strides.h"

#include <algorithm>
#include <set>
#include <string>

#include "graph/walk.h"

namespace cresset {

namespace {

bool asks_for_strides(const torch::jit::Node* node) {
    static const std::set<c10::Symbol> asking = [] {
        std::set<c10::Symbol> all;
        for (const char* name :
             {"as_strided", "as_strided_", "as_strided_copy", "as_strided_scatter", "stride", "is_contiguous", "storage_offset",
              "data_ptr", "resize", "resize_", "resize_as", "resize_as_", "set", "set_", "set_data", "_unsafe_view",
              "_reshape_alias", "is_non_overlapping_and_dense", "is_strides_like_format", "suggest_memory_format"}) {
            all.insert(c10::Symbol::fromQualString(std::string("aten::") + name));
        }
        return all;
    }();
    return asking.count(node->kind()) != 0;
}

}  // namespace

bool depends_on_strides(const torch::jit::Module& module) {
    const auto methods = module.get_methods();
    return std::any_of(methods.begin(), methods.end(), [](const torch::jit::Method& method) {
        return any_node(method.graph()->block(), asks_for_strides);
    });
}

}  // namespace cresset
