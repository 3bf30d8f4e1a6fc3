package dev.cresset.spark;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.collection.mutable.ArraySeq;
import scala.jdk.javaapi.CollectionConverters;
import tools.jackson.databind.JsonNode;

/** JSON as a value of a column. A field that is not there is null; a text column takes any JSON as it is. */
final class JsonValues {

    private JsonValues() {}

    static @Nullable Object of(JsonNode node, DataType type) {
        if (node.isNull() || node.isMissingNode()) {
            return null;
        }
        if (type.equals(DataTypes.StringType)) {
            return node.isString() ? node.stringValue() : node.toString();
        }
        if (type instanceof StructType struct && node.isObject()) {
            @Nullable Object[] values = new @Nullable Object[struct.fields().length];
            for (int i = 0; i < values.length; i++) {
                values[i] =
                        of(node.path(struct.apply(i).name()), struct.apply(i).dataType());
            }
            return RowFactory.create(values);
        }
        if (type instanceof ArrayType array && node.isArray()) {
            @Nullable Object[] values = new @Nullable Object[node.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = of(node.get(i), array.elementType());
            }
            return ArraySeq.make(values);
        }
        if (type instanceof MapType map && map.keyType().equals(DataTypes.StringType) && node.isObject()) {
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            node.properties().forEach(entry -> values.put(entry.getKey(), of(entry.getValue(), map.valueType())));
            return CollectionConverters.asScala(values);
        }
        if (type.equals(DataTypes.BooleanType) && node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isNumber()) {
            Object number = number(node, type);
            if (number != null) {
                return number;
            }
        }
        String text = node.toString();
        throw new IllegalArgumentException("the handler answers with "
                + (text.length() > 200 ? text.substring(0, 200) + "..." : text) + ", which is no " + type.simpleString()
                + "; say what it is with outputType");
    }

    private static @Nullable Object number(JsonNode node, DataType type) {
        if (type.equals(DataTypes.DoubleType)) {
            return node.doubleValue();
        }
        if (type.equals(DataTypes.FloatType)) {
            return (float) node.doubleValue();
        }
        if (type.equals(DataTypes.LongType) && node.canConvertToLong()) {
            return node.longValue();
        }
        return type.equals(DataTypes.IntegerType) && node.canConvertToInt() ? (Object) node.intValue() : null;
    }
}
