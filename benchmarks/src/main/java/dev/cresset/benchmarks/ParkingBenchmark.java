package dev.cresset.benchmarks;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Nothing but the waiting: callers hand over to a worker, park, and are woken. What any design with workers pays at least. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init")
public class ParkingBenchmark {

    private final ConcurrentLinkedQueue<Caller> waiting = new ConcurrentLinkedQueue<>();
    private Thread worker;
    private volatile boolean parked;
    private volatile boolean closed;

    /** One that waits. */
    @State(Scope.Thread)
    public static class Caller {
        private final Thread thread = Thread.currentThread();
        private volatile boolean answered;
    }

    /** Starts the worker. */
    @Setup
    public void start() {
        worker = new Thread(this::work, "worker");
        worker.start();
    }

    private void work() {
        while (!closed) {
            Caller caller = waiting.poll();
            if (caller != null) {
                caller.answered = true;
                LockSupport.unpark(caller.thread);
                continue;
            }
            parked = true;
            if (waiting.isEmpty() && !closed) {
                LockSupport.park(this);
            }
            parked = false;
        }
    }

    /** Ends it. */
    @TearDown
    public void stop() throws InterruptedException {
        closed = true;
        LockSupport.unpark(worker);
        worker.join();
    }

    /** One round. */
    @Benchmark
    public void parkAndWake(Caller caller) {
        caller.answered = false;
        waiting.add(caller);
        if (parked) {
            LockSupport.unpark(worker);
        }
        while (!caller.answered) {
            LockSupport.park(this);
        }
    }
}
