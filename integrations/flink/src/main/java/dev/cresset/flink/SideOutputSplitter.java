package dev.cresset.flink;

import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Parts results from failed records, which go to the side output. */
final class SideOutputSplitter<T, R> extends ProcessFunction<Either<FailedRecord<T>, R>, R> {

    private static final long serialVersionUID = 1L;

    private final OutputTag<FailedRecord<T>> tag;

    SideOutputSplitter(OutputTag<FailedRecord<T>> tag) {
        this.tag = tag;
    }

    @Override
    public void processElement(Either<FailedRecord<T>, R> scored, Context context, Collector<R> out) {
        if (scored.isLeft()) {
            context.output(tag, scored.left());
        } else {
            out.collect(scored.right());
        }
    }
}
