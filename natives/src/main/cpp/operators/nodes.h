// The operators of ours as nodes of a graph: what passes write and operators read.
#pragma once

#include <ATen/core/symbol.h>

#include "kernels/kernels.h"

namespace cresset::nodes {

inline const auto kConvolution = c10::Symbol::fromQualString("cresset::conv2d");
inline const auto kTransposed = c10::Symbol::fromQualString("cresset::conv_transpose2d");
inline const auto kLinear = c10::Symbol::fromQualString("cresset::linear");
inline const auto kMaxPool = c10::Symbol::fromQualString("cresset::max_pool2d");
inline const auto kChannelMeans = c10::Symbol::fromQualString("cresset::mean_of_image");
inline const auto kScaledChannels = c10::Symbol::fromQualString("cresset::scale_image");
inline const auto kAttention = c10::Symbol::fromQualString("cresset::attention");
inline const auto kActivated = c10::Symbol::fromQualString("cresset::activation");
inline const auto kLayerNorm = c10::Symbol::fromQualString("cresset::layer_norm");
inline const auto kRmsNorm = c10::Symbol::fromQualString("cresset::rms_norm");
inline const auto kSpelledAttention = c10::Symbol::fromQualString("cresset::spelled_attention");
inline const auto kAttentionInFloat = c10::Symbol::fromQualString("cresset::attention_in_float");
inline const auto kRecurrent = c10::Symbol::fromQualString("cresset::recurrent");
inline const auto kRecurrentCell = c10::Symbol::fromQualString("cresset::recurrent_cell");
inline const auto kEmbedding = c10::Symbol::fromQualString("cresset::embedding");
inline const auto kSum = c10::Symbol::fromQualString("cresset::sum");
inline const auto kBatchNormalization = c10::Symbol::fromQualString("cresset::batch_norm");
inline const auto kInstanceNormalization = c10::Symbol::fromQualString("cresset::instance_norm");
inline const auto kGroupNormalization = c10::Symbol::fromQualString("cresset::group_norm");
inline const auto kBilinear = c10::Symbol::fromQualString("cresset::upsample_bilinear2d");
inline const auto kNearest = c10::Symbol::fromQualString("cresset::upsample_nearest2d");
inline const auto kConcatenation = c10::Symbol::fromQualString("cresset::concat_channels");
inline const auto kElementwise = c10::Symbol::fromQualString("cresset::elementwise");
inline const auto kSoftmax = c10::Symbol::fromQualString("cresset::softmax");
inline const auto kProduct = c10::Symbol::fromQualString("cresset::matmul");
inline const auto kRows = c10::Symbol::fromQualString("cresset::rows");
inline const auto kAddedRows = c10::Symbol::fromQualString("cresset::index_add");
inline const auto kGathered = c10::Symbol::fromQualString("cresset::gather");
inline const auto kScattered = c10::Symbol::fromQualString("cresset::scatter_add");
inline const auto kRemembered = c10::Symbol::fromQualString("cresset::remembered");

// Their attributes.
inline const auto kWeight = c10::Symbol::attr("weight");
inline const auto kBias = c10::Symbol::attr("bias");
inline const auto kStride = c10::Symbol::attr("stride");
inline const auto kPadding = c10::Symbol::attr("padding");
inline const auto kPaddingAfter = c10::Symbol::attr("padding_after");
inline const auto kOutputPadding = c10::Symbol::attr("output_padding");
inline const auto kDilation = c10::Symbol::attr("dilation");
inline const auto kGroups = c10::Symbol::attr("groups");
inline const auto kDimensions = c10::Symbol::attr("dimensions");
inline const auto kMean = c10::Symbol::attr("mean");
inline const auto kVariance = c10::Symbol::attr("variance");
inline const auto kWindow = c10::Symbol::attr("window");

// What a batch norm behind a linear layer multiplies its channels by, and adds.
inline const auto kNormScale = c10::Symbol::attr("norm_scale");
inline const auto kNormShift = c10::Symbol::attr("norm_shift");

// Of rows of a tensor: whether the graph counts them from its end, too, where an index is negative.
inline const auto kCountsFromEnd = c10::Symbol::attr("counts_from_end");

// Of a norm: what is added to a variance. Of an RMS norm: whether the graph converts numbers to float32 for the squares, or for all.
inline const auto kEpsilon = c10::Symbol::attr("eps");
inline const auto kSquaresInFloat = c10::Symbol::attr("squares_in_float");
inline const auto kAllInFloat = c10::Symbol::attr("all_in_float");

// Of attention that a graph spells out: what scores are multiplied or divided by, the dimension of softmax, and how the output lies.
inline const auto kFactor = c10::Symbol::attr("factor");
inline const auto kDivides = c10::Symbol::attr("divides");
inline const auto kDim = c10::Symbol::attr("softmax_dim");
inline const auto kInRows = c10::Symbol::attr("in_rows");

// Of sums.
inline const auto kDimension = c10::Symbol::attr("dimension");
inline const auto kKeepsDimension = c10::Symbol::attr("keeps_dimension");
inline const auto kIsMean = c10::Symbol::attr("is_mean");

// Of recurrent layers: all their weights and biases in LibTorch's order, and the number of a Cell of operators/recurrent_weights.h.
inline const auto kWeights = c10::Symbol::attr("weights");
inline const auto kCell = c10::Symbol::attr("cell");
inline const auto kHasBias = c10::Symbol::attr("has_bias");
inline const auto kLayers = c10::Symbol::attr("layers");
inline const auto kBidirectional = c10::Symbol::attr("bidirectional");
inline const auto kBatchFirst = c10::Symbol::attr("batch_first");
inline const auto kPackedSequence = c10::Symbol::attr("packed_sequence");

// Of a chain of element-wise steps, whose LibTorch operators are its subgraph. Of each step: the number of an Elementwise of the kernels,
// an activation's word, three operands or -1. Operands are leaves, then numbers, then steps, counted on.
inline const auto kSteps = c10::Symbol::attr("steps");
inline const auto kNumbers = c10::Symbol::attr("numbers");
inline const auto kDoubles = c10::Symbol::attr("doubles");  // which numbers are tensors of float64, as tracing makes them

// Of each leaf: an input, or -1 - i for the i-th constant; the number of a Reading; and the dimension that is halved.
inline const auto kLeaves = c10::Symbol::attr("leaves");
inline const auto kConstants = c10::Symbol::attr("constants");
enum class Reading : int64_t { kNumbers, kMask, kChannels, kFirstHalf, kSecondHalf };

// How large a chain may be.
constexpr int64_t kMostLeaves = 16, kMostNumbers = 16, kMostSteps = 40, kMostRegisters = 10;

// The number of an Activation of the kernels.
inline const auto kActivation = c10::Symbol::attr("activation");

}  // namespace cresset::nodes
