#include "exported/types.h"

#include <vector>

namespace cresset::exported {

namespace {

// As for arguments: whoever follows a type down does so on the native stack.
constexpr int kDeepest = 100;

c10::TypePtr read(Words& words, int depth) {
    if (depth > kDeepest) {
        throw Unbuildable("its inputs or outputs are nested deeper than " + std::to_string(kDeepest) + " lists, tuples and dicts");
    }
    const int64_t kind = words.word();
    switch (kind) {
        case 0:
            return c10::TensorType::get();
        case 1:
            return c10::IntType::get();
        case 2:
            return c10::FloatType::get();
        case 3:
            return c10::BoolType::get();
        case 4:
            return c10::StringType::get();
        case 5:
            return c10::NoneType::get();
        case 6:
            return c10::AnyType::get();
        case 7:
            return c10::ListType::create(read(words, depth + 1));
        case 8: {
            std::vector<c10::TypePtr> elements(words.count());
            for (auto& element : elements) {
                element = read(words, depth + 1);
            }
            return c10::TupleType::create(elements);
        }
        case 9:
            return c10::DictType::create(c10::StringType::get(), read(words, depth + 1));
        case 10:
            return c10::OptionalType::create(read(words, depth + 1));
        default:
            throw Unbuildable("its program has a type of unknown kind " + std::to_string(kind));
    }
}

}  // namespace

c10::TypePtr read_type(Words& words) { return read(words, 0); }

}  // namespace cresset::exported
