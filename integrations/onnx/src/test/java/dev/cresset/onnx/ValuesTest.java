package dev.cresset.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InvalidInputException;
import dev.cresset.Model;
import dev.cresset.ModelExecutionException;
import dev.cresset.ModelLoadException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What goes in and what comes out: the types of both sides, texts, sequences, maps, sizes. */
class ValuesTest {

    @Test
    void signature_saysNamesTypesAndSizes() throws IOException {
        try (Model model = Fixtures.open("sizes")) {
            assertThat(model.signature())
                    .hasToString(
                            "forward(left: Tensor[rows, inner] (float32), right: Tensor[inner, 3] (float32)) -> Tensor");
        }
    }

    @Test
    void forward_withSizesThatAreNotOneNamesSize_saysWhichInput() throws IOException {
        try (Model model = Fixtures.open("sizes");
                Tensor left = Tensor.allocate(DataType.FLOAT32, 5, 2);
                Tensor right = Tensor.allocate(DataType.FLOAT32, 4, 3)) {
            assertThatThrownBy(() -> model.forward(left, right))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContainingAll("sizes.onnx", "dimension 0 of input 'right' is 4, expected 2", "inner");
        }
    }

    @Test
    void forward_ofEveryTypeThatBothSidesHave_givesTheSameBits() throws IOException {
        try (Model model = Fixtures.open("types")) {
            List<Tensor> given = new ArrayList<>();
            for (DataType type : List.of(
                    DataType.FLOAT32,
                    DataType.FLOAT64,
                    DataType.FLOAT16,
                    DataType.BFLOAT16,
                    DataType.INT8,
                    DataType.UINT8,
                    DataType.INT16,
                    DataType.INT32,
                    DataType.INT64,
                    DataType.BOOL)) {
                Tensor tensor = Tensor.allocate(type, 3);
                for (int i = 0; i < 3 * type.bytes(); i++) {
                    tensor.asByteBuffer().put(i, (byte) (type == DataType.BOOL ? i % 2 : 17 + i));
                }
                given.add(tensor);
            }
            for (int call = 0; call < 2; call++) { // the second one is written where it belongs at once
                try (Value same = model.forward(given.toArray(new Value[0]))) {
                    for (Tensor tensor : given) {
                        Tensor one = same.asDict()
                                .get("same_" + onnxName(tensor.dataType()))
                                .asTensor();
                        assertThat(one.dataType()).isEqualTo(tensor.dataType());
                        assertThat(one.asByteBuffer()).isEqualTo(tensor.asByteBuffer());
                    }
                }
            }
            given.forEach(Tensor::close);
        }
    }

    private static String onnxName(DataType type) {
        return switch (type) {
            case FLOAT32 -> "float";
            case FLOAT64 -> "double";
            default -> type.toString();
        };
    }

    @Test
    void forward_unsignedResults_areOfTheNextLargerType() throws IOException {
        try (Model model = Fixtures.open("unsigned");
                Tensor x = Tensor.of(new long[] {1, 65_535, 4_294_967_295L}, 3);
                Value results = model.forward(x)) {
            assertThat(results.asDict().get("uint16").asTensor().toIntArray()).containsExactly(1, 65_535, 65_535);
            assertThat(results.asDict().get("uint32").asTensor().toLongArray())
                    .containsExactly(1, 65_535, 4_294_967_295L);
            assertThat(results.asDict().get("uint64").asTensor().dataType()).isEqualTo(DataType.INT64);
        }
    }

    @Test
    void forward_unsignedResultsThatAreTooLarge_areNotWrappedAround() throws IOException {
        try (Model model = Fixtures.open("unsigned");
                Tensor x = Tensor.of(new long[] {-1}, 1)) {
            assertThatThrownBy(() -> model.forward(x))
                    .isInstanceOf(ModelExecutionException.class)
                    .hasMessageContainingAll("unsigned.onnx", "uint64", "18446744073709551615");
        }
    }

    @Test
    void open_ofAModelWithAnInputThatJavaLacks_saysWhich() {
        assertThatThrownBy(() -> Fixtures.open("unsigned-input"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("unsigned-input.onnx", "input 'x'", "uint32", "Cast");
        assertThatThrownBy(() -> Fixtures.open("sequence-input"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll("sequence-input.onnx", "input 'x'", "List[Tensor]");
    }

    @Test
    void forward_texts_areLists() throws IOException {
        try (Model model = Fixtures.open("contract-texts")) {
            assertThat(model.signature()).hasToString("forward(words: List[str]) -> List[str]");
            assertThat(model.forward(Value.list(Value.of("größe ∞"), Value.of(""))))
                    .isEqualTo(Value.list(Value.of("größe ∞!"), Value.of("!")));
            assertThatThrownBy(() -> model.forward(Value.list(Value.of(1))))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContainingAll("input 'words'", "List[str]");
        }
    }

    @Test
    void forward_sequences_areLists() throws IOException {
        try (Model model = Fixtures.open("contract-parts");
                Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
                Value parts = model.forward(x)) {
            assertThat(parts.asList()).hasSize(2);
            assertThat(parts.asList().get(1).asTensor().toFloatArray()).containsExactly(3, 4);
        }
    }

    @Test
    void forward_maps_areDicts() throws IOException {
        try (Model model = Fixtures.open("maps");
                Tensor x = Tensor.of(new float[] {0.25f, 0.75f}, 1, 2)) {
            assertThat(model.signature().toString()).endsWith("-> List[Dict[str, float]]");
            assertThat(model.forward(x))
                    .isEqualTo(Value.list(Value.dict(Map.of("cat", Value.of(0.25), "dog", Value.of(0.75)))));
        }
    }

    @Test
    void forward_resultsWhoseSizesFollowFromNumbers_areRightEachTime() throws IOException {
        try (Model model = Fixtures.open("nonzero")) {
            for (float[] numbers : new float[][] {{0, 1, 0}, {1, 1, 1}, {0, 0, 0}, {1, 0, 1}}) {
                try (Tensor x = Tensor.of(numbers, 3);
                        Value places = model.forward(x)) {
                    List<Long> expected = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        if (numbers[i] != 0) {
                            expected.add((long) i);
                        }
                    }
                    assertThat(places.asTensor().toLongArray()).containsExactly(expected.toArray(new Long[0]));
                }
            }
        }
    }
}
