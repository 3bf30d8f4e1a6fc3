package dev.cresset.spring.boot;

import dev.cresset.ClosedException;
import dev.cresset.Predictor;
import dev.cresset.spring.boot.PredictorOpener.Opened;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A model of the properties, from before it is opened until after it is closed.
 *
 * <p>One thread opens it, others who want it wait for that one. What failed is tried again by the next one who wants it, as with every
 * bean that could not be made. Nothing can stop an opening that is under way: whoever opens a model that is closed meanwhile, closes it.
 * Safe for use by several threads; the state can be read at any time.
 */
final class ConfiguredModel {

    /** Where it is in its life. */
    enum State {
        /** Nobody has asked for it. */
        NOT_OPENED,
        /** Being opened. */
        OPENING,
        /** There. */
        READY,
        /** Could not be opened. */
        FAILED,
        /** Closed. */
        CLOSED
    }

    /** What is known of it: with what was opened when it is ready, with the reason when it failed. */
    record Status(
            State state, @Nullable Opened opened, @Nullable RuntimeException failure) {
        private static Status of(State state) {
            return new Status(state, null, null);
        }
    }

    /** How it is opened. */
    interface Opener {
        /** Asks for all beans that opening needs. */
        default void prepare() {}

        Opened open(String model, String location);
    }

    private final String name;
    private final String location;
    private final BootstrapMode mode;
    private final Opener opener;
    private final ReentrantLock opening = new ReentrantLock();
    private volatile Status status = Status.of(State.NOT_OPENED); // written under the lock
    private volatile boolean closing;

    ConfiguredModel(String name, String location, BootstrapMode mode, Opener opener) {
        this.name = name;
        this.location = location;
        this.mode = mode;
        this.opener = opener;
    }

    String name() {
        return name;
    }

    String location() {
        return location;
    }

    BootstrapMode mode() {
        return mode;
    }

    Status status() {
        return status;
    }

    /** To be called before a thread opens it that must not wait for beans, for they may wait for the model. */
    void prepare() {
        opener.prepare();
    }

    /** Opened already, or now. */
    Predictor<?, ?> predictor() {
        opening.lock();
        try {
            requireOpen();
            Opened there = status.opened();
            Predictor<?, ?> predictor = there != null ? there.predictor() : open();
            requireOpen();
            return predictor;
        } finally {
            opening.unlock();
            if (closing) {
                closeUnlessOpening(); // a close that came in between has left it to this thread
            }
        }
    }

    private void requireOpen() {
        if (closing) {
            throw new ClosedException("model '" + name + "' is closed, for the application ends");
        }
    }

    private Predictor<?, ?> open() {
        status = Status.of(State.OPENING);
        try {
            Opened opened = opener.open(name, location);
            status = new Status(State.READY, opened, null);
            return opened.predictor();
        } catch (RuntimeException e) {
            status = new Status(State.FAILED, null, e);
            throw e;
        } catch (Error e) {
            status = new Status(State.FAILED, null, new IllegalStateException(e));
            throw e;
        }
    }

    /** The predictor, if it is there. */
    Optional<Predictor<?, ?>> ifReady() {
        return Optional.ofNullable(status.opened()).map(Opened::predictor);
    }

    /** Closes it, and waits for an opening that is under way. */
    void close() {
        closing = true; // before the lock: whoever waits for it opens nothing any more
        opening.lock();
        try {
            closeNow();
        } finally {
            opening.unlock();
        }
    }

    /** Closes it, but leaves it to an opening that is under way to do so. */
    void closeUnlessOpening() {
        closing = true;
        if (opening.tryLock()) {
            try {
                closeNow();
            } finally {
                opening.unlock();
            }
        }
    }

    private void closeNow() {
        Opened there = status.opened();
        status = Status.of(State.CLOSED);
        if (there != null) {
            there.predictor().close();
        }
    }
}
