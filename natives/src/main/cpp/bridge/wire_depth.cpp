#include "bridge/wire.h"

#include <unordered_map>

namespace cresset {

namespace {

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

}  // namespace

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

}  // namespace cresset
