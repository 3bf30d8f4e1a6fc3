package dev.cresset.codecs;

import dev.cresset.InvalidInputException;
import dev.cresset.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * A tensor in a message, before its elements are known to be right. Typed contents are one of 1 bool, 2 int32, 3 int64, 4 uint32,
 * 5 uint64, 6 float, 7 double, 8 bytes.
 */
final class ProtoTensor {
    private static final int FLOATS = 6;
    private static final int DOUBLES = 7;
    private static final int BYTES = 8;

    private final String name;
    private final String where;
    private final Datatype datatype;
    private final long[] shape;
    private final Map<String, Object> parameters;
    private final List<ByteBuffer> contents;

    private ProtoTensor(
            String what,
            String name,
            String datatype,
            long[] shape,
            Map<String, Object> parameters,
            List<ByteBuffer> contents) {
        this.name = name;
        this.where = "the " + what + "'s tensor " + Quoted.of(name);
        this.datatype = Datatype.of(where, datatype);
        this.shape = shape;
        this.parameters = parameters;
        this.contents = contents;
    }

    static ProtoTensor read(String what, ByteBuffer message) {
        String name = "";
        String datatype = "";
        LongStream.Builder shape = LongStream.builder();
        Map<String, Object> parameters = new LinkedHashMap<>();
        List<ByteBuffer> contents = new ArrayList<>();
        ProtoReader in = new ProtoReader(what, message);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.string();
                case 2 -> datatype = in.string();
                case 3 -> in.numbers(ProtoReader.VARINT, shape);
                case 4 -> ProtoParameters.read(what, in.message(), parameters);
                // Of a message that comes twice, both parts count.
                case 5 -> contents.add(in.message());
                default -> in.skip();
            }
        }
        return new ProtoTensor(what, name, datatype, shape.build().toArray(), parameters, contents);
    }

    /** With the elements that stand elsewhere; the receiver closes it. */
    InferTensor raw(ByteBuffer raw) {
        if (contents.stream().anyMatch(ByteBuffer::hasRemaining)) {
            throw new InvalidInputException(where + " has raw contents and typed ones, expected one of the two");
        }
        InferTensor tensor = datatype == Datatype.BYTES
                ? InferTensor.ofBytes(name, Elements.strings(where, shape, raw), shape)
                : InferTensor.of(name, Elements.tensor(where, datatype, shape, raw));
        return tensor.withParameters(parameters);
    }

    /** With the elements in it; the receiver closes it. */
    InferTensor typed() {
        LongStream.Builder numbers = LongStream.builder();
        List<byte[]> strings = new ArrayList<>();
        for (ByteBuffer part : contents) {
            ProtoReader in = new ProtoReader(where, part);
            while (in.next()) {
                collect(in, numbers, strings);
            }
        }
        if (datatype == Datatype.BYTES) {
            Elements.requireCount(where, strings.size(), shape);
            return InferTensor.ofBytes(name, strings, shape).withParameters(parameters);
        }
        return InferTensor.of(name, filled(numbers.build().toArray())).withParameters(parameters);
    }

    private void collect(ProtoReader in, LongStream.Builder numbers, List<byte[]> strings) {
        int field = in.field();
        if (field > BYTES) {
            in.skip();
        } else if (field != datatype.contentsField()) {
            throw new InvalidInputException(where + " of " + datatype + " has its contents in field " + field
                    + (datatype.contentsField() == 0
                            ? ", expected raw contents"
                            : ", expected field " + datatype.contentsField()));
        } else if (field == BYTES) {
            strings.add(in.copy());
        } else {
            in.numbers(
                    field == FLOATS ? ProtoReader.FIXED32 : field == DOUBLES ? ProtoReader.FIXED64 : ProtoReader.VARINT,
                    numbers);
        }
    }

    private Tensor filled(long[] numbers) {
        Elements.requireCount(where, numbers.length, shape);
        Tensor tensor = Tensor.allocate(datatype.type(), shape);
        boolean success = false;
        try {
            ByteBuffer bytes = tensor.asByteBuffer();
            for (long number : numbers) {
                switch (datatype) {
                    case FP32 -> bytes.putInt((int) number);
                    case FP64 -> bytes.putLong(number);
                    default -> Integers.put(where, datatype, bytes, number);
                }
            }
            success = true;
            return tensor;
        } finally {
            if (!success) {
                tensor.close();
            }
        }
    }

    static ProtoWriter write(InferTensor tensor, boolean typed) {
        ProtoWriter out = new ProtoWriter();
        out.string(1, tensor.name());
        out.string(2, tensor.datatype());
        ProtoWriter shape = new ProtoWriter();
        for (long size : tensor.shape()) {
            shape.varint(size);
        }
        out.packed(3, shape);
        ProtoParameters.write(out, 4, tensor.parameters());
        if (typed) {
            out.message(5, contents(tensor));
        }
        return out;
    }

    private static ProtoWriter contents(InferTensor tensor) {
        int field = tensor.type().contentsField();
        ProtoWriter out = new ProtoWriter();
        ProtoWriter numbers = new ProtoWriter();
        switch (tensor.type()) {
            case BYTES -> tensor.bytes().forEach(element -> out.bytes(field, element));
            case FP32 -> {
                for (float value : tensor.tensor().toFloatArray()) {
                    numbers.fixed32(Float.floatToRawIntBits(value));
                }
            }
            case FP64 -> {
                for (double value : tensor.tensor().toDoubleArray()) {
                    numbers.fixed64(Double.doubleToRawLongBits(value));
                }
            }
            case FP16, BF16 ->
                throw new IllegalArgumentException("tensor '" + tensor.name() + "' is of " + tensor.datatype()
                        + ", for which there are no typed contents; write raw ones");
            default -> {
                for (long value : Integers.of(tensor.tensor())) {
                    numbers.varint(value);
                }
            }
        }
        out.packed(field, numbers);
        return out;
    }
}
