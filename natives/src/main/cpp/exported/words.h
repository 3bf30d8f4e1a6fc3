// An exported program as Java has written it down: a row of 64-bit words in native order, read with a look at its end.
//
//   text    bytes, then the text, padded to a whole word
//   type    see read_type in types.h
//   program storages attributes methods, each a count and that many of:
//     storage    position in the file, bytes
//     attribute  text name, whether it is a parameter, storage, scalar type, offset, rank, sizes, strides
//     method     text name, parameters (count; text name, type, default as an operand or -1), block, result
//   block   count, then that many nodes; see method.cpp
//   operand see operands.h
//
// Values are numbered as they come, parameters first. What a block defines is not seen outside it.
// dev.cresset.torch.exported.Words is this file's twin.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace cresset::exported {

// Why a program cannot be made a module, in one sentence.
struct Unbuildable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Words {
 public:
    Words(const int64_t* words, size_t count) : next_(words), end_(words + count) {}

    size_t left() const { return static_cast<size_t>(end_ - next_); }

    int64_t word() {
        require(1);
        return *next_++;
    }

    bool flag() { return word() != 0; }

    // How many things follow, each of at least one word.
    size_t count() {
        const int64_t count = word();
        if (count < 0 || static_cast<size_t>(count) > left()) {
            throw Unbuildable("its program has a count of " + std::to_string(count) + " where " + std::to_string(left()) + " words are left");
        }
        return static_cast<size_t>(count);
    }

    std::string text() {
        const int64_t bytes = word();
        if (bytes < 0 || static_cast<uint64_t>(bytes) > left() * sizeof(int64_t)) {
            throw Unbuildable("its program has a text of " + std::to_string(bytes) + " bytes where " + std::to_string(left()) + " words are left");
        }
        std::string text(reinterpret_cast<const char*>(next_), static_cast<size_t>(bytes));
        next_ += (static_cast<size_t>(bytes) + 7) / 8;
        return text;
    }

 private:
    void require(size_t words) const {
        if (left() < words) {
            throw Unbuildable("its program ends too early");
        }
    }

    const int64_t* next_;
    const int64_t* end_;
};

}  // namespace cresset::exported
