#include "operators/operators.h"

#include "operators/activations.h"
#include "operators/attention.h"
#include "operators/batch_norm.h"
#include "operators/cat.h"
#include "operators/channels.h"
#include "operators/convolution.h"
#include "operators/elementwise.h"
#include "operators/embedding.h"
#include "operators/group_norm.h"
#include "operators/indexing.h"
#include "operators/layer_norm.h"
#include "operators/linear.h"
#include "operators/pooling.h"
#include "operators/products.h"
#include "operators/recurrent.h"
#include "operators/remembered.h"
#include "operators/softmax.h"
#include "operators/squeeze_excitation.h"
#include "operators/sums.h"
#include "operators/transposed.h"
#include "operators/upsampling.h"
#include "operators/views.h"

namespace cresset {

void register_operators() {
    register_linear();
    register_convolution();
    transposed::register_transposed();
    register_squeeze_excitation();
    register_pooling();
    register_activations();
    channels::register_concatenation();
    register_batch_norm();
    register_group_norm();
    register_remembered();
    register_attention();
    register_layer_norm();
    register_recurrent();
    register_elementwise();
    register_softmax();
    register_embedding();
    register_sums();
    register_indexing();
    register_products();
    register_upsampling();
    register_views();
    register_cat();
}

}  // namespace cresset
