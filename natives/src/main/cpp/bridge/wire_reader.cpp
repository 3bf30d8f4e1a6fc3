#include "bridge/wire.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace cresset {

namespace {

// A tensor's own type would tell its shape, which no declared type does.
c10::TypePtr type_of(const c10::IValue& value) {
    return value.isTensor() ? c10::TypePtr(c10::TensorType::get()) : value.type();
}

c10::TypePtr common_type(const std::vector<c10::IValue>& values, const char* of) {
    if (values.empty()) {
        throw Refused(std::string("an empty ") + of + " where the method does not say of what: it is of no type");
    }
    auto type = type_of(values[0]);
    for (const auto& value : values) {
        auto both = c10::unifyTypes(type, type_of(value));
        if (!both) {
            throw Refused(std::string("a ") + of + " of " + type->annotation_str() + " and " + type_of(value)->annotation_str() +
                          " where the method does not say of what: its elements must be of one type");
        }
        type = *both;
    }
    return type;
}

// A dict has names for its values, which are often of many kinds: the fields of a data class.
c10::TypePtr type_of_values(const std::vector<c10::IValue>& values) {
    const bool are_alike = values.empty() || std::all_of(values.begin(), values.end(), [&](const auto& value) {
        return c10::unifyTypes(type_of(values[0]), type_of(value)).has_value();
    });
    return are_alike ? common_type(values, "dict") : c10::TypePtr(c10::AnyType::get());
}

}  // namespace

size_t words_for(size_t bytes) { return (bytes + 7) / 8; }

std::optional<int64_t> tag_of(c10::TypeKind kind) {
    switch (kind) {
        case c10::TypeKind::TensorType:
            return kTensor;
        case c10::TypeKind::IntType:
            return kInt;
        case c10::TypeKind::BoolType:
            return kBool;
        case c10::TypeKind::StringType:
            return kString;
        case c10::TypeKind::NoneType:
            return kNone;
        default:
            return std::nullopt;
    }
}

std::string Reader::text() {
    int64_t bytes = word();
    std::string text(reinterpret_cast<const char*>(next_), bytes);
    next_ += words_for(bytes);
    return text;
}

at::Tensor Reader::tensor() {
    auto* data = reinterpret_cast<void*>(word());
    auto type = static_cast<at::ScalarType>(word());
    int64_t rank = word();
    at::IntArrayRef sizes(next_, rank);
    next_ += rank;
    return at::from_blob(data, sizes, at::TensorOptions().dtype(type));
}

c10::IValue Reader::value() {
    switch (const int64_t tag = word()) {
        case kNone:
            return {};
        case kTensor:
            return tensor();
        case kInt:
            return word();
        case kFloat: {
            int64_t bits = word();
            double value;
            std::memcpy(&value, &bits, sizeof value);
            return value;
        }
        case kBool:
            return word() != 0;
        case kString:
            return text();
        case kList:
            return list();
        case kTuple:
            return tuple();
        case kDict:
            return dict();
        default:
            throw Refused("a value of unknown kind " + std::to_string(tag));
    }
}

c10::IValue Reader::list() {
    std::vector<c10::IValue> elements(word());
    for (auto& element : elements) {
        element = value();
    }
    c10::impl::GenericList list(common_type(elements, "list"));
    list.reserve(elements.size());
    for (auto& element : elements) {
        list.push_back(std::move(element));
    }
    return list;
}

c10::IValue Reader::dict() {
    const int64_t count = word();
    std::vector<c10::IValue> keys(count);
    std::vector<c10::IValue> values(count);
    for (int64_t i = 0; i < count; i++) {
        keys[i] = value();
        values[i] = value();
    }
    c10::impl::GenericDict dict(common_type(keys, "dict"), type_of_values(values));
    dict.reserve(count);
    for (int64_t i = 0; i < count; i++) {
        dict.insert_or_assign(std::move(keys[i]), std::move(values[i]));
    }
    return dict;
}

c10::IValue Reader::tuple() {
    std::vector<c10::IValue> elements(word());
    for (auto& element : elements) {
        element = value();
    }
    return c10::ivalue::Tuple::create(std::move(elements));
}

c10::IValue Reader::value_of_union(const c10::UnionType& type) {
    const int64_t* start = next_;
    try {
        auto found = value();
        if (type_of(found)->isSubtypeOf(type)) {
            return found;
        }
    } catch (const Refused&) {
        // An empty list has no type, nor has one of an int and a float; a member of the union may give it one.
    }
    for (const auto& member : type.containedTypes()) {
        next_ = start;
        try {
            return value(member);
        } catch (const Refused&) {
            // It is not that one.
        }
    }
    throw Refused("expected " + type.annotation_str());
}

c10::IValue Reader::value(const c10::TypePtr& type) {
    switch (type->kind()) {
        case c10::TypeKind::OptionalType:
            if (*next_ == kNone) {
                next_++;
                return {};
            }
            return value(type->castRaw<c10::OptionalType>()->getElementType());
        case c10::TypeKind::FloatType:
            if (*next_ == kInt) {
                next_++;
                return static_cast<double>(word());
            }
            if (*next_ != kFloat) {
                throw Refused("expected float");
            }
            return value();
        case c10::TypeKind::ListType: {
            if (word() != kList) {
                throw Refused("expected " + type->annotation_str());
            }
            int64_t count = word();
            auto element = type->castRaw<c10::ListType>()->getElementType();
            c10::impl::GenericList list(element);
            list.reserve(count);
            for (int64_t i = 0; i < count; i++) {
                list.push_back(value(element));
            }
            return list;
        }
        case c10::TypeKind::DictType: {
            if (word() != kDict) {
                throw Refused("expected " + type->annotation_str());
            }
            int64_t count = word();
            auto* dict_type = type->castRaw<c10::DictType>();
            c10::impl::GenericDict dict(dict_type->getKeyType(), dict_type->getValueType());
            dict.reserve(count);
            for (int64_t i = 0; i < count; i++) {
                auto key = value(dict_type->getKeyType());
                dict.insert_or_assign(std::move(key), value(dict_type->getValueType()));
            }
            return dict;
        }
        case c10::TypeKind::TupleType: {
            auto* tuple_type = type->castRaw<c10::TupleType>();
            auto types = tuple_type->elements();
            if (word() != kTuple || word() != static_cast<int64_t>(types.size())) {
                throw Refused("expected " + type->annotation_str());
            }
            std::vector<c10::IValue> elements;
            elements.reserve(types.size());
            for (const auto& element : types) {
                elements.push_back(value(element));
            }
            if (tuple_type->schema()) {
                return c10::ivalue::Tuple::createNamed(std::move(elements), type->cast<c10::TupleType>());
            }
            return c10::ivalue::Tuple::create(std::move(elements));
        }
        case c10::TypeKind::UnionType:
            return value_of_union(*type->castRaw<c10::UnionType>());
        default:
            if (const auto tag = tag_of(type->kind()); tag && *next_ != *tag) {
                throw Refused("expected " + type->annotation_str());
            }
            return value();
    }
}

}  // namespace cresset
