package dev.cresset.flink;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** What came out at the end of a stream, in this process. */
final class Results<R> implements Serializable {

    private static final long serialVersionUID = 1L;

    private static final Map<String, Queue<Object>> ALL = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();

    static <R> Results<R> of(DataStream<R> stream) {
        Results<R> results = new Results<>();
        ALL.put(results.id, new ConcurrentLinkedQueue<>());
        stream.map(results::take).returns(Types.BOOLEAN).sinkTo(new DiscardingSink<>());
        return results;
    }

    private boolean take(R result) {
        ALL.getOrDefault(id, new ConcurrentLinkedQueue<>()).add(result);
        return true;
    }

    /** What has come until now. */
    @SuppressWarnings("unchecked")
    List<R> list() {
        return (List<R>) List.copyOf(ALL.getOrDefault(id, new ConcurrentLinkedQueue<>()));
    }
}
