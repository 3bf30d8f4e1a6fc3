#include "operators/operators.h"

#include "operators/activations.h"
#include "operators/attention.h"
#include "operators/convolution.h"
#include "operators/linear.h"
#include "operators/norms.h"
#include "operators/pooling.h"
#include "operators/recurrent.h"
#include "operators/squeeze_excitation.h"

namespace cresset {

void register_operators() {
    register_linear();
    register_convolution();
    register_squeeze_excitation();
    register_pooling();
    register_activations();
    register_attention();
    register_norms();
    register_recurrent();
}

}  // namespace cresset
