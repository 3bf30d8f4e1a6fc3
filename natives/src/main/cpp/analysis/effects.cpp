#include "analysis/effects.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/peephole.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analysis/endings.h"
#include "graph/walk.h"

namespace cresset {

namespace {

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;
namespace prim = torch::jit::prim;

// Whether a value of this type can be written to, or hold what can.
bool is_mutable(const c10::TypePtr& type) {
    switch (type->kind()) {
        case c10::TypeKind::IntType:
        case c10::TypeKind::FloatType:
        case c10::TypeKind::ComplexType:
        case c10::TypeKind::BoolType:
        case c10::TypeKind::NumberType:
        case c10::TypeKind::StringType:
        case c10::TypeKind::NoneType:
        case c10::TypeKind::DeviceObjType:
        case c10::TypeKind::StreamObjType:
        case c10::TypeKind::LayoutType:
        case c10::TypeKind::ScalarTypeType:
        case c10::TypeKind::MemoryFormatType:
        case c10::TypeKind::FunctionType:
            return false;
        case c10::TypeKind::OptionalType:
            return is_mutable(type->castRaw<c10::OptionalType>()->getElementType());
        case c10::TypeKind::TupleType: {
            const auto& elements = type->castRaw<c10::TupleType>()->elements();
            return std::any_of(elements.begin(), elements.end(), is_mutable);
        }
        default:
            return true;
    }
}

bool is_tensor(const c10::TypePtr& type) {
    if (type->kind() == c10::TypeKind::OptionalType) {
        return is_tensor(type->castRaw<c10::OptionalType>()->getElementType());
    }
    return type->kind() == c10::TypeKind::TensorType;
}

// Composed of other operators, these still make what they return: a sum or a product is at the end of each. The others that are
// composed may return their argument, or a view of it, whatever their schema says: dropout, type_as, meshgrid, atleast_1d, ...
bool always_computes(const std::string& name) {
    static const std::unordered_set<std::string> names = {
        "aten::_batch_norm_impl_index", "aten::_convolution", "aten::_convolution_mode", "aten::adaptive_avg_pool1d",
        "aten::adaptive_avg_pool2d", "aten::adaptive_avg_pool3d", "aten::adaptive_max_pool1d", "aten::argsort",
        "aten::avg_pool1d", "aten::batch_norm", "aten::bilinear", "aten::binary_cross_entropy_with_logits", "aten::cdist",
        "aten::conv1d", "aten::conv2d", "aten::conv3d", "aten::conv_tbc", "aten::conv_transpose1d", "aten::conv_transpose2d",
        "aten::conv_transpose3d", "aten::cosine_similarity", "aten::cov", "aten::cross_entropy_loss", "aten::diff",
        "aten::divide", "aten::embedding", "aten::embedding_bag", "aten::fft_fft", "aten::fft_ifft", "aten::fft_irfft", "aten::fft_rfft",
        "aten::floor_divide", "aten::frobenius_norm", "aten::gelu", "aten::greater", "aten::greater_equal", "aten::group_norm",
        "aten::gru", "aten::gru_cell", "aten::hinge_embedding_loss", "aten::inner", "aten::instance_norm", "aten::isfinite",
        "aten::isreal", "aten::istft", "aten::kron", "aten::l1_loss", "aten::layer_norm", "aten::less", "aten::less_equal",
        "aten::linalg_cond", "aten::linalg_det", "aten::linalg_norm", "aten::linalg_vector_norm", "aten::linear",
        "aten::log_sigmoid", "aten::log_softmax", "aten::logsumexp", "aten::lstm", "aten::lstm_cell", "aten::matmul", "aten::max_pool1d",
        "aten::max_pool2d", "aten::max_pool3d", "aten::mse_loss", "aten::multiply", "aten::nll_loss", "aten::nll_loss_nd",
        "aten::norm", "aten::not_equal", "aten::one_hot", "aten::pairwise_distance", "aten::pdist", "aten::prelu",
        "aten::relu6", "aten::rms_norm", "aten::rnn_relu", "aten::rnn_relu_cell", "aten::rnn_tanh", "aten::rnn_tanh_cell", "aten::scaled_dot_product_attention", "aten::selu",
        "aten::silu", "aten::softmax", "aten::std", "aten::std_mean", "aten::stft", "aten::subtract", "aten::tile", "aten::trapz",
        "aten::true_divide", "aten::upsample_bicubic2d", "aten::upsample_bilinear2d", "aten::upsample_linear1d",
        "aten::upsample_nearest1d", "aten::upsample_nearest2d", "aten::upsample_nearest3d", "aten::upsample_trilinear3d",
        "aten::var", "aten::var_mean", "aten::vstack", "aten::hstack", "aten::where"};
    return names.count(name) != 0;
}

std::optional<c10::OperatorHandle> dispatched(const c10::FunctionSchema& schema) {
    return c10::Dispatcher::singleton().findSchema({schema.name(), schema.overload_name()});
}

// Whether it is one of the operators on tensors; the others are TorchScript's own, on lists and the like.
bool is_of_dispatcher(const c10::FunctionSchema& schema) { return dispatched(schema).has_value(); }

// Whether what it returns is memory of its own, where its schema says nothing else.
bool makes_its_results(const torch::jit::Node* node, const c10::FunctionSchema& schema) {
    if (node->maybeOperator()->aliasAnalysisKind() == c10::AliasAnalysisKind::PURE_FUNCTION) {
        return true;
    }
    const auto handle = dispatched(schema);
    const bool is_composed = handle && handle->hasKernelForDispatchKey(c10::DispatchKey::CompositeImplicitAutograd);
    return !is_composed || always_computes(schema.name());
}

// The sets that an annotation speaks of, those of contained types included.
void collect_sets(const c10::AliasInfo& info, std::set<c10::Symbol>& sets) {
    sets.insert(info.beforeSets().begin(), info.beforeSets().end());
    sets.insert(info.afterSets().begin(), info.afterSets().end());
    for (const auto& contained : info.containedTypes()) {
        collect_sets(contained, sets);
    }
}

std::set<c10::Symbol> sets_of(const c10::Argument& argument) {
    std::set<c10::Symbol> sets;
    if (argument.alias_info() != nullptr) {
        collect_sets(*argument.alias_info(), sets);
    }
    return sets;
}

bool intersect(const std::set<c10::Symbol>& a, const std::set<c10::Symbol>& b) {
    return std::any_of(a.begin(), a.end(), [&](const auto& symbol) { return b.count(symbol) != 0; });
}

// Writes, but only to what gradients are made from.
bool writes_for_gradients_alone(c10::Symbol kind) {
    static const auto detach = c10::Symbol::fromQualString("aten::detach_");
    static const auto requires_grad = c10::Symbol::fromQualString("aten::requires_grad_");
    return kind == detach || kind == requires_grad;
}

bool is_task(const Node* node) { return node->kind() == prim::fork && node->hasAttribute(torch::jit::attr::Subgraph); }

// Where a value may point: what the module keeps, what the caller gave, or a container that the graph itself makes.
constexpr int kState = 0;
constexpr int kArguments = 1;
// What follows from the module alone, so that freezing computes it, seen through an operator that does not say that it returns a view.
constexpr int kBeforehand = 2;
using Places = std::set<int>;

class Follower {
 public:
    explicit Follower(Graph& graph) : contents_{{kState}, {kArguments}, {}} {
        const auto inputs = graph.inputs();
        for (size_t i = 0; i < inputs.size(); i++) {
            if (is_mutable(inputs[i]->type())) {
                places_[inputs[i]] = {i == 0 ? kState : kArguments};
            }
        }
        do {
            changed_ = false;
            follow(graph.block());
        } while (changed_ && !effects_.changes_state);
    }

    const Effects& effects() const { return effects_; }

 private:
    const Places& at(const Value* value) { return places_[value]; }

    void point(const Value* value, const Places& to) {
        if (!to.empty() && is_mutable(value->type())) {
            add(places_[value], to);
        }
    }

    void add(Places& places, const Places& more) {
        const auto before = places.size();
        places.insert(more.begin(), more.end());
        changed_ = changed_ || places.size() != before;
    }

    // The container that a node makes: one, however often it is run.
    int made_by(const Node* node) {
        const auto [found, is_new] = made_.try_emplace(node, static_cast<int>(contents_.size()));
        if (is_new) {
            contents_.emplace_back();
        }
        return found->second;
    }

    Places contents(const Places& places) {
        Places all;
        for (int place : places) {
            all.insert(contents_[place].begin(), contents_[place].end());
        }
        return all;
    }

    // All that can be reached from there.
    Places reach(Places places) {
        for (size_t before = 0; before != places.size();) {
            before = places.size();
            const auto inner = contents(places);
            places.insert(inner.begin(), inner.end());
        }
        return places;
    }

    Places reach_of_inputs(const Node* node) {
        Places all;
        for (const auto* input : node->inputs()) {
            const auto& places = at(input);
            all.insert(places.begin(), places.end());
        }
        return reach(std::move(all));
    }

    void write(const Places& places) {
        effects_.changes_state = effects_.changes_state || places.count(kState) != 0;
        effects_.writes_arguments = effects_.writes_arguments || places.count(kArguments) != 0;
        effects_.writes_constants = effects_.writes_constants || places.count(kBeforehand) != 0;
    }

    void store(const Places& into, const Places& what) {
        for (int place : into) {
            add(contents_[place], what);
        }
    }

    void follow(Block* block) {
        for (auto* node : block->nodes()) {
            follow(node);
        }
    }

    void follow(Node* node) {
        switch (node->kind()) {
            case prim::Constant:
                follow_constant(node);
                return;
            case prim::GetAttr:
                point(node->output(), contents(at(node->input())));
                return;
            case prim::SetAttr:
                write(at(node->input(0)));
                store(at(node->input(0)), at(node->input(1)));
                return;
            case prim::ListConstruct:
            case prim::DictConstruct:
            case prim::TupleConstruct:
            case prim::CreateObject:
                make_container(node);
                return;
            case prim::TupleUnpack:
            case prim::ListUnpack:
            case prim::TupleIndex:
                for (const auto* output : node->outputs()) {
                    point(output, contents(at(node->input(0))));
                }
                return;
            case prim::If:
                follow_branches(node);
                return;
            case prim::Loop:
                follow_loop(node);
                return;
            case prim::fork:
                follow_task(node);
                return;
            case prim::unchecked_cast:
            case prim::unchecked_unwrap_optional:
                point(node->output(), at(node->input(0)));
                return;
            case prim::RaiseException:
            case prim::Print:
            case prim::Uninitialized:
                return;
            default:
                follow_operator(node);
        }
    }

    void follow_constant(const Node* node) {
        const auto value = torch::jit::toIValue(node->output());
        if (value && !value->isNone()) {
            point(node->output(), {kState});
        }
    }

    void make_container(const Node* node) {
        if (node->outputs().empty() || !is_mutable(node->output()->type())) {
            return;
        }
        const int made = made_by(node);
        for (const auto* input : node->inputs()) {
            add(contents_[made], at(input));
        }
        point(node->output(), {made});
    }

    void follow_branches(Node* node) {
        for (auto* branch : node->blocks()) {
            follow(branch);
            for (size_t i = 0; i < node->outputs().size(); i++) {
                point(node->outputs()[i], at(branch->outputs()[i]));
            }
        }
    }

    void follow_loop(Node* node) {
        auto* body = node->blocks()[0];
        const size_t carried = node->outputs().size();
        for (size_t i = 0; i < carried; i++) {
            point(body->inputs()[i + 1], at(node->inputs()[i + 2]));
            point(node->outputs()[i], at(node->inputs()[i + 2]));
        }
        follow(body);
        for (size_t i = 0; i < carried; i++) {
            point(body->inputs()[i + 1], at(body->outputs()[i + 1]));
            point(node->outputs()[i], at(body->outputs()[i + 1]));
        }
    }

    // A future holds what the task returns.
    void follow_task(Node* node) {
        effects_.starts_tasks = true;
        if (!is_task(node)) {
            follow_unknown(node);
            return;
        }
        auto graph = node->g(torch::jit::attr::Subgraph);
        for (size_t i = 0; i < graph->inputs().size() && i < node->inputs().size(); i++) {
            point(graph->inputs()[i], at(node->inputs()[i]));
        }
        follow(graph->block());
        const int made = made_by(node);
        for (const auto* output : graph->outputs()) {
            add(contents_[made], at(output));
        }
        point(node->output(), {made});
    }

    // A call through an interface, an operator of somebody's: it may do anything with what it can reach.
    void follow_unknown(Node* node) {
        auto all = reach_of_inputs(node);
        write(all);
        all.insert(made_by(node));
        store(all, all);
        for (const auto* output : node->outputs()) {
            point(output, all);
        }
        for (auto* block : node->blocks()) {
            follow(block);
        }
    }

    void follow_operator(Node* node) {
        const auto* schema = node->maybeSchema();
        const auto* op = node->maybeOperator();
        static const auto set = c10::Symbol::fromQualString("aten::set_");
        static const auto set_data = c10::Symbol::fromQualString("aten::set_data");
        const bool is_known = schema != nullptr && op != nullptr && node->blocks().empty() &&
                              op->aliasAnalysisKind() != c10::AliasAnalysisKind::CONSERVATIVE &&
                              schema->arguments().size() == node->inputs().size() &&
                              schema->returns().size() == node->outputs().size() && node->kind() != set && node->kind() != set_data;
        if (!is_known && only_reads(node)) {
            return;
        }
        if (!is_known) {
            follow_unknown(node);
            return;
        }
        follow_writes(node, *schema);
        for (size_t i = 0; i < node->outputs().size(); i++) {
            follow_result(node, *schema, i);
        }
    }

    // Of those with a varying number of arguments (format, min, ...), the ones that return no more than numbers and texts.
    static bool only_reads(const Node* node) {
        const auto* schema = node->maybeSchema();
        return schema != nullptr && node->blocks().empty() && !schema->is_mutable() &&
               std::none_of(node->outputs().begin(), node->outputs().end(),
                            [](const Value* output) { return is_mutable(output->type()); });
    }

    void follow_writes(Node* node, const c10::FunctionSchema& schema) {
        if (writes_running_statistics(node, schema)) {
            for (const char* name : {"running_mean", "running_var"}) {
                if (const auto index = schema.argumentIndexWithName(name)) {
                    write(at(node->input(*index)));
                }
            }
        }
        for (size_t i = 0; i < node->inputs().size(); i++) {
            const auto* info = schema.arguments()[i].alias_info();
            if (info == nullptr || !info->isWrite() || writes_for_gradients_alone(node->kind())) {
                continue;
            }
            const auto written = at(node->input(i));
            write(written);
            if (is_tensor(node->input(i)->type())) {
                continue;  // numbers are copied into it
            }
            for (size_t j = 0; j < node->inputs().size(); j++) {
                if (j != i) {
                    store(written, reach(at(node->input(j))));
                }
            }
        }
    }

    // Normalisation by a batch's own statistics adds them to the running ones, and no schema says so.
    static bool writes_running_statistics(const Node* node, const c10::FunctionSchema& schema) {
        if (!schema.argumentIndexWithName("running_mean")) {
            return false;
        }
        for (const char* name : {"training", "use_input_stats"}) {
            if (const auto index = schema.argumentIndexWithName(name)) {
                const auto flag = torch::jit::toIValue(node->input(*index));
                return !flag || !flag->isBool() || flag->toBool();
            }
        }
        return false;
    }

    void follow_result(const Node* node, const c10::FunctionSchema& schema, size_t index) {
        const auto* output = node->outputs()[index];
        if (!is_mutable(output->type())) {
            return;
        }
        const auto sets = sets_of(schema.returns()[index]);
        Places from;      // where it may point
        Places elements;  // and what may be in it, if it is a container that the operator makes
        if (sets.count(c10::AliasInfo::wildcardSet()) != 0 || (sets.empty() && may_return_inputs(node, schema))) {
            from = reach_of_inputs(node);
            // A list of the code's own is written to in its place, and so not computed beforehand.
            if (sets.empty() && is_of_dispatcher(schema) && may_return_what_follows_from_module(node)) {
                from.insert(kBeforehand);
            }
        } else if (sets.empty()) {
            // A list of another's elements.
            elements = is_of_dispatcher(schema) ? Places{} : reach_of_inputs(node);
        } else {
            for (size_t i = 0; i < node->inputs().size(); i++) {
                if (intersect(sets, sets_of(schema.arguments()[i]))) {
                    const auto& places = at(node->input(i));
                    from.insert(places.begin(), places.end());
                }
            }
        }
        if (!is_tensor(output->type())) {
            const int made = made_by(node);
            elements.merge(reach(from));
            add(contents_[made], elements);
            from.insert(made);
        }
        point(output, from);
    }

    // What such operators return is their first argument, or an element of it, or a view of that.
    static bool may_return_what_follows_from_module(const Node* node) {
        if (node->inputs().empty()) {
            return false;
        }
        const auto* first = node->input(0);
        const auto elements = first->node()->inputs();
        const bool is_list = first->node()->kind() == prim::ListConstruct;
        return follows_from_module(first) ||
               (is_list && std::any_of(elements.begin(), elements.end(), [](const Value* one) { return follows_from_module(one); }));
    }

    // Whether nothing that the caller gives goes into it: of a value, or of all that a node is given.
    static bool follows_from_module(const Node* node) {
        return std::all_of(node->inputs().begin(), node->inputs().end(), [](const Value* input) { return follows_from_module(input); });
    }

    static bool follows_from_module(const Value* value) {
        const auto* node = value->node();
        if (node->kind() == prim::Param) {
            return value->offset() == 0 && node->owningBlock() == node->owningGraph()->block();
        }
        return node->blocks().empty() && follows_from_module(node);
    }

    // Whether what is returned may be an argument, or in one, though the schema does not say so.
    static bool may_return_inputs(const Node* node, const c10::FunctionSchema& schema) {
        static const auto einsum = c10::Symbol::fromQualString("aten::einsum");
        if (node->kind() == einsum) {
            const auto* operands = node->input(1)->node();  // of one it may be a view, of more it is their product
            return operands->kind() != prim::ListConstruct || operands->inputs().size() < 2;
        }
        if (is_of_dispatcher(schema)) {
            return !makes_its_results(node, schema);
        }
        static const auto wait = c10::Symbol::fromQualString("aten::wait");
        return node->kind() == wait || schema.is_mutable();
    }

    Effects effects_;
    bool changed_ = false;
    std::unordered_map<const Value*, Places> places_;
    std::vector<Places> contents_;
    std::unordered_map<const Node*, int> made_;
};

template <typename Pass>
void for_each_task(Block* block, const Pass& pass) {
    for_each_node(block, [&](Node* node) {
        if (is_task(node)) {
            auto task = node->g(torch::jit::attr::Subgraph);
            pass(task);
            for_each_task(task->block(), pass);
        }
    });
}

// Which of the module's own parts a value is, if it is one.
using Parts = std::unordered_map<const Value*, c10::IValue>;

// Puts the numbers, texts and Nones that attributes hold into the code. Should any be assigned, the module changes its state, and
// what is found besides does not matter.
void fold_attributes(Graph& graph, Parts& parts) {
    for_each_node(graph.block(), [&](Node* node) {
        if (is_task(node)) {
            auto task = node->g(torch::jit::attr::Subgraph);
            for (size_t i = 0; i < node->inputs().size(); i++) {
                if (const auto part = parts.find(node->input(i)); part != parts.end()) {
                    parts.emplace(task->inputs()[i], part->second);
                }
            }
            fold_attributes(*task, parts);
        }
        if (node->kind() != prim::GetAttr) {
            return;
        }
        const auto owner = parts.find(node->input());
        if (owner == parts.end()) {
            return;
        }
        const auto value = owner->second.toObjectRef().getAttr(node->s(torch::jit::attr::name));
        if (value.isModule()) {
            parts.emplace(node->output(), value);
        } else if (value.isNone() || value.isBool() || value.isInt() || value.isDouble() || value.isString()) {
            torch::jit::WithInsertPoint before(node);
            node->output()->replaceAllUsesWith(graph.insertConstant(value));
        }
    });
}

}  // namespace

void Effects::add(const Effects& other) {
    changes_state = changes_state || other.changes_state;
    writes_arguments = writes_arguments || other.writes_arguments;
    writes_constants = writes_constants || other.writes_constants;
    starts_tasks = starts_tasks || other.starts_tasks;
    may_not_end = may_not_end || other.may_not_end;
}

Effects effects_of(const torch::jit::Module& module, const torch::jit::Method& method) {
    auto graph = method.graph()->copy();
    torch::jit::Inline(*graph);
    for_each_task(graph->block(), [](std::shared_ptr<Graph>& task) { torch::jit::Inline(*task); });
    Parts parts{{graph->inputs()[0], module._ivalue()}};
    fold_attributes(*graph, parts);
    const auto fold = [](std::shared_ptr<Graph>& part) {
        torch::jit::ConstantPropagationImmutableTypes(part);
        torch::jit::PeepholeOptimize(part, /* disable_shape_peepholes= */ true);
        torch::jit::ConstantPropagationImmutableTypes(part);
    };
    fold(graph);
    for_each_task(graph->block(), fold);
    auto effects = Follower(*graph).effects();
    effects.may_not_end = may_not_end(*graph);
    return effects;
}

}  // namespace cresset
