package dev.cresset;

import dev.cresset.internal.Failures;
import dev.cresset.internal.batching.Batcher;
import dev.cresset.internal.loading.ExportedBatch;
import dev.cresset.internal.requests.BatcherOpening;
import dev.cresset.internal.requests.DefaultWorkers;
import dev.cresset.internal.requests.ItemWriter;
import dev.cresset.internal.requests.Metering;
import dev.cresset.internal.warmup.WarmUp;
import dev.cresset.mar.ModelArchive;
import dev.cresset.tensor.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Opens a predictor: reads the samples, loads and tunes the model with the first of them, finds the sizes of batches that
 * pay, and has all samples answered.
 */
final class PredictorOpening<I, O> {

    private final Predictor.Builder<I, O> builder;
    private final Handler<I, O> handler;
    private final ModelOptions options;
    private final Metering metering = new Metering();

    PredictorOpening(Predictor.Builder<I, O> builder) {
        this.builder = builder;
        this.handler = builder.handler;
        this.options = builder.options.withInputs(builder.inputs);
    }

    Predictor<I, O> open() throws IOException {
        WarmUp<I, O> warmUp = new WarmUp<>(builder.source.name(), builder.archiveSamples.read(), builder.samples);
        Optional<I> example = example(warmUp);
        Model model = builder.source.open(
                options,
                (loaded, borrower) ->
                        example.ifPresent(item -> warmUp.of(item, () -> lendArguments(item, loaded, borrower))));
        boolean success = false;
        try {
            // A run of a model that keeps a state would be part of the answers after it.
            Optional<I> metBefore = model.isStateful() ? Optional.empty() : example;
            Batcher batcher = metBefore
                    .map(item -> lend(item, model, filling -> batcher(model, filling)))
                    .orElseGet(() -> batcher(model, null));
            Predictor<I, O> predictor = new Predictor<>(model, batcher, metering, builder);
            success = true;
            predictor.answerSamples(warmUp);
            metering.tally().reset(); // samples are nobody's requests
            return predictor;
        } finally {
            if (!success) {
                model.close();
            }
        }
    }

    /** The item to tune with: what the caller gave, the first sample, or the handler's own. */
    private Optional<I> example(WarmUp<I, O> warmUp) {
        Envelope<I, O> envelope = builder.envelope;
        Optional<I> given = envelope == null
                ? builder.example
                : builder.example.map(request -> envelope.open(request).items().get(0));
        return given.or(() -> warmUp.item(envelope)).or(handler::example);
    }

    private Model lendArguments(I item, Model model, Consumer<List<Value>> borrower) {
        return lend(item, model, filling -> {
            borrower.accept(filling.arguments(handler.isBatched()));
            return model;
        });
    }

    private Batcher batcher(Model model, @Nullable ItemWriter example) {
        boolean alone = model.isStateful() || !handler.isBatched();
        Batching asked = builder.batching;
        Batching wanted = asked != null ? asked : builder.source.batching();
        if (!alone) {
            ExportedBatch.requireUpTo(wanted.maxSize(), model.name(), model.parameters());
        }
        // Calls that share the processors take one each when there are many.
        int ofOneCall = model.sharesProcessors() ? 1 : options.intraOpThreads();
        return new BatcherOpening(
                        model.name(),
                        arguments -> model.session("forward", arguments, List.of()),
                        model::close,
                        handler.isBatched(),
                        alone ? Batching.none() : wanted,
                        options.tuningBudget())
                .open(
                        model.isStateful()
                                ? 1
                                : builder.workers > 0 ? builder.workers : DefaultWorkers.byDefault(ofOneCall),
                        builder.queue,
                        builder.completeOn,
                        metering,
                        example);
    }

    private <R> R lend(I request, Model model, Function<ItemWriter, R> borrower) {
        ItemWriter filling = new ItemWriter(model.parameters(), null);
        try {
            handler.preprocess(request, filling);
            return borrower.apply(filling);
        } catch (Exception e) {
            throw Failures.ofHandler(model.name(), handler, "preprocess", e);
        } catch (OutOfMemoryError e) {
            throw Failures.ofMemory(model.name(), e);
        } finally {
            filling.close();
            filling.giveUp();
        }
    }

    /** What a predictor's model is opened from: an archive, or a TorchScript file alone. */
    interface Source {

        /** As messages call it. */
        String name();

        Model open(ModelOptions options, Model.Example example) throws IOException;

        /** How requests go together unless the caller says otherwise. */
        Batching batching();

        static Source of(ModelArchive archive) {
            return new Source() {
                @Override
                public String name() {
                    return archive.name();
                }

                @Override
                public Model open(ModelOptions options, Model.Example example) throws IOException {
                    return Model.open(archive, options, example);
                }

                @Override
                public Batching batching() {
                    try {
                        return Batching.of(archive.config());
                    } catch (IllegalArgumentException e) {
                        throw new ModelLoadException(
                                name() + ": its settings' batchSize or maxBatchDelay: " + e.getMessage(), e);
                    }
                }
            };
        }

        static Source of(Path pt) {
            return new Source() {
                @Override
                public String name() {
                    return String.valueOf(pt.getFileName());
                }

                @Override
                public Model open(ModelOptions options, Model.Example example) throws IOException {
                    return Model.open(pt, options, example);
                }

                @Override
                public Batching batching() {
                    return Batching.none();
                }
            };
        }
    }
}
