package dev.cresset.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The one line of LibTorch's message that a person wants, in messages as LibTorch writes them. */
public class FailuresTest {

    static Stream<Arguments> messages() {
        return Stream.of(
                Arguments.of("index out of range", "index out of range"),
                Arguments.of("", "no reason given"),
                Arguments.of("\n \n:\n", "no reason given"),
                // A fused LSTM: its reason read ":".
                Arguments.of("""

                        Schema not found for node. File a bug report.
                        Node: %61 : Tensor[] = prim::ListConstruct(%h_zeros.1, %h_zeros.1)

                        Input types:Float(1, 2, 16, strides=[32, 16, 1], requires_grad=0, device=cpu)
                        no candidates found
                        within the graph:
                        graph(%s.1 : __torch__.L,
                              %x.1 : Float(2, 5, 8, strides=[40, 8, 1], requires_grad=0, device=cpu)):
                          %17 : NoneType = prim::Constant() # :0:0
                          return (%75)

                        :
                        """, "Schema not found for node. File a bug report."),
                Arguments.of(
                        traceback("RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x5 and 3x4)\n\n"),
                        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x5 and 3x4)"),
                Arguments.of(
                        traceback("builtins.ValueError: negative input:\n  row 3\n\n"),
                        "builtins.ValueError: negative input: row 3"),
                Arguments.of(traceback("AssertionError: one row only\n"), "AssertionError: one row only"),
                Arguments.of(traceback("torch.jit.Error: no\n"), "torch.jit.Error: no"),
                // On a device that is not there, the dispatcher lists all that it knows.
                Arguments.of(
                        traceback("""
                                RuntimeError: Could not run 'aten::empty.memory_format' with arguments from the 'CUDA' backend. This could be because the operator doesn't exist for this backend.

                                CPU: registered at RegisterCPU_2.cpp:1 [kernel]
                                VmapMode: fallthrough registered at VmapModeRegistrations.cpp:27 [backend fallback]
                                """),
                        "RuntimeError: Could not run 'aten::empty.memory_format' with arguments from the 'CUDA' backend."
                                + " This could be because the operator doesn't exist for this backend."),
                Arguments.of(
                        "Expected 4-dimensional input, but got 2-dimensional input\n(check the shapes)\n",
                        "Expected 4-dimensional input, but got 2-dimensional input"),
                Arguments.of(traceback("the last thing it said\n---\n"), "the last thing it said"));
    }

    private static String traceback(String end) {
        return """
                The following operation failed in the TorchScript interpreter.
                Traceback of TorchScript, serialized code (most recent call last):
                  File "code/__torch__.py", line 13, in forward
                      ops.prim.RaiseException("RuntimeError: in the code", "builtins.ValueError")
                      ~~~~~~~~~~~~~~~~~~~~~~~ <--- HERE

                Traceback of TorchScript, original code (most recent call last):
                  File "model.py", line 11, in forward
                        raise RuntimeError(
                        ~~~~~~~~~~~~~~~~~~~
                            f"RuntimeError: in the source"
                            ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ <--- HERE
                """ + end;
    }

    @ParameterizedTest
    @MethodSource("messages")
    void tellingLine_ofWhatLibTorchSays(String message, String telling) {
        assertThat(Failures.tellingLine(message)).isEqualTo(telling);
    }
}
