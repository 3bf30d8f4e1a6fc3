package dev.cresset.internal.batching;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * The replicas of one model, by number from zero. One whose device has failed is out of service, and gets no batches as long as
 * there is another. Safe for use by several threads.
 */
final class Replicas {

    private final List<Replica> replicas;
    private final boolean computeBeside;
    private final AtomicInteger turn = new AtomicInteger();
    /** Replaced as a whole. */
    private volatile List<Integer> inService;

    Replicas(List<Replica> replicas) {
        this.replicas = List.copyOf(replicas);
        this.computeBeside = this.replicas.stream().anyMatch(Replica::computesBeside);
        this.inService = IntStream.range(0, replicas.size()).boxed().toList();
    }

    int count() {
        return replicas.size();
    }

    Replica get(int number) {
        return replicas.get(number);
    }

    /** Whether any of them computes beside the processors. */
    boolean computeBeside() {
        return computeBeside;
    }

    /** In turn: those that are equally fast come to their end in the order in which they began. */
    int next() {
        List<Integer> now = inService;
        return now.size() == 1 ? now.get(0) : now.get(Math.floorMod(turn.getAndIncrement(), now.size()));
    }

    /** Whether batches should be run there. */
    boolean isInService(int number) {
        return inService.contains(number);
    }

    /** Its device has failed. The last one stays: whoever asks is to be told. */
    synchronized void fails(int number) {
        if (inService.size() > 1) {
            inService = inService.stream().filter(one -> one != number).toList();
        }
    }
}
