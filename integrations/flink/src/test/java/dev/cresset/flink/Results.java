package dev.cresset.flink;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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
        Queue<Object> all = ALL.getOrDefault(id, new ConcurrentLinkedQueue<>());
        synchronized (all) {
            all.add(result);
            all.notifyAll();
        }
        return true;
    }

    /** Waits for what has come to be like this. */
    void await(Predicate<? super R> last) throws InterruptedException {
        Queue<Object> all = ALL.getOrDefault(id, new ConcurrentLinkedQueue<>());
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        synchronized (all) {
            while (list().stream().noneMatch(last)) {
                if (System.nanoTime() > until) {
                    throw new AssertionError("did not come within a minute; there is " + all.size() + " of others");
                }
                all.wait(1_000);
            }
        }
    }

    /** What has come until now. */
    @SuppressWarnings("unchecked")
    List<R> list() {
        return (List<R>) List.copyOf(ALL.getOrDefault(id, new ConcurrentLinkedQueue<>()));
    }
}
