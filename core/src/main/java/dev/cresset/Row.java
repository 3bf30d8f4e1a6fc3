package dev.cresset;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory for one request at a time, and the prepared call that reads it. As long as requests have the same types and
 * shapes, the memory and the call are used again, and a prediction is one native call.
 *
 * <p>Used by one thread at a time; its {@link RowPool} sees to that.
 */
final class Row implements AutoCloseable {

    private final Model model;
    private final boolean batched;
    /** The model's arguments; a tensor's first dimension counts items if the model is batched. */
    private List<Value> arguments = List.of();

    private @Nullable Session session;

    Row(Model model, boolean batched) {
        this.model = model;
        this.batched = batched;
    }

    <I, O> O predict(I request, Handler<I, O> handler) {
        Filling filling = new Filling();
        try {
            handler.preprocess(request, filling);
        } catch (Exception e) {
            closeUnless(filling.arguments, arguments);
            throw failed("preprocess", handler, e);
        } finally {
            filling.close();
        }
        Session ready = ready(filling.arguments);
        ready.run();
        LentOutput output = new LentOutput(ready.result(), batched, model.name());
        try {
            return handler.postprocess(output.value());
        } catch (Exception e) {
            throw failed("postprocess", handler, e);
        } finally {
            output.close();
        }
    }

    private Session ready(List<Value> filled) {
        Session ready = session;
        if (ready != null && filled.equals(arguments)) {
            return ready;
        }
        closeSession();
        closeUnless(arguments, filled);
        arguments = filled;
        ready = model.session("forward", filled, List.of());
        session = ready;
        return ready;
    }

    private static void closeUnless(List<Value> values, List<Value> kept) {
        for (Value value : values) {
            if (value instanceof Tensor && !kept.contains(value)) {
                value.close();
            }
        }
    }

    private InferenceException failed(String method, Handler<?, ?> handler, Exception e) {
        if (e instanceof InferenceException typed) {
            return typed;
        }
        return new ModelExecutionException(
                model.name() + ": " + handler.getClass().getSimpleName() + "." + method + " failed: " + e, null, e);
    }

    private void closeSession() {
        Session old = session;
        session = null;
        if (old != null) {
            old.close();
        }
    }

    @Override
    public void close() {
        closeSession();
        closeUnless(arguments, List.of());
        arguments = List.of();
    }

    /** What a handler writes one request into: the row's tensors where they fit, new ones where they do not. */
    private final class Filling implements Inputs {
        private final List<Value> arguments = new ArrayList<>(4);
        private final List<Tensor> lent = new ArrayList<>(4);
        private boolean closed;

        @Override
        public Tensor tensor(DataType type, long... shape) {
            checkOpen();
            long[] full = batched ? withItems(shape) : shape.clone();
            Tensor tensor = reusable(type, full);
            if (tensor == null) {
                tensor = Tensor.allocate(type, full);
            }
            arguments.add(tensor);
            Tensor item = tensor.lend(shape);
            lent.add(item);
            return item;
        }

        @Override
        public void value(Value value) {
            checkOpen();
            arguments.add(value);
        }

        private @Nullable Tensor reusable(DataType type, long[] shape) {
            int index = arguments.size();
            if (index < Row.this.arguments.size()
                    && Row.this.arguments.get(index) instanceof Tensor old
                    && old.dataType() == type
                    && Arrays.equals(old.shape(), shape)) {
                return old;
            }
            return null;
        }

        private void checkOpen() {
            if (closed) {
                throw new IllegalStateException("these inputs were lent to a preprocess that has returned");
            }
        }

        void close() {
            closed = true;
            lent.forEach(Tensor::close);
        }
    }

    private static long[] withItems(long... shape) {
        long[] full = new long[shape.length + 1];
        full[0] = 1;
        System.arraycopy(shape, 0, full, 1, shape.length);
        return full;
    }
}
