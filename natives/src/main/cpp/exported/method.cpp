#include "exported/method.h"

#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <limits>
#include <memory>

#include "exported/calls.h"
#include "exported/operands.h"
#include "exported/types.h"
#include "exported/values.h"

namespace cresset::exported {

using torch::jit::Graph;
using torch::jit::Value;
using torch::jit::WithInsertPoint;
namespace prim = torch::jit::prim;

namespace {

constexpr int kDeepest = 100;

// dev.cresset.torch.exported.Nodes has the same numbers.
enum Kind : int64_t { kAttribute, kCall, kMatched, kUnpack, kTuple, kList, kDict, kEntry, kIf, kLoop, kConstant, kCheck };

class Builder {
 public:
    Builder(Words& words, torch::jit::Module& module, const std::vector<std::string>& attributes)
        : words_(words),
          module_(module),
          attributes_(attributes),
          graph_(std::make_shared<Graph>()),
          values_(words.left()),
          self_(graph_->addInput("self")->setType(module._ivalue()->type())) {}

    void method() {
        const auto name = words_.text();
        if (module_.find_method(name) || module_.hasattr(name)) {
            throw Unbuildable("it has two programs '" + name + "'");
        }
        std::vector<c10::Argument> parameters{c10::Argument("self", self_->type())};
        const size_t count = words_.count();
        for (size_t i = 0; i < count; i++) {
            parameters.push_back(parameter(static_cast<int64_t>(i)));
        }
        block(0);
        auto* result = value();
        graph_->registerOutput(result);
        torch::jit::EliminateDeadCode(graph_);
        graph_->lint();
        auto* function = module_._ivalue()->compilation_unit()->create_function(
            c10::QualifiedName(*module_.type()->name(), name), graph_);
        function->setSchema(c10::FunctionSchema(name, "", parameters, {c10::Argument("", result->type())}));
        module_.type()->addMethod(function);
    }

 private:
    Value* value() { return values_.at(words_.word()); }

    std::vector<Value*> values() {
        std::vector<Value*> values(words_.count());
        for (auto& one : values) {
            one = value();
        }
        return values;
    }

    void define(Value* value) { values_.define(words_.word(), value); }

    c10::Argument parameter(int64_t number) {
        const auto name = words_.text();
        const auto type = read_type(words_);
        values_.define(number, graph_->addInput()->setType(type));
        if (!words_.flag()) {
            return c10::Argument(name, type);
        }
        auto fallback = read_operand(words_, values_);
        if (fallback.value != nullptr || fallback.list_of || !fallback.constant.type()->isSubtypeOf(*type)) {
            throw Unbuildable("its parameter '" + name + "' has a default of another type");
        }
        return c10::Argument(name, type, std::nullopt, fallback.constant);
    }

    void block(int depth) {
        if (depth > kDeepest) {
            throw Unbuildable("its program is nested deeper than " + std::to_string(kDeepest) + " branches and loops");
        }
        for (size_t left = words_.count(); left > 0; left--) {
            node(depth);
        }
    }

    void node(int depth) {
        const int64_t kind = words_.word();
        switch (kind) {
            case kAttribute:
                return attribute();
            case kCall:
                return call();
            case kMatched:
                return matched();
            case kUnpack:
                return unpack(value());
            case kTuple:
                return define(graph_->insertNode(graph_->createTuple(values()))->output());
            case kList:
                return list();
            case kDict:
                return dict();
            case kEntry:
                return entry();
            case kIf:
                return branch(depth);
            case kLoop:
                return loop(depth);
            case kConstant:
                return define(insert(*graph_, read_operand(words_, values_)));
            case kCheck:
                return check();
            default:
                throw Unbuildable("its program has a node of unknown kind " + std::to_string(kind));
        }
    }

    // number, then the value
    void attribute() {
        const int64_t number = words_.word();
        if (number < 0 || static_cast<size_t>(number) >= attributes_.size()) {
            throw Unbuildable("its program uses attribute " + std::to_string(number) + " where there is none");
        }
        define(graph_->insertGetAttr(self_, attributes_[number]));
    }

    // name, overload, operands with their names; then for each result 0, 1 and the value, or 2 and the values of a list
    void call() {
        const auto name = words_.text();
        const auto overload = words_.text();
        std::vector<NamedOperand> operands(words_.count());
        for (auto& operand : operands) {
            operand.name = words_.text();
            operand.operand = read_operand(words_, values_);
        }
        auto* node = insert_call(*graph_, name, overload, operands);
        const size_t results = words_.count();
        if (results > node->outputs().size()) {
            throw Unbuildable("its program takes " + std::to_string(results) + " results of " + name + ", which has " +
                              std::to_string(node->outputs().size()));
        }
        for (size_t i = 0; i < results; i++) {
            const int64_t kind = words_.word();
            if (kind == 1) {
                define(node->output(i));
            } else if (kind == 2) {
                unpack(node->output(i));
            } else if (kind != 0) {
                throw Unbuildable("its program has a result of unknown kind " + std::to_string(kind));
            }
        }
    }

    // name, operands, the type wanted, the value
    void matched() {
        const auto name = words_.text();
        std::vector<Operand> operands(words_.count());
        for (auto& operand : operands) {
            operand = read_operand(words_, values_);
        }
        auto* result = insert_matched(*graph_, name, operands);
        const auto wanted = read_type(words_);
        define(cast(result, wanted));
    }

    Value* cast(Value* value, const c10::TypePtr& wanted) {
        if (value->type()->isSubtypeOf(*wanted)) {
            return value;
        }
        switch (wanted->kind()) {
            case c10::TypeKind::IntType:
                return graph_->insert(at::aten::Int, {value});
            case c10::TypeKind::FloatType:
                return graph_->insert(at::aten::Float, {value});
            case c10::TypeKind::BoolType:
                return graph_->insert(at::aten::Bool, {value});
            default:
                throw Unbuildable("its program takes a " + value->type()->annotation_str() + " for a " + wanted->annotation_str());
        }
    }

    // the values of a list or a tuple
    void unpack(Value* whole) {
        const size_t count = words_.count();
        torch::jit::Node* parts;
        if (auto* tuple = whole->type()->castRaw<c10::TupleType>()) {
            if (tuple->elements().size() != count) {
                throw Unbuildable("its program takes " + std::to_string(count) + " parts of " + tuple->annotation_str());
            }
            parts = graph_->insertNode(graph_->createTupleUnpack(whole));
        } else if (whole->type()->kind() == c10::TypeKind::ListType) {
            parts = graph_->insertNode(graph_->createListUnpack(whole, count));
        } else {
            throw Unbuildable("its program takes parts of a " + whole->type()->annotation_str());
        }
        for (size_t i = 0; i < count; i++) {
            define(parts->output(i));
        }
    }

    // element type, elements, the value
    void list() {
        const auto type = read_type(words_);
        const auto elements = values();
        for (const auto* element : elements) {
            require(element, type);
        }
        define(graph_->insertNode(graph_->createList(type, elements))->output());
    }

    // type of the values; key and value of each entry; the value
    void dict() {
        const auto type = read_type(words_);
        std::vector<Value*> keys(words_.count());
        std::vector<Value*> entries(keys.size());
        for (size_t i = 0; i < keys.size(); i++) {
            keys[i] = graph_->insertConstant(words_.text());
            entries[i] = value();
            require(entries[i], type);
        }
        define(graph_->insertNode(graph_->createDict(c10::StringType::get(), type, keys, entries))->output());
    }

    // a dict's entry: dict, key, its type, the value
    void entry() {
        auto* dict = value();
        const auto key = words_.text();
        const auto type = read_type(words_);
        auto* found = graph_->insert(at::aten::__getitem__, {dict, key});
        if (found->type()->kind() == c10::TypeKind::AnyType) {
            auto* known = graph_->insertNode(graph_->create(prim::unchecked_cast, {found}));
            found = known->output()->setType(type);
        }
        require(found, type);
        define(found);
    }

    static void require(const Value* value, const c10::TypePtr& type) {
        if (!value->type()->isSubtypeOf(*type)) {
            throw Unbuildable("its program has a " + value->type()->annotation_str() + " where a " + type->annotation_str() +
                              " should be");
        }
    }

    // Inside a block, whose values end with it: its nodes, then its results.
    std::vector<Value*> inside(torch::jit::Block* block, int depth) {
        WithInsertPoint here(block);
        this->block(depth + 1);
        return values();
    }

    // condition, block and its results, other block and its results, the values
    void branch(int depth) {
        auto* condition = cast(value(), c10::BoolType::get());
        auto* node = graph_->insertNode(graph_->create(prim::If, {condition}, 0));
        for (int i = 0; i < 2; i++) {
            Values::Scope scope(values_);
            auto* block = node->addBlock();
            for (auto* result : inside(block, depth)) {
                block->registerOutput(result);
            }
        }
        const auto first = node->blocks()[0]->outputs();
        const auto second = node->blocks()[1]->outputs();
        if (first.size() != second.size() || words_.count() != first.size()) {
            throw Unbuildable("its program has branches of different results");
        }
        for (size_t i = 0; i < first.size(); i++) {
            const auto both = c10::unifyTypes(first[i]->type(), second[i]->type());
            if (!both) {
                throw Unbuildable("its program has branches of different types");
            }
            define(node->addOutput()->setType(*both));
        }
    }

    // condition, what is carried from round to round, the values in a round, the round's number; block, its results, whether it goes
    // on; the values
    void loop(int depth) {
        auto* condition = cast(value(), c10::BoolType::get());
        const auto carried = values();
        std::vector<Value*> inputs{graph_->insertConstant(std::numeric_limits<int64_t>::max()), condition};
        inputs.insert(inputs.end(), carried.begin(), carried.end());
        auto* node = graph_->insertNode(graph_->create(prim::Loop, inputs, 0));
        auto* block = node->addBlock();
        {
            Values::Scope scope(values_);
            define(block->addInput()->setType(c10::IntType::get()));
            for (const auto* one : carried) {
                define(block->addInput()->setType(one->type()));
            }
            WithInsertPoint here(block);
            this->block(depth + 1);
            const auto results = values();
            if (results.size() != carried.size()) {
                throw Unbuildable("its program has a loop that does not give what it takes");
            }
            block->registerOutput(cast(value(), c10::BoolType::get()));
            for (size_t i = 0; i < results.size(); i++) {
                require(results[i], carried[i]->type());
                block->registerOutput(results[i]);
            }
        }
        for (const auto* one : carried) {
            define(node->addOutput()->setType(one->type()));
        }
    }

    // a condition, and what is wrong where it does not hold
    void check() {
        auto* holds = cast(value(), c10::BoolType::get());
        const auto message = words_.text();
        auto* node = graph_->insertNode(graph_->create(prim::If, {holds}, 0));
        node->addBlock();
        WithInsertPoint here(node->addBlock());
        graph_->insertNode(graph_->create(prim::RaiseException, {graph_->insertConstant(message), graph_->insertConstant(c10::IValue())}, 0));
    }

    Words& words_;
    torch::jit::Module& module_;
    const std::vector<std::string>& attributes_;
    std::shared_ptr<Graph> graph_;
    Values values_;
    Value* self_;
};

}  // namespace

void read_method(Words& words, torch::jit::Module& module, const std::vector<std::string>& attributes) {
    Builder(words, module, attributes).method();
}

}  // namespace cresset::exported
