package dev.cresset.codecs;

import dev.cresset.InvalidInputException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a map of parameters: 1 the key, 2 the message InferParameter, which is one of 1 bool, 2 int64, 3 string, 4 double,
 * 5 uint64.
 */
final class ProtoParameters {

    private ProtoParameters() {}

    static void read(String what, ByteBuffer entry, Map<String, Object> parameters) {
        String key = "";
        Object value = null;
        ProtoReader in = new ProtoReader(what, entry);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.string();
                case 2 -> value = value(what, in.message());
                default -> in.skip();
            }
        }
        if (value == null) {
            throw new InvalidInputException("the " + what + " has a parameter " + Quoted.of(key) + " without a value");
        }
        parameters.put(key, value);
    }

    private static @Nullable Object value(String what, ByteBuffer parameter) {
        Object value = null;
        ProtoReader in = new ProtoReader(what, parameter);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> value = in.number(ProtoReader.VARINT) != 0;
                case 2 -> value = in.number(ProtoReader.VARINT);
                case 3 -> value = in.string();
                case 4 -> value = Double.longBitsToDouble(in.number(ProtoReader.FIXED64));
                case 5 -> value = new BigInteger(Long.toUnsignedString(in.number(ProtoReader.VARINT)));
                default -> in.skip();
            }
        }
        return value;
    }

    static void write(ProtoWriter out, int field, Map<String, Object> parameters) {
        parameters.forEach((key, value) -> {
            ProtoWriter parameter = new ProtoWriter();
            if (value instanceof Boolean truth) {
                parameter.tag(1, ProtoReader.VARINT);
                parameter.varint(truth ? 1 : 0);
            } else if (value instanceof Long number) {
                parameter.tag(2, ProtoReader.VARINT);
                parameter.varint(number);
            } else if (value instanceof String text) {
                parameter.bytes(3, text.getBytes(StandardCharsets.UTF_8));
            } else if (value instanceof Double number) {
                parameter.tag(4, ProtoReader.FIXED64);
                parameter.fixed64(Double.doubleToRawLongBits(number));
            } else if (value instanceof BigInteger number && number.signum() >= 0 && number.bitLength() <= Long.SIZE) {
                parameter.tag(5, ProtoReader.VARINT);
                parameter.varint(number.longValue());
            } else {
                throw Parameters.noForm(key, value);
            }
            ProtoWriter entry = new ProtoWriter();
            entry.string(1, key);
            entry.message(2, parameter);
            out.message(field, entry);
        });
    }
}
