// Rows of a constant table: LibTorch takes two operators and a view for them.
#pragma once

namespace cresset {

// Makes the operator known. Called once.
void register_embedding();

}  // namespace cresset
