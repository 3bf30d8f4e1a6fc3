package dev.cresset.torch.exported;

import dev.cresset.pt2.ScalarType;
import dev.cresset.pt2.TensorMeta;
import java.util.Optional;
import java.util.Set;

/**
 * A region of {@code torch.autocast} on the CPU: which operators take their tensors in the lower precision there, and which in float32.
 * PyTorch decides that when it calls an operator ({@code ATen/autocast_mode.h}); here the conversions are written out, so that
 * whatever computes the program sees them. Those that take the widest of what they are given ({@code cat}, {@code stack}) do so anyway.
 *
 * <p>Instances are immutable, safe for use by several threads.
 *
 * @param lower the lower precision
 */
record Autocast(ScalarType lower) {

    private static final Set<String> IN_LOWER = names("""
            _addmm_activation _convolution.deprecated _native_multi_head_attention addbmm addmm baddbmm bmm conv1d
            conv1d.padding conv2d conv2d.padding conv3d conv3d.padding conv_tbc conv_transpose1d conv_transpose2d.input
            conv_transpose3d.input linalg_vecdot linear matmul mkldnn_rnn_layer mm prelu scaled_dot_product_attention""");

    private static final Set<String> IN_FLOAT = names("""
            _grid_sampler_2d_cpu_fallback _lu_with_info adaptive_avg_pool3d adaptive_max_pool3d avg_pool3d
            binary_cross_entropy binary_cross_entropy_with_logits cdist cholesky cholesky_inverse cholesky_solve
            cosine_embedding_loss cross_entropy_loss ctc_loss.IntList ctc_loss.Tensor fake_quantize_per_tensor_affine
            fft_fft fft_fft2 fft_fftn fft_hfft fft_ifft fft_ifft2 fft_ifftn fft_ihfft fft_irfft fft_irfft2 fft_irfftn
            fft_rfft fft_rfft2 fft_rfftn fractional_max_pool2d fractional_max_pool3d geqrf grid_sampler grid_sampler_2d
            grid_sampler_3d hinge_embedding_loss huber_loss inverse kl_div l1_loss linalg_cholesky linalg_cholesky_ex
            linalg_cond linalg_cond.p_str linalg_eig linalg_eigh linalg_eigvals linalg_eigvalsh linalg_householder_product
            linalg_inv linalg_inv_ex linalg_lstsq linalg_matrix_rank linalg_matrix_rank.atol_rtol_float
            linalg_matrix_rank.atol_rtol_tensor linalg_matrix_rank.tol_tensor linalg_qr linalg_solve linalg_svd
            linalg_svdvals linalg_tensorinv linalg_tensorsolve lu_solve margin_ranking_loss max_pool3d max_unpool2d
            max_unpool3d mse_loss multi_margin_loss multilabel_margin_loss multilabel_margin_loss_forward nanquantile
            nanquantile.scalar nll_loss nll_loss2d orgqr ormqr pinverse poisson_nll_loss polar prod prod.dim_int qr
            quantile quantile.scalar reflection_pad1d reflection_pad2d replication_pad1d replication_pad2d
            replication_pad3d smooth_l1_loss soft_margin_loss stft stft.center svd trace triangular_solve
            triplet_margin_loss view_as_complex""");

    /** Composed of others, some of which are in the lists above: what comes out depends on which of them they call. */
    private static final Set<String> COMPOSED = names("""
            bilinear chain_matmul corrcoef cov einsum gru gru_cell index_copy inner linalg_matrix_power linalg_multi_dot linalg_pinv
            lstm lstm_cell nuclear_norm rnn_relu rnn_relu_cell rnn_tanh rnn_tanh_cell tensordot""");

    private static final Set<ScalarType> CONVERTED = Set.of(ScalarType.FLOAT, ScalarType.HALF, ScalarType.BFLOAT16);

    private static Set<String> names(String text) {
        return Set.of(text.strip().split("\\s+"));
    }

    /** What the operator wants its tensors of fractions to be; empty where it takes them as they are. */
    Optional<ScalarType> wanted(Target target) {
        if (!target.namespace().equals("aten")) {
            return Optional.empty();
        }
        String name = target.overload().isEmpty() ? target.name() : target.name() + "." + target.overload();
        if (COMPOSED.contains(target.name())) {
            throw new UnsupportedProgram("it calls " + target.qualified()
                    + " in a region of torch.autocast, whose precision depends on what that is made of; call it outside of the"
                    + " region, or write torch.matmul and torch.nn.functional.linear in its place");
        }
        if (IN_LOWER.contains(name)) {
            return Optional.of(lower);
        }
        return IN_FLOAT.contains(name) ? Optional.of(ScalarType.FLOAT) : Optional.empty();
    }

    /**
     * Whether a tensor may have to be converted: those of 64 bits, and all that are no fractions, stay what they are. Of the others it is not
     * asked which they are, for strict export writes down what they were without the region.
     */
    static boolean concerns(TensorMeta tensor) {
        return CONVERTED.contains(tensor.dtype());
    }
}
