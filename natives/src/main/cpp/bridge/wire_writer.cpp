#include "bridge/wire.h"

#include <cstring>
#include <sstream>

namespace cresset {

namespace {

// Results up to this size may be copied into the reply: cheaper than a second native call to give them back.
constexpr size_t kInlineBytes = 64 * 1024;

// At most one unsent reply a thread: the thread that was told of it fetches it next.
thread_local std::vector<int64_t> unsent;
thread_local std::vector<size_t> unsent_offsets;

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
