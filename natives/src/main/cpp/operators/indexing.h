// Rows and numbers by their indexes: taken, and added where indexes say. LibTorch prepares each for many microseconds.
#pragma once

namespace cresset {

// Makes the operators known. Called once.
void register_indexing();

}  // namespace cresset
