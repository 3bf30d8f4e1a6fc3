// Integers that integers alone decide, as the size of an image decides how it is padded, remembered: a traced module computes them with
// a tensor for each number, of which some networks have a hundred.
#pragma once

namespace cresset {

// Makes the operator known. Called once.
void register_remembered();

}  // namespace cresset
