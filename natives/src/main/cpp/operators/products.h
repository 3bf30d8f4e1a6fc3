// Products of matrices none of which is known before: the weights of a moment.
#pragma once

namespace cresset {

// Makes the operator known. Called once.
void register_products();

}  // namespace cresset
