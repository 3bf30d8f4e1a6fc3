package dev.cresset.flink;

import dev.cresset.InvalidInputException;
import dev.cresset.Outcome;
import dev.cresset.registry.Prediction;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.types.Either;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Gathers records, and scores them together on the task's thread: when there are as many as may be in flight, when the first has waited
 * long enough, and before all that must not overtake them, which is a watermark, a checkpoint's barrier and the end. So there is never
 * anything to be put into a checkpoint: what was before the barrier has been scored and sent on.
 */
final class BatchScoringOperator<I, O, T, R> extends AbstractStreamOperator<R>
        implements OneInputStreamOperator<T, R>, BoundedOneInput {

    private static final long serialVersionUID = 1L;

    private final Definition<I, O, T, R> definition;
    private final TypeInformation<T> type;

    private transient @Nullable Scorer<I, O, T, R, Either<FailedRecord<T>, R>> scorer;
    private transient @Nullable TypeSerializer<T> copies;
    private transient List<StreamRecord<T>> gathered;

    /** Rings when the first of those that are gathered has waited long enough; null if none is set. */
    private transient @Nullable ScheduledFuture<?> alarm;

    BatchScoringOperator(Definition<I, O, T, R> definition, TypeInformation<T> type) {
        this.definition = definition;
        this.type = type;
        this.gathered = List.of();
    }

    @Override
    public void open() throws Exception {
        super.open();
        gathered = new ArrayList<>(definition.capacity());
        if (getExecutionConfig().isObjectReuseEnabled()) {
            copies = type.createSerializer(getExecutionConfig().getSerializerConfig());
        }
        scorer = Scorer.open(definition, Emission.either(), getRuntimeContext(), () -> gathered.size());
    }

    @Override
    public void processElement(StreamRecord<T> element) throws Exception {
        // With object reuse, who sent it writes the next one into it.
        gathered.add(copies == null ? element.copy(element.getValue()) : element.copy(copies.copy(element.getValue())));
        if (gathered.size() >= definition.capacity()) {
            score();
        } else if (alarm == null) {
            ProcessingTimeService clock = getProcessingTimeService();
            alarm = clock.registerTimer(
                    clock.getCurrentProcessingTime() + definition.maxDelay().toMillis(), time -> {
                        alarm = null;
                        score();
                    });
        }
    }

    /** Scores what is gathered and sends it on, in its order. */
    private void score() throws Exception {
        if (gathered.isEmpty()) {
            return;
        }
        Scorer<I, O, T, R, Either<FailedRecord<T>, R>> opened = Objects.requireNonNull(scorer, "not open");
        List<StreamRecord<T>> records = gathered;
        gathered = new ArrayList<>(definition.capacity());
        List<I> requests = new ArrayList<>(records.size());
        List<@Nullable InvalidInputException> invalid = new ArrayList<>(records.size());
        for (StreamRecord<T> element : records) {
            try {
                requests.add(opened.request(element.getValue()));
                invalid.add(null);
            } catch (InvalidInputException e) {
                invalid.add(e);
            }
        }
        List<Outcome<Prediction<O>>> outcomes = opened.model().askEach(requests, definition.timeout());
        int next = 0;
        for (int i = 0; i < invalid.size(); i++) {
            InvalidInputException refused = invalid.get(i);
            Outcome<Prediction<O>> outcome = refused == null ? outcomes.get(next++) : Outcome.failed(refused);
            emit(records.get(i), outcome, opened);
        }
    }

    private void emit(
            StreamRecord<T> element,
            Outcome<Prediction<O>> outcome,
            Scorer<I, O, T, R, Either<FailedRecord<T>, R>> opened)
            throws Exception {
        Optional<Either<FailedRecord<T>, R>> emitted = outcome.isAnswered()
                ? opened.answered(element.getValue(), outcome.answer())
                : opened.failed(element.getValue(), outcome.failure().orElseThrow());
        if (emitted.isEmpty()) {
            return;
        }
        if (emitted.get().isRight()) {
            output.collect(element.copy(null).replace(emitted.get().right()));
        } else {
            OutputTag<FailedRecord<T>> tag = definition.onFailure().tag().orElseThrow();
            output.collect(tag, element.copy(null).replace(emitted.get().left()));
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        score();
        super.processWatermark(mark);
    }

    @Override
    public void processWatermarkStatus(WatermarkStatus status) throws Exception {
        score();
        super.processWatermarkStatus(status);
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        score();
    }

    @Override
    public void endInput() throws Exception {
        score();
    }

    @Override
    public void close() throws Exception {
        if (scorer != null) {
            scorer.close();
        }
        super.close();
    }
}
