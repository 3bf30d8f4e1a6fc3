// The values of a method while its graph is built, by their numbers.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <vector>

#include "exported/words.h"

namespace cresset::exported {

class Values {
 public:
    // Of a program with that many words: it cannot have more values.
    explicit Values(size_t words) : most_(words) {}

    torch::jit::Value* at(int64_t number) const {
        if (number < 0 || static_cast<size_t>(number) >= values_.size() || values_[number] == nullptr) {
            throw Unbuildable("its program uses value " + std::to_string(number) + " where there is none");
        }
        return values_[number];
    }

    void define(int64_t number, torch::jit::Value* value) {
        if (number < 0 || static_cast<size_t>(number) >= most_) {
            throw Unbuildable("its program defines value " + std::to_string(number) + ", more than it has words");
        }
        if (static_cast<size_t>(number) >= values_.size()) {
            values_.resize(number + 1, nullptr);
        }
        if (values_[number] != nullptr) {
            throw Unbuildable("its program defines value " + std::to_string(number) + " twice");
        }
        values_[number] = value;
        defined_.push_back(number);
    }

    // What is defined while it lives is not seen afterwards.
    class Scope {
     public:
        explicit Scope(Values& values) : values_(values), before_(values.defined_.size()) {}
        ~Scope() {
            while (values_.defined_.size() > before_) {
                values_.values_[values_.defined_.back()] = nullptr;
                values_.defined_.pop_back();
            }
        }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

     private:
        Values& values_;
        size_t before_;
    };

 private:
    size_t most_;
    std::vector<torch::jit::Value*> values_;
    std::vector<int64_t> defined_;
};

}  // namespace cresset::exported
