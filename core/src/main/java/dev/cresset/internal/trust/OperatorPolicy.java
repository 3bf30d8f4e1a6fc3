package dev.cresset.internal.trust;

import java.util.Map;
import java.util.Optional;

/**
 * Which operators a model may call that nobody vouches for: the one list of them. A namespace that is not on it is refused,
 * whatever is in it; of the namespaces on it, what reaches outside the computation.
 *
 * <p>Judged for LibTorch 2.13; {@code OperatorPolicyTest} fails when another LibTorch has a namespace, or an operator that takes
 * a file or the like, that nobody has looked at. What stays allowed though it is felt outside: {@code prim::Print} and {@code aten::warn} write to
 * the process's own output, {@code aten::manual_seed} and {@code aten::seed} set the random numbers that all models of the
 * process draw from, {@code prim::TimePoint} reads the clock. What reads memory without looking at its bounds
 * ({@code aten::_unsafe_index} and others) is no matter of a list: only a process of its own holds it.
 */
public final class OperatorPolicy {

    /** What is in each namespace that a model may call. */
    private static final Map<String, String> NAMESPACES = Map.ofEntries(
            Map.entry("aten", "PyTorch's operators, on tensors, lists and texts"),
            Map.entry("prim", "TorchScript's own, of which control flow and values are made"),
            Map.entry("quantized", "arithmetic of quantised tensors"),
            Map.entry("_quantized", "the same, for graphs of other backends"),
            Map.entry("quantization", "conversions to and from quantised bfloat16"),
            Map.entry("sparse", "quantised linear layers with sparse weights"),
            Map.entry("mkl", "linear layers by MKL"),
            Map.entry("mkldnn", "layers by oneDNN"),
            Map.entry("mkldnn_prepacked", "layers by oneDNN, with weights laid out before"),
            Map.entry("onednn", "quantised layers by oneDNN"),
            Map.entry("prepacked", "layers by XNNPACK, with weights laid out before"),
            Map.entry("torchvision", "operators on boxes and regions; its files are read by the namespace image"),
            Map.entry("profiler", "marks in the profile of whoever profiles"),
            Map.entry("cuda", "streams and the current device"));

    /** What the others do, and what is refused of the namespaces above. A namespace stands for all that is in it. */
    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("aten::from_file", "which maps a file into memory, and can make and change it"),
            Map.entry("aten::save", "which writes files"),
            Map.entry("aten::to_here", "which fetches a value from another process"),
            Map.entry("prim::rpc_sync", "which calls another process"),
            Map.entry("prim::rpc_async", "which calls another process"),
            Map.entry("prim::rpc_remote", "which calls another process"),
            Map.entry("prim::PythonOp", "which runs Python code"),
            Map.entry("mkldnn::data_ptr", "which tells where in memory a tensor lies"),
            Map.entry("c10d", "which talks to other processes"),
            Map.entry("_c10d_functional", "which talks to other processes"),
            Map.entry("_c10d_functional_autograd", "which talks to other processes"),
            Map.entry("_dtensor", "which talks to other processes"),
            Map.entry("symm_mem", "which shares memory with other processes"),
            Map.entry("inductor", "which looks at memory outside its tensors"),
            Map.entry("static_runtime", "which is for another runtime, and trusts its callers"),
            Map.entry("image", "which reads and writes files"),
            Map.entry("video_reader", "which reads files"),
            Map.entry("torchaudio", "which reads and writes files"));

    private OperatorPolicy() {}

    /** Why an operator is refused, to be read after its name; empty if a model may call it. */
    static Optional<String> refusal(String namespace, String name) {
        return NAMESPACES.containsKey(namespace)
                ? Optional.ofNullable(REFUSED.get(namespace + "::" + name))
                : Optional.of(REFUSED.getOrDefault(namespace, "whose namespace is not known to be harmless"));
    }

    /** Those that are written in C++: packed weights, CUDA's streams and events, marks in a profile. */
    static boolean hasHarmlessClasses(String namespace) {
        return namespace.equals("rnn") || NAMESPACES.containsKey(namespace) || namespace.equals("xnnpack");
    }
}
