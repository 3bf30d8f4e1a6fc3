package dev.cresset.codecs;

import dev.cresset.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An input or output of a request or response: a {@link Tensor} with a name, or, of the datatype BYTES, strings with a name and
 * a shape.
 *
 * <p>It takes its tensor over: closing it closes the tensor. The strings of a message that was read are the sender's bytes;
 * they may be text or not. Several threads may read it.
 */
public final class InferTensor implements AutoCloseable {

    private final String name;
    private final Datatype datatype;
    private final long[] shape;
    private final @Nullable Tensor tensor;
    private final List<byte[]> bytes;
    private final Map<String, Object> parameters;

    private InferTensor(
            String name,
            Datatype datatype,
            long[] shape,
            @Nullable Tensor tensor,
            List<byte[]> bytes,
            Map<String, Object> parameters) {
        this.name = name;
        this.datatype = datatype;
        this.shape = shape;
        this.tensor = tensor;
        this.bytes = bytes;
        this.parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /** A tensor with a name. */
    public static InferTensor of(String name, Tensor tensor) {
        return new InferTensor(name, Datatype.of(tensor.dataType()), tensor.shape(), tensor, List.of(), Map.of());
    }

    /**
     * Strings, each of any bytes.
     *
     * @throws dev.cresset.InvalidInputException if there are not as many as the shape says
     */
    public static InferTensor ofBytes(String name, List<byte[]> elements, long... shape) {
        Elements.requireCount("tensor '" + name + "'", elements.size(), shape);
        return new InferTensor(name, Datatype.BYTES, shape.clone(), null, List.copyOf(elements), Map.of());
    }

    /** Strings of text, in UTF-8. */
    public static InferTensor ofStrings(String name, List<String> elements, long... shape) {
        return ofBytes(
                name,
                elements.stream()
                        .map(element -> element.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                shape);
    }

    /** This tensor with these parameters: their values are Boolean, Long, Double, String or, for uint64, BigInteger. */
    public InferTensor withParameters(Map<String, Object> values) {
        return new InferTensor(name, datatype, shape, tensor, bytes, values);
    }

    /** What the model calls it. */
    public String name() {
        return name;
    }

    /** The protocol's name for the type of its elements: {@code FP32}. */
    public String datatype() {
        return datatype.name();
    }

    /** The sizes of the dimensions, outermost first; a copy. */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * The tensor; it dies with this, so copy what you keep.
     *
     * @throws ClassCastException if the datatype is BYTES
     */
    public Tensor tensor() {
        if (tensor == null) {
            throw new ClassCastException(
                    "tensor '" + name + "' is of BYTES, which are strings; use bytes() or strings()");
        }
        return tensor;
    }

    /** The strings, as they were sent. None, unless the datatype is BYTES. */
    public List<byte[]> bytes() {
        return bytes;
    }

    /** The strings, read as UTF-8. None, unless the datatype is BYTES. */
    public List<String> strings() {
        return bytes.stream()
                .map(element -> new String(element, StandardCharsets.UTF_8))
                .toList();
    }

    /** What was said about it beside. */
    public Map<String, Object> parameters() {
        return parameters;
    }

    Datatype type() {
        return datatype;
    }

    /** Closes the tensor. */
    @Override
    public void close() {
        if (tensor != null) {
            tensor.close();
        }
    }

    @Override
    public String toString() {
        return name + ": " + (tensor == null ? "BYTES " + Arrays.toString(shape) : tensor);
    }
}
