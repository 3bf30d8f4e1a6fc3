package dev.cresset.spark;

import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The rows that come out: those that came in, one more column for the answer, and one for the error if it is wanted. Immutable. */
final class RowForm implements Serializable {
    private static final long serialVersionUID = 1;

    private final StructType output;
    private final int columnsIn;
    private final boolean hasErrors;
    private final HandleInvalid handleInvalid;

    private RowForm(StructType output, int columnsIn, boolean hasErrors, HandleInvalid handleInvalid) {
        this.output = output;
        this.columnsIn = columnsIn;
        this.hasErrors = hasErrors;
        this.handleInvalid = handleInvalid;
    }

    static RowForm of(
            StructType input, String outputCol, DataType type, @Nullable String errorCol, HandleInvalid handleInvalid) {
        StructType output = added(input, outputCol, type);
        if (errorCol != null) {
            output = added(output, errorCol, DataTypes.StringType);
        }
        return new RowForm(output, input.fields().length, errorCol != null, handleInvalid);
    }

    private static StructType added(StructType schema, String name, DataType type) {
        for (String there : schema.fieldNames()) {
            if (there.equalsIgnoreCase(name)) {
                throw new IllegalArgumentException(
                        "there is a column '" + there + "' already; give outputCol and errorCol names of their own");
            }
        }
        return schema.add(name, type, /* nullable= */ true);
    }

    StructType output() {
        return output;
    }

    HandleInvalid handleInvalid() {
        return handleInvalid;
    }

    Row answered(Row row, @Nullable Object answer) {
        return with(row, answer, null);
    }

    Row failed(Row row, String reason) {
        return with(row, null, reason);
    }

    private Row with(Row row, @Nullable Object answer, @Nullable String error) {
        @Nullable Object[] values = new @Nullable Object[columnsIn + (hasErrors ? 2 : 1)];
        for (int i = 0; i < columnsIn; i++) {
            values[i] = row.get(i);
        }
        values[columnsIn] = answer;
        if (hasErrors) {
            values[columnsIn + 1] = error;
        }
        return RowFactory.create(values);
    }
}
