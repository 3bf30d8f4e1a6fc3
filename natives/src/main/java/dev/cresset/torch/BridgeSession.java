package dev.cresset.torch;

import dev.cresset.engine.EngineSession;
import dev.cresset.tensor.Value;

/**
 * A prepared call in LibTorch's hands: a run is one native call with three numbers; on a device beside the CPU, its halves are one each.
 * Used by one thread at a time.
 *
 * <p>Hot path: a run allocates nothing if its outputs are bound.
 */
final class BridgeSession implements EngineSession {

    private final long handle;
    private final Reply reply;
    private final boolean answers;
    private final boolean onDevice;
    private Value result = Value.none();
    private long deviceNanos;

    BridgeSession(long handle, Reply reply, boolean answers, boolean onDevice) {
        this.handle = handle;
        this.reply = reply;
        this.answers = answers;
        this.onDevice = onDevice;
    }

    @Override
    public void run() {
        forget();
        reply.received(Bridge.run(handle, reply.address(), reply.capacity()));
        remember();
    }

    @Override
    public void start() {
        if (onDevice) {
            forget();
            reply.received(Bridge.startCall(handle, reply.address(), reply.capacity()));
        }
    }

    @Override
    public void await() {
        if (onDevice) {
            reply.received(Bridge.awaitCall(handle, reply.address(), reply.capacity()));
            remember();
        } else {
            run();
        }
    }

    private void forget() {
        if (answers) {
            result.close();
            result = Value.none();
        }
    }

    private void remember() {
        if (onDevice) {
            deviceNanos = reply.word();
        }
        if (answers) {
            result = reply.value();
        }
    }

    @Override
    public long deviceNanos() {
        return deviceNanos;
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
