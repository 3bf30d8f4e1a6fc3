// Layer norm and RMS norm of the last dimension, with constant weights.
#pragma once

namespace cresset {

void register_layer_norm();

}  // namespace cresset
