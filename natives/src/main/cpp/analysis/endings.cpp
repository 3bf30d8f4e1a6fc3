#include "analysis/endings.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "graph/walk.h"

namespace cresset {

namespace {

using torch::jit::Node;
using torch::jit::Value;
namespace prim = torch::jit::prim;

bool is_number(const c10::TypePtr& type) {
    switch (type->kind()) {
        case c10::TypeKind::IntType:
        case c10::TypeKind::FloatType:
        case c10::TypeKind::ComplexType:
        case c10::TypeKind::BoolType:
        case c10::TypeKind::NumberType:
            return true;
        case c10::TypeKind::ListType:
            return is_number(type->castRaw<c10::ListType>()->getElementType());
        default:
            return false;
    }
}

// What is told of a tensor without a look at its numbers.
bool looks_at_shapes_alone(const std::string& name) {
    static const std::unordered_set<std::string> names = {
        "aten::__contains__", "aten::__is__", "aten::__isnot__", "aten::dense_dim", "aten::dim", "aten::element_size", "aten::get_device",
        "aten::is_complex", "aten::is_conj", "aten::is_contiguous", "aten::is_floating_point", "aten::is_inference",
        "aten::is_leaf", "aten::is_neg", "aten::is_pinned", "aten::is_same_size", "aten::is_set_to", "aten::is_signed", "aten::len",
        "aten::ndimension", "aten::numel", "aten::result_type", "aten::size", "aten::sizes", "aten::storage_offset", "aten::stride",
        "aten::sym_numel", "aten::sym_size", "aten::sym_storage_offset", "aten::sym_stride", "prim::dtype", "prim::is_cpu",
        "prim::is_cuda", "prim::is_meta", "prim::is_mkldnn", "prim::is_nested", "prim::is_quantized", "prim::is_sparse",
        "prim::is_sparse_csr", "prim::itemsize", "prim::layout", "prim::requires_grad"};
    return names.count(name) != 0;
}

// What has as many elements, rows or texts as its arguments' numbers say: a loop that goes by that looks at numbers, too.
bool sizes_by_numbers(const std::string& name) {
    static const std::unordered_set<std::string> names = {
        "aten::_unique", "aten::_unique2", "aten::argwhere", "aten::bincount", "aten::index", "aten::masked_select", "aten::nonzero",
        "aten::nonzero_numpy", "aten::repeat_interleave", "aten::unique_consecutive", "aten::unique_dim",
        "aten::unique_dim_consecutive", "torchvision::nms"};
    return names.count(name) != 0;
}

bool is_of_linear_algebra(const std::string& name) {
    static const std::unordered_set<std::string> others = {
        "aten::lstsq", "aten::matrix_exp", "aten::matrix_norm", "aten::nuclear_norm", "aten::pinverse", "aten::svd", "aten::_svd_helper"};
    static const std::unordered_set<std::string> plain = {
        "aten::linalg_cross", "aten::linalg_diagonal", "aten::linalg_matmul", "aten::linalg_multi_dot", "aten::linalg_vander",
        "aten::linalg_vecdot", "aten::linalg_vector_norm"};
    const bool is_linalg = name.rfind("aten::linalg_", 0) == 0 || name.rfind("aten::_linalg_", 0) == 0;
    return others.count(name) != 0 || (is_linalg && plain.count(name) == 0);
}

bool draws_until_accepted(const std::string& name) {
    static const std::unordered_set<std::string> names = {
        "aten::_sample_dirichlet", "aten::_standard_gamma", "aten::binomial", "aten::poisson"};
    return names.count(name) != 0;
}

bool looks_at_numbers(const Node* node, const std::string& name) {
    if (sizes_by_numbers(name) || (name == "aten::where" && node->inputs().size() == 1)) {
        return true;
    }
    const auto inputs = node->inputs();
    const auto outputs = node->outputs();
    return std::any_of(inputs.begin(), inputs.end(), [](const Value* one) { return one->type()->kind() == c10::TypeKind::TensorType; }) &&
           std::any_of(outputs.begin(), outputs.end(), [](const Value* one) { return is_number(one->type()); }) &&
           node->blocks().empty() && !looks_at_shapes_alone(name);
}

}  // namespace

bool may_not_end(const torch::jit::Graph& graph) {
    const auto is_loop = [](const Node* node) { return node->kind() == prim::Loop; };
    const auto looks = [](const Node* node) { return looks_at_numbers(node, node->kind().toQualString()); };
    const auto converges = [](const Node* node) {
        const std::string name = node->kind().toQualString();
        return is_of_linear_algebra(name) || draws_until_accepted(name);
    };
    return any_node(graph.block(), converges) || (any_node(graph.block(), is_loop) && any_node(graph.block(), looks));
}

}  // namespace cresset
