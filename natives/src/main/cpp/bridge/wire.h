// The blocks that Java and C++ hand each other: a row of 64-bit words in native order, which is all there is to it.
//
//   none    0                                   list   6 count element...
//   tensor  1 address type rank size...         tuple  7 count element...
//   int     2 value                             dict   8 count (key value)...
//   float   3 bits                              string 5 bytes text, padded to a whole word
//   bool    4 zero or one
//
// A tensor in a reply ends with its handle: a reference that the reader owns, or zero where its bytes are in the reply.
// dev.cresset.torch.Request, Reply and Tags are this file's twins.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cresset {

enum Tag : int64_t { kNone, kTensor, kInt, kFloat, kBool, kString, kList, kTuple, kDict };

// What a request or a result is refused with: the caller's mistake, said in one sentence.
struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

size_t words_for(size_t bytes);

// How values of a type are tagged; nothing for a type that has several.
std::optional<int64_t> tag_of(c10::TypeKind kind);

// Why a result cannot be handed out: the model's doing.
struct Unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Reads a request. The Java side wrote it and checked it; what is checked again here is what could crash.
class Reader {
 public:
    explicit Reader(int64_t address) : next_(reinterpret_cast<const int64_t*>(address)) {}

    int64_t word() { return *next_++; }
    std::string text();
    at::Tensor tensor();
    c10::IValue value(const c10::TypePtr& type);

    // Of no declared type: a collection's is that of its elements, as in Python.
    c10::IValue value();

 private:
    c10::IValue value_of_union(const c10::UnionType& type);
    c10::IValue list();
    c10::IValue dict();
    c10::IValue tuple();

    const int64_t* next_;
};

// Writes a reply: into memory of its own first, so that a failure half way leaves nothing half written. May be used again for
// the next, with the memory it has.
class Writer {
 public:
    Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Starts anew.
    void clear();

    void word(int64_t value) { words_.push_back(value); }
    void text(const std::string& text);

    // Gives the reader a reference to every tensor of the value; or, where small ones may be inlined, their bytes.
    void value(const c10::IValue& value, bool inlined);

    // Copies to the block, or leaves the words for fetch(). Returns how many bytes the reply has.
    int64_t send(int64_t reply, int64_t capacity);

    ~Writer() { clear(); }

 private:
    void tensor(const at::Tensor& tensor, bool inlined);

    std::vector<int64_t> words_;
    std::vector<size_t> offsets_;
    std::vector<c10::TensorImpl*> given_;
};

// Whether its bytes in memory are its numbers, row by row: no view that is still to be negated, no zeros that are not there.
bool is_plain(const at::Tensor& tensor);

// The same as a plain tensor of a type that Java can hold.
at::Tensor readable(const at::Tensor& tensor);

// Whoever follows a value down does so on the native stack, whose end is the process's. What is too deep is taken apart, for even
// letting it go would follow it down.
void refuse_too_deep(c10::IValue& result);

int64_t fetch_unsent(int64_t reply, int64_t capacity);

}  // namespace cresset
