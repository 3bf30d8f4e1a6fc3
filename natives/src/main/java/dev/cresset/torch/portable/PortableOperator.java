package dev.cresset.torch.portable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.AliasInfo;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.Operator;
import org.bytedeco.pytorch.OperatorHandleOptional;
import org.bytedeco.pytorch.SymbolSet;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What an operator's schema says of the memory that it reads, writes and returns, taken out of LibTorch once. The twin of
 * what {@code effects.cpp} asks a schema.
 *
 * @param name its name with its namespace
 * @param parameters what it takes
 * @param returns for each result, the alias sets that it belongs to
 * @param writes whether it writes to any argument
 * @param isTrusted whether it does what its schema says: to LibTorch, the others may do anything
 * @param isOfDispatcher whether it is one of the operators on tensors; the others are TorchScript's own, on lists and the like
 * @param makesItsResults whether what it returns is memory of its own, where its schema says nothing else
 */
record PortableOperator(
        String name,
        List<Parameter> parameters,
        List<Set<Integer>> returns,
        boolean writes,
        boolean isTrusted,
        boolean isOfDispatcher,
        boolean makesItsResults) {

    /**
     * @param name its name
     * @param isWritten whether the operator writes to what it is given
     * @param sets the alias sets that it belongs to
     */
    record Parameter(String name, boolean isWritten, Set<Integer> sets) {}

    /** By its name, for the presets count such keys wrongly. */
    private static final String COMPOSED = "CompositeImplicitAutograd";

    /**
     * Composed of other operators, these still make what they return: a sum or a product is at the end of each. The others
     * that are composed may return their argument, or a view of it, whatever their schema says: dropout, type_as, meshgrid.
     * The same as in {@code effects.cpp}.
     */
    static final Set<String> ALWAYS_COMPUTE = Set.of(
            "aten::_batch_norm_impl_index",
            "aten::_convolution",
            "aten::_convolution_mode",
            "aten::adaptive_avg_pool1d",
            "aten::adaptive_avg_pool2d",
            "aten::adaptive_avg_pool3d",
            "aten::adaptive_max_pool1d",
            "aten::argsort",
            "aten::avg_pool1d",
            "aten::batch_norm",
            "aten::bilinear",
            "aten::binary_cross_entropy_with_logits",
            "aten::cdist",
            "aten::conv1d",
            "aten::conv2d",
            "aten::conv3d",
            "aten::conv_tbc",
            "aten::conv_transpose1d",
            "aten::conv_transpose2d",
            "aten::conv_transpose3d",
            "aten::cosine_similarity",
            "aten::cov",
            "aten::cross_entropy_loss",
            "aten::diff",
            "aten::divide",
            "aten::embedding",
            "aten::embedding_bag",
            "aten::fft_fft",
            "aten::fft_ifft",
            "aten::fft_irfft",
            "aten::fft_rfft",
            "aten::floor_divide",
            "aten::frobenius_norm",
            "aten::gelu",
            "aten::greater",
            "aten::greater_equal",
            "aten::group_norm",
            "aten::gru",
            "aten::gru_cell",
            "aten::hinge_embedding_loss",
            "aten::hstack",
            "aten::inner",
            "aten::instance_norm",
            "aten::isfinite",
            "aten::isreal",
            "aten::istft",
            "aten::kron",
            "aten::l1_loss",
            "aten::layer_norm",
            "aten::less",
            "aten::less_equal",
            "aten::linalg_cond",
            "aten::linalg_det",
            "aten::linalg_norm",
            "aten::linalg_vector_norm",
            "aten::linear",
            "aten::log_sigmoid",
            "aten::log_softmax",
            "aten::logsumexp",
            "aten::lstm",
            "aten::lstm_cell",
            "aten::matmul",
            "aten::max_pool1d",
            "aten::max_pool2d",
            "aten::max_pool3d",
            "aten::mse_loss",
            "aten::multiply",
            "aten::nll_loss",
            "aten::nll_loss_nd",
            "aten::norm",
            "aten::not_equal",
            "aten::one_hot",
            "aten::pairwise_distance",
            "aten::pdist",
            "aten::prelu",
            "aten::relu6",
            "aten::rms_norm",
            "aten::rnn_relu",
            "aten::rnn_relu_cell",
            "aten::rnn_tanh",
            "aten::rnn_tanh_cell",
            "aten::scaled_dot_product_attention",
            "aten::selu",
            "aten::silu",
            "aten::softmax",
            "aten::std",
            "aten::std_mean",
            "aten::stft",
            "aten::subtract",
            "aten::tile",
            "aten::trapz",
            "aten::true_divide",
            "aten::upsample_bicubic2d",
            "aten::upsample_bilinear2d",
            "aten::upsample_linear1d",
            "aten::upsample_nearest1d",
            "aten::upsample_nearest2d",
            "aten::upsample_nearest3d",
            "aten::upsample_trilinear3d",
            "aten::var",
            "aten::var_mean",
            "aten::vstack",
            "aten::where");

    static PortableOperator of(Operator operator) {
        FunctionSchema schema = operator.schema();
        String name = PortableText.read(schema.name());
        OperatorHandleOptional dispatched = Dispatcher.singleton().findSchema(schema.operator_name());
        boolean isComposed =
                dispatched.has_value() && dispatched.get().hasKernelForDispatchKey(torch.parseDispatchKey(COMPOSED));
        torch.AliasAnalysisKind trust = operator.aliasAnalysisKind().intern();
        return new PortableOperator(
                name,
                parameters(schema.arguments()),
                returns(schema.returns()),
                schema.is_mutable(),
                trust != torch.AliasAnalysisKind.CONSERVATIVE,
                dispatched.has_value(),
                trust == torch.AliasAnalysisKind.PURE_FUNCTION || !isComposed || ALWAYS_COMPUTE.contains(name));
    }

    private static List<Parameter> parameters(@Nullable Argument arguments) {
        List<Parameter> parameters = new ArrayList<>();
        // The presets have nothing for none.
        for (long i = 0; arguments != null && i < arguments.limit(); i++) {
            Argument argument = arguments.getPointer(i);
            AliasInfo info = argument.alias_info();
            parameters.add(
                    new Parameter(PortableText.read(argument.name()), info != null && info.isWrite(), sets(info)));
        }
        return parameters;
    }

    private static List<Set<Integer>> returns(@Nullable Argument results) {
        List<Set<Integer>> returns = new ArrayList<>();
        // The presets have nothing for none.
        for (long i = 0; results != null && i < results.limit(); i++) {
            returns.add(sets(results.getPointer(i).alias_info()));
        }
        return returns;
    }

    private static Set<Integer> sets(@Nullable AliasInfo info) {
        Set<Integer> sets = new HashSet<>();
        if (info != null) {
            collect(info, sets);
        }
        return sets;
    }

    /** The sets that an annotation speaks of, those of contained types included. */
    private static void collect(AliasInfo info, Set<Integer> sets) {
        collect(info.beforeSets(), sets);
        collect(info.afterSets(), sets);
        @Nullable AliasInfo contained = info.containedTypes();
        for (long i = 0; contained != null && i < contained.limit(); i++) {
            collect(contained.getPointer(i), sets);
        }
    }

    private static void collect(SymbolSet symbols, Set<Integer> sets) {
        SymbolSet.Iterator at = symbols.begin();
        for (long i = symbols.size(); i > 0; i--) {
            sets.add(at.get().asInt());
            at.increment();
        }
    }
}
