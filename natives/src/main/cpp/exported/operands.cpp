#include "exported/operands.h"

#include <algorithm>
#include <cstring>

#include "exported/types.h"

namespace cresset::exported {

using torch::jit::Graph;
using torch::jit::Value;

namespace {

constexpr int kDeepest = 8;

double read_double(Words& words) {
    const int64_t bits = words.word();
    double number;
    std::memcpy(&number, &bits, sizeof(number));
    return number;
}

Operand constant(c10::IValue value) {
    Operand operand;
    operand.constant = std::move(value);
    return operand;
}

Operand read(Words& words, const Values& values, int depth) {
    const int64_t kind = words.word();
    switch (kind) {
        case 0:
            return constant(c10::IValue());
        case 1: {
            Operand operand;
            operand.value = values.at(words.word());
            return operand;
        }
        case 2:
            return constant(words.word());
        case 3:
            return constant(read_double(words));
        case 4:
            return constant(words.flag());
        case 5:
            return constant(words.text());
        case 6: {
            const double real = read_double(words);
            return constant(c10::complex<double>(real, read_double(words)));
        }
        case 7:
            return constant(c10::Device(words.text()));
        case 8: {
            if (depth > kDeepest) {
                throw Unbuildable("its program has lists deeper than " + std::to_string(kDeepest));
            }
            Operand operand;
            operand.list_of = read_type(words);
            operand.elements.resize(words.count());
            for (auto& element : operand.elements) {
                element = read(words, values, depth + 1);
            }
            return operand;
        }
        default:
            throw Unbuildable("its program has an operand of unknown kind " + std::to_string(kind));
    }
}

// A number in the place of one of another type, as Python's schemas convert it: whole ones for fractions, truth for a number.
c10::IValue converted(const c10::IValue& constant, const c10::TypePtr& expected) {
    const auto kind = expected->kind();
    if (kind == c10::TypeKind::FloatType && constant.isInt()) {
        return static_cast<double>(constant.toInt());
    }
    if (kind == c10::TypeKind::FloatType && constant.isBool()) {
        return constant.toBool() ? 1.0 : 0.0;
    }
    if ((kind == c10::TypeKind::NumberType || kind == c10::TypeKind::IntType) && constant.isBool()) {
        return static_cast<int64_t>(constant.toBool());
    }
    if (kind == c10::TypeKind::BoolType && constant.isInt()) {
        return constant.toInt() != 0;
    }
    return constant;
}

Value* converted(Graph& graph, Value* value, const c10::TypePtr& expected) {
    const auto kind = expected->kind();
    const auto found = value->type()->kind();
    if (kind == c10::TypeKind::FloatType && (found == c10::TypeKind::IntType || found == c10::TypeKind::NumberType)) {
        return graph.insert(at::aten::Float, {value});
    }
    if ((kind == c10::TypeKind::IntType || kind == c10::TypeKind::NumberType) && found == c10::TypeKind::BoolType) {
        return graph.insert(at::aten::Int, {value});
    }
    return value;
}

bool is_constant(const Operand& operand) { return operand.value == nullptr && operand.list_of == nullptr; }

c10::IValue constant_list(const std::vector<Operand>& elements, const c10::TypePtr& type) {
    c10::impl::GenericList list(type);
    for (const auto& element : elements) {
        list.push_back(converted(element.constant, type));
    }
    return list;
}

Value* insert_list(Graph& graph, const Operand& operand, const c10::TypePtr& expected) {
    auto type = operand.list_of;
    if (expected && expected->kind() == c10::TypeKind::ListType) {
        const auto wanted = expected->castRaw<c10::ListType>()->getElementType();
        const bool is_float = wanted->kind() == c10::TypeKind::FloatType && type->kind() == c10::TypeKind::IntType;
        const bool is_optional = wanted->kind() == c10::TypeKind::OptionalType && type->kind() == c10::TypeKind::TensorType;
        if (is_float || is_optional) {
            type = wanted;
        }
    }
    const auto kind = type->kind();
    const bool is_plain = kind == c10::TypeKind::IntType || kind == c10::TypeKind::FloatType || kind == c10::TypeKind::BoolType;
    if (is_plain && std::all_of(operand.elements.begin(), operand.elements.end(), is_constant)) {
        return graph.insertConstant(constant_list(operand.elements, type));
    }
    std::vector<Value*> values;
    for (const auto& element : operand.elements) {
        values.push_back(insert(graph, element, type));
        if (!values.back()->type()->isSubtypeOf(*type)) {
            throw Unbuildable("its program has a list of " + type->annotation_str() + " with a " +
                              values.back()->type()->annotation_str() + " in it");
        }
    }
    return graph.insertNode(graph.createList(type, values))->output();
}

}  // namespace

c10::TypePtr bare(c10::TypePtr type) {
    while (type && type->kind() == c10::TypeKind::OptionalType) {
        type = type->castRaw<c10::OptionalType>()->getElementType();
    }
    return type;
}

bool is_number(const Value* value) {
    switch (value->type()->kind()) {
        case c10::TypeKind::IntType:
        case c10::TypeKind::FloatType:
        case c10::TypeKind::BoolType:
        case c10::TypeKind::NumberType:
        case c10::TypeKind::ComplexType:
            return true;
        default:
            return false;
    }
}

Operand read_operand(Words& words, const Values& values) { return read(words, values, 0); }

Value* insert(Graph& graph, const Operand& operand, const c10::TypePtr& expected) {
    const auto wanted = bare(expected);
    if (operand.list_of) {
        return insert_list(graph, operand, wanted);
    }
    if (wanted && wanted->kind() == c10::TypeKind::ListType && (operand.value ? is_number(operand.value) : operand.constant.isScalar())) {
        // One number counts for all of a list of fixed length.
        Operand list;
        list.list_of = wanted->castRaw<c10::ListType>()->getElementType();
        list.elements.push_back(operand);
        return insert_list(graph, list, wanted);
    }
    if (operand.value) {
        return wanted ? converted(graph, operand.value, wanted) : operand.value;
    }
    return graph.insertConstant(wanted ? converted(operand.constant, wanted) : operand.constant);
}

}  // namespace cresset::exported
