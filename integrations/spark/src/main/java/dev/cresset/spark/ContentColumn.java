package dev.cresset.spark;

import dev.cresset.InvalidInputException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/** A column of bytes or texts: what an archive's own handler is asked. A text is asked as UTF-8. Immutable. */
final class ContentColumn implements Serializable {
    private static final long serialVersionUID = 1;

    private final String name;
    private final int index;

    private ContentColumn(String name, int index) {
        this.name = name;
        this.index = index;
    }

    static boolean isOne(DataType type) {
        return type instanceof BinaryType || type instanceof StringType;
    }

    static ContentColumn of(StructType schema, String name) {
        return new ContentColumn(name, schema.fieldIndex(name));
    }

    byte[] read(Row row) {
        Object value = row.get(index);
        if (value == null) {
            throw new InvalidInputException("column '" + name + "' is null");
        }
        return value instanceof byte[] bytes ? bytes : ((String) value).getBytes(StandardCharsets.UTF_8);
    }
}
