package dev.cresset.internal.batching;

import dev.cresset.engine.EngineModel;
import dev.cresset.engine.EngineSession;
import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.List;

/**
 * A model on one device, of several that compute the same: where batches are run. Safe for use by several threads.
 */
@FunctionalInterface
public interface Replica {

    /** A call of the model over these arguments; whoever asks closes it. */
    EngineSession prepare(List<Value> arguments);

    /** See {@link EngineModel#warmUpRuns}. */
    default int warmUpRuns() {
        return 3;
    }

    /** Zeroed memory that the model's calls read from best; whoever asks closes it. */
    default Tensor allocate(DataType type, long... shape) {
        return Tensor.allocate(type, shape);
    }

    /**
     * Whether it computes beside the processors, so that the next batch is brought to it while one computes. Only workers run batches then:
     * what LibTorch keeps for a thread on a device is large.
     */
    default boolean computesBeside() {
        return false;
    }
}
