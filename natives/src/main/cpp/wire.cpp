#include "wire.h"

#include <ATen/ops/from_blob.h>

#include <cstring>

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

c10::IValue Reader::untagged(int64_t tag) {
    switch (tag) {
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
        case kList: {
            int64_t count = word();
            c10::impl::GenericList list(c10::AnyType::get());
            for (int64_t i = 0; i < count; i++) {
                list.push_back(value());
            }
            return list;
        }
        case kTuple: {
            int64_t count = word();
            std::vector<c10::IValue> elements;
            for (int64_t i = 0; i < count; i++) {
                elements.push_back(value());
            }
            return c10::ivalue::Tuple::create(std::move(elements));
        }
        default:
            throw Refused("a value of unknown kind " + std::to_string(tag));
    }
}

c10::IValue Reader::value() { return untagged(word()); }

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
        default:
            return value();
    }
}

at::Tensor readable(const at::Tensor& tensor) {
    if (!readable_type(tensor.scalar_type()) || tensor.layout() != at::kStrided) {
        throw Refused(
            std::string("the result has a tensor of type ") + c10::toString(tensor.scalar_type()) +
            ", which Java cannot hold; let the model convert it");
    }
    at::Tensor dense = tensor.device().is_cpu() ? tensor : tensor.cpu();
    dense = dense.contiguous();
    return dense.is_conj() || dense.is_neg() ? dense.resolve_conj().resolve_neg() : dense;
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
        throw Refused("the result has a value of type " + value.type()->annotation_str() + ", which Java cannot hold");
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
