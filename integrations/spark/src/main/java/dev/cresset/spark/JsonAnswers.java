package dev.cresset.spark;

import dev.cresset.Handler;
import dev.cresset.Handlers;
import dev.cresset.mar.ModelArchive;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Whatever the archive's own handler takes, and its JSON as a column of a type that the caller knows. */
final class JsonAnswers implements RowHandler<byte[], String> {
    private static final long serialVersionUID = 1;

    private static final JsonMapper MAPPER = new JsonMapper();

    private final ContentColumn content;
    /** Each of Spark's types can be serialized, though their common class does not say so. */
    @SuppressWarnings("serial")
    private final DataType type;

    JsonAnswers(ContentColumn content, DataType type) {
        this.content = content;
        this.type = type;
    }

    @Override
    public Handler<byte[], String> open(Optional<ModelArchive> archive) throws IOException {
        return Handlers.open(RowHandlers.required(archive));
    }

    @Override
    public byte[] request(Row row) {
        return content.read(row);
    }

    @Override
    public DataType answerType() {
        return type;
    }

    @Override
    public @Nullable Object value(String answer) {
        return JsonValues.of(MAPPER.readTree(answer), type);
    }
}
