// A TorchScript module ready to be run by many threads, and one prepared way of calling it.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <mutex>
#include <string>
#include <vector>

#include "wire.h"

namespace cresset {

class Model {
 public:
    // Puts the module in eval mode, and freezes it unless it changes its own attributes.
    Model(torch::jit::Module module, int threads, bool may_freeze);

    torch::jit::Function& method(const std::string& name) const;
    void describe(Writer& reply) const;

    // The receiver and the arguments, checked against the method's schema and completed with its defaults.
    torch::jit::Stack arguments(const torch::jit::Function& method, Reader& request) const;

    c10::IValue run(torch::jit::Function& method, const torch::jit::Stack& arguments);

 private:
    torch::jit::Module module_;
    int threads_;
    bool stateful_ = false;
    bool frozen_ = false;
    std::mutex turn_;
};

// Arguments that stay where they are, read anew at every run.
class Call {
 public:
    Call(Model& model, Reader& request);

    void run(Writer& reply);

 private:
    Model& model_;
    torch::jit::Function& method_;
    torch::jit::Stack arguments_;
    std::vector<at::Tensor> outputs_;
};

}  // namespace cresset
