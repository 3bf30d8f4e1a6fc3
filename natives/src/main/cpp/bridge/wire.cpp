#include "bridge/wire.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <sstream>
#include <unordered_map>

namespace cresset {

namespace {

// Results up to this size may be copied into the reply: cheaper than a second native call to give them back.
constexpr size_t kInlineBytes = 64 * 1024;

// At most one unsent reply a thread: the thread that was told of it fetches it next.
thread_local std::vector<int64_t> unsent;
thread_local std::vector<size_t> unsent_offsets;

size_t words_for(size_t bytes) { return (bytes + 7) / 8; }

bool readable_type(at::ScalarType type) {
    switch (type) {
        case at::kByte:
        case at::kChar:
        case at::kShort:
        case at::kInt:
        case at::kLong:
        case at::kHalf:
        case at::kFloat:
        case at::kDouble:
        case at::kBool:
        case at::kBFloat16:
            return true;
        default:
            return false;
    }
}

std::string layout_of(const at::Tensor& tensor) {
    std::ostringstream text;
    text << tensor.layout();
    return tensor.is_nested() ? "Nested" : text.str();
}

// How values of a type are tagged; nothing for a type that has several.
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

// As for arguments, see dev.cresset.internal.calls.ArgumentChecks.
constexpr int kDeepest = 100;

// Whether nothing is in the value that could be deep itself.
bool holds_none(const c10::IValue& value) {
    if (value.isList()) {
        const auto kind = value.toList().elementType()->kind();
        return kind == c10::TypeKind::TensorType || tag_of(kind) || kind == c10::TypeKind::FloatType;
    }
    return !value.isTuple() && !value.isGenericDict() && !value.isObject();
}

template <typename Use>
void for_each_part(const c10::IValue& value, Use use) {
    if (value.isList()) {
        for (const auto& element : value.toListRef()) {
            use(element);
        }
    } else if (value.isTuple()) {
        for (const auto& element : value.toTupleRef().elements()) {
            use(element);
        }
    } else if (value.isGenericDict()) {
        for (const auto& entry : value.toGenericDict()) {
            use(entry.key());
            use(entry.value());
        }
    } else if (value.isObject()) {
        for (const auto& slot : value.toObjectRef().slots()) {
            use(slot);
        }
    }
}

// `seen` is from which depth a part was looked at already: parts may be shared.
bool is_deeper(const c10::IValue& value, int levels, std::unordered_map<const void*, int>& seen) {
    if (!value.isList() && !value.isTuple() && !value.isGenericDict() && !value.isObject()) {
        return false;
    }
    if (levels == 0) {
        return true;
    }
    if (holds_none(value)) {
        return false;
    }
    const auto [known, is_new] = seen.try_emplace(value.internalToPointer(), levels);
    if (!is_new && known->second >= levels) {
        return false;
    }
    known->second = levels;
    bool deeper = false;
    for_each_part(value, [&](const c10::IValue& part) { deeper = deeper || is_deeper(part, levels - 1, seen); });
    return deeper;
}

// Lets go of a value level by level.
void take_apart(c10::IValue&& value) {
    std::vector<c10::IValue> left;
    left.push_back(std::move(value));
    value = c10::IValue();
    while (!left.empty()) {
        auto next = std::move(left.back());
        left.pop_back();
        if (holds_none(next) || next.use_count() > 1) {
            continue;
        }
        for_each_part(next, [&](const c10::IValue& part) { left.push_back(part); });
        if (next.isList()) {
            next.toList().clear();
        } else if (next.isTuple()) {
            next.toTuple()->setElements(std::vector<c10::IValue>());
        } else if (next.isGenericDict()) {
            next.toGenericDict().clear();
        } else {
            for (size_t slot = next.toObjectRef().slots().size(); slot-- > 0;) {
                next.toObject()->unsafeRemoveSlot(slot);
            }
        }
    }
}

int64_t copy_out(const std::vector<int64_t>& words, const std::vector<size_t>& offsets, int64_t reply) {
    auto* block = reinterpret_cast<int64_t*>(reply);
    std::memcpy(block, words.data(), words.size() * 8);
    // Bytes in the reply are written as offsets, until it is known where the reply lies.
    for (size_t at : offsets) {
        block[at] = reply + words[at] * 8;
    }
    return static_cast<int64_t>(words.size() * 8);
}

}  // namespace

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

bool is_plain(const at::Tensor& tensor) {
    return tensor.device().is_cpu() && tensor.layout() == at::kStrided && !tensor.is_nested() && tensor.is_contiguous() &&
           !tensor.is_conj() && !tensor.is_neg() && !tensor._is_zerotensor();
}

at::Tensor readable(const at::Tensor& tensor) {
    if (tensor.layout() != at::kStrided || tensor.is_nested()) {
        throw Unreadable("the result has a tensor of layout " + layout_of(tensor) + ", which Java cannot hold; let the model convert it, with to_dense() for example");
    }
    if (!readable_type(tensor.scalar_type())) {
        throw Unreadable(
            std::string("the result has a tensor of type ") + c10::toString(tensor.scalar_type()) +
            ", which Java cannot hold; let the model convert it");
    }
    if (is_plain(tensor)) {
        return tensor;
    }
    auto plain = at::empty(tensor.sizes(), tensor.options().device(at::kCPU), at::MemoryFormat::Contiguous);
    plain.copy_(tensor);
    return plain;
}

void refuse_too_deep(c10::IValue& result) {
    if (holds_none(result)) {
        return;
    }
    std::unordered_map<const void*, int> seen;
    if (is_deeper(result, kDeepest, seen)) {
        take_apart(std::move(result));
        throw Unreadable("the result is nested deeper than " + std::to_string(kDeepest) + " lists, tuples and dicts");
    }
}

void Writer::text(const std::string& text) {
    word(static_cast<int64_t>(text.size()));
    size_t start = words_.size();
    words_.resize(start + words_for(text.size()));
    std::memcpy(words_.data() + start, text.data(), text.size());
}

void Writer::tensor(const at::Tensor& tensor, bool inlined) {
    // Whoever else holds this memory (an input, a weight, the module's state) may change or free it under the reader.
    bool shared = tensor.use_count() > 1 || (tensor.has_storage() && tensor.storage().use_count() > 1);
    at::Tensor dense = readable(tensor);
    inlined = inlined && dense.nbytes() <= kInlineBytes;
    if (shared && !inlined && dense.is_alias_of(tensor)) {
        dense = dense.clone(at::MemoryFormat::Contiguous);
    }
    word(kTensor);
    size_t address = words_.size();
    word(reinterpret_cast<int64_t>(dense.data_ptr()));
    word(static_cast<int64_t>(dense.scalar_type()));
    word(dense.dim());
    for (int64_t size : dense.sizes()) {
        word(size);
    }
    if (inlined) {
        word(0);
        words_[address] = static_cast<int64_t>(words_.size());
        offsets_.push_back(address);
        size_t start = words_.size();
        words_.resize(start + words_for(dense.nbytes()));
        std::memcpy(words_.data() + start, dense.data_ptr(), dense.nbytes());
    } else {
        auto* handle = dense.unsafeReleaseTensorImpl();
        given_.push_back(handle);
        word(reinterpret_cast<int64_t>(handle));
    }
}

void Writer::value(const c10::IValue& value, bool inlined) {
    if (value.isTensor()) {
        const at::Tensor& held = value.toTensor();
        if (held.defined()) {
            tensor(held, inlined);
        } else {
            word(kNone);
        }
    } else if (value.isNone()) {
        word(kNone);
    } else if (value.isInt()) {
        word(kInt);
        word(value.toInt());
    } else if (value.isDouble()) {
        double number = value.toDouble();
        int64_t bits;
        std::memcpy(&bits, &number, sizeof bits);
        word(kFloat);
        word(bits);
    } else if (value.isBool()) {
        word(kBool);
        word(value.toBool());
    } else if (value.isString()) {
        word(kString);
        text(value.toStringRef());
    } else if (value.isList()) {
        auto list = value.toListRef();
        word(kList);
        word(static_cast<int64_t>(list.size()));
        for (const auto& element : list) {
            this->value(element, inlined);
        }
    } else if (value.isTuple()) {
        const auto& elements = value.toTupleRef().elements();
        word(kTuple);
        word(static_cast<int64_t>(elements.size()));
        for (const auto& element : elements) {
            this->value(element, inlined);
        }
    } else if (value.isGenericDict()) {
        auto dict = value.toGenericDict();
        word(kDict);
        word(static_cast<int64_t>(dict.size()));
        for (const auto& entry : dict) {
            this->value(entry.key(), inlined);
            this->value(entry.value(), inlined);
        }
    } else {
        throw Unreadable("the result has a value of type " + value.type()->annotation_str() + ", which Java cannot hold");
    }
}

int64_t Writer::send(int64_t reply, int64_t capacity) {
    given_.clear();
    if (static_cast<int64_t>(words_.size() * 8) <= capacity) {
        return copy_out(words_, offsets_, reply);
    }
    unsent = std::move(words_);
    unsent_offsets = std::move(offsets_);
    return static_cast<int64_t>(unsent.size() * 8);
}

void Writer::clear() {
    words_.clear();
    offsets_.clear();
    // References that were given and not sent are taken back.
    for (auto* handle : given_) {
        c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(handle);
    }
    given_.clear();
}

int64_t fetch_unsent(int64_t reply, int64_t capacity) {
    if (static_cast<int64_t>(unsent.size() * 8) > capacity) {
        return 0;
    }
    int64_t bytes = copy_out(unsent, unsent_offsets, reply);
    unsent = {};
    unsent_offsets = {};
    return bytes;
}

}  // namespace cresset
