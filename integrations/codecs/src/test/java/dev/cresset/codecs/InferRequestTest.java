package dev.cresset.codecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cresset.InvalidInputException;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages that are made here. */
class InferRequestTest {

    @Test
    void json_ofSpecialFloats_goesThereAndBack() {
        float[] values = {
            Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f, Float.MIN_VALUE, Float.MAX_VALUE
        };
        try (InferRequest request = InferRequest.of(InferTensor.of("x", Tensor.of(values, 6)));
                InferRequest back = InferRequest.readJson(request.toJson())) {
            assertThat(back.inputs().get(0).tensor().toFloatArray()).isEqualTo(values);
        }
    }

    @Test
    void json_ofHalves_goesThereAndBack() {
        short[] bits = new short[1 << 16];
        for (int i = 0; i < bits.length; i++) {
            // The bits of a NaN are lost in JSON.
            bits[i] = (short) ((i & 0x7fff) > 0x7c00 ? 0x7e00 : i);
        }
        try (InferRequest request = InferRequest.of(InferTensor.of("x", Tensor.of(DataType.FLOAT16, bits, 1 << 16)));
                InferRequest back = InferRequest.readJson(request.toJson())) {
            assertThat(back.inputs().get(0).tensor().toShortArray()).isEqualTo(bits);
        }
    }

    @Test
    void json_ofBytesThatAreNoText_isRefusedWhereItIsWritten() {
        try (InferRequest request = InferRequest.of(InferTensor.ofBytes("x", List.of(new byte[] {(byte) 0xff}), 1))) {
            assertThatThrownBy(request::toJson)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("tensor 'x' has bytes that are no text, for which JSON has no form; send it binary");
        }
    }

    @Test
    void typedProto_ofHalves_isRefused() {
        try (InferRequest request = InferRequest.of(InferTensor.of("x", Tensor.allocate(DataType.BFLOAT16, 1)))) {
            assertThatThrownBy(request::toTypedProto)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("tensor 'x' is of BF16, for which there are no typed contents; write raw ones");
        }
    }

    @Test
    void bool_ofAnotherByteThanOne_isOne() {
        String json = "{\"inputs\": [{\"name\": \"x\", \"shape\": [2], \"datatype\": \"BOOL\","
                + " \"parameters\": {\"binary_data_size\": 2}}]}";
        byte[] body = (json + "\u0002\u0000").getBytes(StandardCharsets.UTF_8);
        try (InferRequest request = InferRequest.readBinary(body, json.length())) {
            assertThat(request.inputs().get(0).tensor().toByteArray()).containsExactly(1, 0);
        }
    }

    @Test
    void strings_fewerThanTheirShape_areRefused() {
        assertThatThrownBy(() -> InferTensor.ofStrings("x", List.of("a"), 2))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("tensor 'x' has 1 elements, expected the 2 of its shape [2]");
    }

    @Test
    void tensor_ofBytes_saysWhatItIs() {
        try (InferTensor one = InferTensor.ofStrings("x", List.of("a"), 1)) {
            assertThatThrownBy(one::tensor)
                    .isInstanceOf(ClassCastException.class)
                    .hasMessage("tensor 'x' is of BYTES, which are strings; use bytes() or strings()");
        }
    }

    @Test
    void close_closesTheTensors() {
        Tensor tensor = Tensor.of(new float[] {1}, 1);
        InferRequest.of(InferTensor.of("x", tensor)).close();
        assertThat(tensor.isClosed()).isTrue();
    }
}
