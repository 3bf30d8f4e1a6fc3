package dev.cresset.internal.batching;

import dev.cresset.tensor.Value;

/** A call into a model that reads its arguments where they are, each time it is run. Used by one thread at a time. */
public interface Prepared extends AutoCloseable {

    /** Runs it, in one native call. */
    void run();

    /** What the last run returned, lent until the next. */
    Value result();

    @Override
    void close();

    /** Prepares calls for arguments whose memory stays. */
    interface Preparer {
        /** A call with these arguments. */
        Prepared prepare(java.util.List<Value> arguments);
    }
}
