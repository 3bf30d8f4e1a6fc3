// What a module's methods do besides answering: whether they change what the module keeps, whether they write to their arguments,
// whether they start tasks, and whether they may never end.
//
// Found by following where every value may come from, over all that the graphs call (an inclusion-based points-to analysis, as in
// Andersen, "Program Analysis and Specialization for the C Programming Language", 1994, chapter 4). What is not known is taken for
// the worst: an operator without a schema may write to all that it can reach, and one that LibTorch composes of others may answer
// with its own argument. So "changes nothing" is a proof, as far as the schemas of LibTorch's own operators are true.
#pragma once

#include <torch/csrc/jit/api/module.h>

namespace cresset {

struct Effects {
    bool changes_state = false;      // attributes, what is in them however deep, or constants of the code
    bool writes_arguments = false;   // their numbers or their shape
    bool writes_constants = false;   // what would be computed beforehand, and shares memory with it though no schema says so
    bool starts_tasks = false;       // torch.jit.fork
    bool may_not_end = false;        // see endings.h

    void add(const Effects& other);
};

// Of one method, of a module in eval mode.
Effects effects_of(const torch::jit::Module& module, const torch::jit::Method& method);

}  // namespace cresset
