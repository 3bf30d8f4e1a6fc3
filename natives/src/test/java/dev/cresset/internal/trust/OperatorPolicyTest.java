package dev.cresset.internal.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cresset.Model;
import dev.cresset.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.OperatorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds the list to the operators that LibTorch has. */
class OperatorPolicyTest {

    private record Operator(String namespace, String name, List<String> parameters) {

        boolean isRefused() {
            return OperatorPolicy.refusal(namespace, name).isPresent();
        }

        @Override
        public String toString() {
            return namespace + "::" + name + parameters;
        }
    }

    /** The bridge's own, which trust what calls them: no model may. */
    private static final String BRIDGE = "cresset";

    private static final List<Operator> OPERATORS = new ArrayList<>();

    @BeforeAll
    static void read() throws IOException {
        loadLibTorch();
        OperatorVector all = torch.getAllOperators();
        for (long i = 0; i < all.size(); i++) {
            OPERATORS.add(operator(all.get(i).schema()));
        }
    }

    private static void loadLibTorch() throws IOException {
        Path any = Path.of(System.getProperty("cresset.fixtures"), "modules", "contract.pt");
        Model.open(any, ModelOptions.builder().engine("torch-portable").build()).close();
    }

    private static Operator operator(FunctionSchema schema) {
        String[] name = text(schema.name()).split("::", 2);
        List<String> parameters = new ArrayList<>();
        Argument arguments = schema.arguments();
        for (long i = 0; arguments != null && i < arguments.limit(); i++) {
            parameters.add(text(arguments.getPointer(i).name()));
        }
        return new Operator(name[0], name[1], parameters);
    }

    private static String text(@Nullable BytePointer text) {
        return text == null ? "" : text.getString();
    }

    /** A new LibTorch with another has operators that nobody has looked at. */
    @Test
    void namespaces_areThoseThatWereJudged() {
        Set<String> namespaces = new TreeSet<>();
        OPERATORS.forEach(operator -> namespaces.add(operator.namespace()));
        namespaces.removeIf(name -> name.equals(BRIDGE) || name.equals("torchvision"));
        assertThat(namespaces)
                .containsExactly(
                        "_c10d_functional",
                        "_c10d_functional_autograd",
                        "_dtensor",
                        "_quantized",
                        "_test",
                        "aten",
                        "c10d",
                        "inductor",
                        "inductor_prims",
                        "mkldnn",
                        "mkldnn_prepacked",
                        "onednn",
                        "onnx",
                        "prim",
                        "profiler",
                        "quantization",
                        "quantized",
                        "sparse",
                        "static_runtime",
                        "symm_mem");
    }

    @Test
    void refusal_ofTheBridgesOwn() {
        assertThat(OperatorPolicy.refusal(BRIDGE, "linear")).isPresent();
    }

    /** So that {@code x.name} of a value never is one of the refused: {@code ScriptSearch} rests on it. */
    @Test
    void refused_areNoMethodsOfValues() {
        assertThat(OPERATORS.stream()
                        .filter(operator -> operator.namespace().equals("aten"))
                        .filter(Operator::isRefused)
                        .filter(operator -> operator.parameters().contains("self")))
                .isEmpty();
    }

    @Test
    void refused_areAllThatTakeWhatIsOutside() {
        Pattern outside = Pattern.compile(
                "(\\w*_)?(file|filename|path|dir|url|host|port|socket|command|process|process_group|group_name|library|pointer|ptr)");
        assertThat(OPERATORS.stream()
                        .filter(operator -> !operator.isRefused())
                        .filter(operator -> operator.parameters().stream()
                                .anyMatch(name -> outside.matcher(name).matches()))
                        .filter(operator -> !operator.name().equals("einsum"))) // the order of its sums
                .isEmpty();
        assertThat(named("from_file")).isNotEmpty().allMatch(Operator::isRefused);
        assertThat(named("save")).isNotEmpty().allMatch(Operator::isRefused);
    }

    private static Stream<Operator> named(String name) {
        return OPERATORS.stream().filter(operator -> operator.name().equals(name));
    }
}
