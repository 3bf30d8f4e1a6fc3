package dev.cresset.internal.batching;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * The places of one model: a replica each, by number from zero. One whose device has failed is out of service, and gets no batches as long as
 * there is another. Safe for use by several threads.
 */
final class Places {

    private final List<Place> places;
    private final boolean computeBeside;
    private final AtomicInteger turn = new AtomicInteger();
    /** Replaced as a whole. */
    private volatile List<Integer> inService;

    Places(List<Place> places) {
        this.places = List.copyOf(places);
        this.computeBeside = this.places.stream().anyMatch(Place::computesBeside);
        this.inService = IntStream.range(0, places.size()).boxed().toList();
    }

    int count() {
        return places.size();
    }

    Place get(int number) {
        return places.get(number);
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
