package dev.cresset.torch;

import dev.cresset.engine.EngineSession;
import dev.cresset.tensor.Value;

/**
 * A prepared call in LibTorch's hands: a run is one native call with three numbers. Used by one thread at a time.
 *
 * <p>Hot path: a run allocates nothing if its outputs are bound.
 */
final class BridgeSession implements EngineSession {

    private final long handle;
    private final Reply reply;
    private final boolean answers;
    private Value result = Value.none();

    BridgeSession(long handle, Reply reply, boolean answers) {
        this.handle = handle;
        this.reply = reply;
        this.answers = answers;
    }

    @Override
    public void run() {
        if (answers) {
            result.close();
            result = Value.none();
        }
        reply.received(Bridge.run(handle, reply.address(), reply.capacity()));
        if (answers) {
            result = reply.value();
        }
    }

    @Override
    public Value result() {
        return result;
    }

    @Override
    public void close() {
        result.close();
        Bridge.releaseCall(handle);
    }
}
