package dev.cresset.flink;

import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** How a stream is scored. */
enum Form {
    UNORDERED,
    ORDERED,
    BATCHED;

    <T, R> SingleOutputStreamOperator<R> apply(Scoring<T, R> scoring, DataStream<T> records, Class<R> type) {
        return switch (this) {
            case UNORDERED -> scoring.unordered(records, type);
            case ORDERED -> scoring.ordered(records, type);
            case BATCHED -> scoring.batched(records, type);
        };
    }
}
