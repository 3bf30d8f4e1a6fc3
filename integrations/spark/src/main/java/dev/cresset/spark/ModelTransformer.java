package dev.cresset.spark;

import java.util.Arrays;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Scores a dataset with a model: a {@link Transformer} of Spark ML, alone or as a stage of a pipeline.
 *
 * <pre>{@code
 * Dataset<Row> scored = new ModelTransformer()
 *         .setModel("risk.mar")
 *         .setInputCols("features")
 *         .setInputSpecs("float32[30]")
 *         .setOutputCol("risk")
 *         .transform(rows);
 * }</pre>
 *
 * <p>What its parameters mean, {@link ModelFunction.Builder} says. Saved, alone or in a pipeline, it takes the model's file along:
 * the folder is whole, and may be moved.
 *
 * <p>As all of Spark's: not safe for use by several threads while it is being set.
 */
public final class ModelTransformer extends Transformer implements MLWritable {
    private static final long serialVersionUID = 1;

    private final String uid;
    private final Param<String> model;
    private final Param<String> delivery;
    private final StringArrayParam inputCols;
    private final StringArrayParam inputSpecs;
    private final Param<String> outputCol;
    private final Param<String> outputType;
    private final Param<String> errorCol;
    private final Param<String> handleInvalid;
    private final Param<String> handler;
    private final IntParam batchSize;

    private transient @Nullable KnownSource source;

    /** A transformer with a name of its own. */
    public ModelTransformer() {
        this(Identifiable$.MODULE$.randomUID("modelTransformer"));
    }

    /** A transformer of this name; called by Spark when it copies or loads one. */
    public ModelTransformer(String uid) {
        this.uid = uid;
        this.model = new Param<>(this, "model", "the model's file, a path of any of Hadoop's file systems");
        this.delivery = new Param<>(
                this,
                "delivery",
                "how it reaches the executors: broadcast, path (they see the same one), sparkFile (spark.files)");
        this.inputCols = new StringArrayParam(this, "inputCols", "the columns that the model is asked");
        this.inputSpecs = new StringArrayParam(
                this,
                "inputSpecs",
                "what tensor each of them becomes, without the dimension that counts rows: float32[30]");
        this.outputCol = new Param<>(this, "outputCol", "the column of answers");
        this.outputType = new Param<>(this, "outputType", "the type of the answers, as in SQL");
        this.errorCol = new Param<>(this, "errorCol", "a column that says why a row has no answer");
        this.handleInvalid = new Param<>(
                this,
                "handleInvalid",
                "what becomes of a row that cannot be scored: error, skip, keep (its answer is null)");
        this.handler = new Param<>(this, "handler", "the name of a class of RowHandler, made without arguments");
        this.batchSize = new IntParam(this, "batchSize", "how many rows go to the model together at most");
        setDefault(delivery, Delivery.BROADCAST.text());
        setDefault(outputCol, "prediction");
        setDefault(handleInvalid, HandleInvalid.ERROR.text());
        setDefault(batchSize, 64);
    }

    /** Reads one that was saved. */
    public static MLReader<ModelTransformer> read() {
        return new SavedTransformer.Reader();
    }

    /** Reads one that was saved. */
    public static ModelTransformer load(String path) {
        return read().load(path);
    }

    @Override
    public MLWriter write() {
        return new SavedTransformer.Writer(this);
    }

    @Override
    public String uid() {
        return uid;
    }

    /**
     * Opens the model, if it must be asked what its answers are.
     *
     * @throws IllegalArgumentException as {@link ModelFunction.Builder#build}
     */
    @Override
    public StructType transformSchema(StructType schema) {
        return function(schema).schema();
    }

    /**
     * Adds the column of answers. The model is opened here, and so fails here; rows are scored when the dataset is computed.
     *
     * @throws IllegalArgumentException as {@link ModelFunction.Builder#build}
     */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        return function(dataset.schema()).apply(dataset.toDF());
    }

    private ModelFunction function(StructType schema) {
        ModelFunction.Builder builder = ModelFunction.builder(source())
                .outputCol(getOrDefault(outputCol))
                .handleInvalid(HandleInvalid.of(getOrDefault(handleInvalid)))
                .batchSize((Integer) getOrDefault((Param<?>) batchSize));
        if (isSet(inputCols)) {
            builder.inputCols(getOrDefault(inputCols));
        }
        if (isSet(inputSpecs)) {
            String[] specs = getOrDefault(inputSpecs);
            String[] columns = isSet(inputCols) ? getOrDefault(inputCols) : new String[0];
            if (specs.length != columns.length) {
                throw new IllegalArgumentException("inputSpecs has " + specs.length + " entries, inputCols "
                        + columns.length + "; give a spec to each column, in order");
            }
            for (int i = 0; i < specs.length; i++) {
                builder.input(columns[i], SpecText.parse(specs[i]));
            }
        }
        if (isSet(outputType)) {
            builder.outputType(getOrDefault(outputType));
        }
        if (isSet(errorCol)) {
            builder.errorCol(getOrDefault(errorCol));
        }
        if (isSet(handler)) {
            builder.handler(rowHandler(getOrDefault(handler)));
        }
        return builder.build(schema);
    }

    /** Read and sent once, however often the transformer is used. */
    private ModelSource source() {
        if (!isSet(model)) {
            throw new IllegalArgumentException("model is not set: which file is to be scored with?");
        }
        SparkSession spark = SparkSession.active();
        KnownSource known = source;
        String location = getOrDefault(model);
        String how = getOrDefault(delivery);
        if (known == null || !known.isOf(spark, location, how)) {
            known = new KnownSource(spark, location, how, ModelSource.of(Delivery.of(how), spark, location));
            source = known;
        }
        return known.source();
    }

    private record KnownSource(SparkSession spark, String location, String delivery, ModelSource source) {
        boolean isOf(SparkSession session, String path, String how) {
            return spark == session && location.equals(path) && delivery.equals(how);
        }
    }

    private static RowHandler<?, ?> rowHandler(String name) {
        try {
            Class<?> type = Class.forName(name, true, Thread.currentThread().getContextClassLoader());
            return (RowHandler<?, ?>) type.getConstructor().newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IllegalArgumentException(
                    "handler '" + name + "' is not to be had: it must be a public class that implements "
                            + RowHandler.class.getName() + " and has a public constructor without parameters (" + e
                            + ")",
                    e);
        }
    }

    @Override
    public ModelTransformer copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    /** The model's file: {@code .mar}, {@code .pt}, {@code .pt2}; a path of any of Hadoop's file systems. */
    public ModelTransformer setModel(String path) {
        set(model, path);
        return this;
    }

    /** How the file reaches the executors: {@code broadcast} unless set, {@code path}, {@code sparkFile}; see {@link ModelSource}. */
    public ModelTransformer setDelivery(String how) {
        set(delivery, Delivery.of(how).text());
        return this;
    }

    /** See {@link ModelFunction.Builder#inputCols}. */
    public ModelTransformer setInputCols(String... names) {
        set(inputCols, names.clone());
        return this;
    }

    /**
     * What tensor each of the columns becomes, without the dimension that counts rows, such as {@code float32[30]}, {@code
     * int64[]} or {@code float32[?, 4]}; see {@link ModelFunction.Builder#input}.
     */
    public ModelTransformer setInputSpecs(String... specs) {
        Arrays.stream(specs).forEach(SpecText::parse);
        set(inputSpecs, specs.clone());
        return this;
    }

    /** See {@link ModelFunction.Builder#outputCol}. */
    public ModelTransformer setOutputCol(String name) {
        set(outputCol, name);
        return this;
    }

    /** See {@link ModelFunction.Builder#outputType(String)}. */
    public ModelTransformer setOutputType(String ddl) {
        set(outputType, ddl);
        return this;
    }

    /** See {@link ModelFunction.Builder#errorCol}. */
    public ModelTransformer setErrorCol(String name) {
        set(errorCol, name);
        return this;
    }

    /** {@code error} unless set, {@code skip} or {@code keep}; see {@link HandleInvalid}. */
    public ModelTransformer setHandleInvalid(String policy) {
        set(handleInvalid, HandleInvalid.of(policy).text());
        return this;
    }

    /** A class of one's own that is made without arguments; see {@link ModelFunction.Builder#handler}. */
    public ModelTransformer setHandler(Class<? extends RowHandler<?, ?>> type) {
        set(handler, type.getName());
        return this;
    }

    /** See {@link ModelFunction.Builder#batchSize}. */
    public ModelTransformer setBatchSize(int rows) {
        set(batchSize.w(rows));
        return this;
    }

    /** The parameter of {@link #setModel}. */
    public Param<String> model() {
        return model;
    }

    /** The parameter of {@link #setDelivery}. */
    public Param<String> delivery() {
        return delivery;
    }

    /** The parameter of {@link #setInputCols}. */
    public StringArrayParam inputCols() {
        return inputCols;
    }

    /** The parameter of {@link #setInputSpecs}. */
    public StringArrayParam inputSpecs() {
        return inputSpecs;
    }

    /** The parameter of {@link #setOutputCol}. */
    public Param<String> outputCol() {
        return outputCol;
    }

    /** The parameter of {@link #setOutputType}. */
    public Param<String> outputType() {
        return outputType;
    }

    /** The parameter of {@link #setErrorCol}. */
    public Param<String> errorCol() {
        return errorCol;
    }

    /** The parameter of {@link #setHandleInvalid}. */
    public Param<String> handleInvalid() {
        return handleInvalid;
    }

    /** The parameter of {@link #setHandler}. */
    public Param<String> handler() {
        return handler;
    }

    /** The parameter of {@link #setBatchSize}. */
    public IntParam batchSize() {
        return batchSize;
    }
}
