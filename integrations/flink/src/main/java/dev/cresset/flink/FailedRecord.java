package dev.cresset.flink;

import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.util.OutputTag;

/**
 * A record that could not be scored, and why. Immutable as far as the record is.
 *
 * @param <T> the records' type
 * @param record as it came
 * @param exception the simple name of what happened, such as {@code InvalidInputException}
 * @param message what happened, in a sentence
 */
public record FailedRecord<T>(T record, String exception, String message) {

    /** A side output for records of this type: {@link OnFailure#sideOutput}. */
    public static <T> OutputTag<FailedRecord<T>> tag(String id, TypeInformation<T> records) {
        return new OutputTag<>(id, type(records));
    }

    /** A side output for records of a class that Flink knows the fields of: {@link OnFailure#sideOutput}. */
    public static <T> OutputTag<FailedRecord<T>> tag(String id, Class<T> records) {
        return tag(id, TypeInformation.of(records));
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // a class cannot say what its type variable is
    private static <T> TypeInformation<FailedRecord<T>> type(TypeInformation<T> records) {
        Map<String, TypeInformation<?>> fields =
                Map.of("record", records, "exception", Types.STRING, "message", Types.STRING);
        return (TypeInformation) Types.POJO(FailedRecord.class, fields);
    }
}
