package dev.cresset;

import dev.cresset.tensor.DataType;
import dev.cresset.tensor.Signature;
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
    /** The tensors that this row made, in the order in which a handler asked for them. */
    private List<Tensor> tensors = List.of();
    /** What the session calls the model with: these tensors, and values of the handler's. */
    private List<Value> arguments = List.of();

    private @Nullable Session session;

    Row(Model model, boolean batched) {
        this.model = model;
        this.batched = batched;
    }

    <I, O> O predict(I request, Handler<I, O> handler) {
        Session ready = ready(filled(request, handler));
        ready.run();
        LentOutput output = new LentOutput(ready.result(), batched, model.name());
        try {
            return handler.postprocess(request, output.value());
        } catch (Exception e) {
            throw failed("postprocess", handler, e);
        } finally {
            output.close();
            ready.result().close(); // a large one would otherwise stay until the row's next use
        }
    }

    /** What a request becomes; this row's, until it is closed. */
    <I> List<Value> arguments(I request, Handler<I, ?> handler) {
        Filling filled = filled(request, handler);
        closeUnless(tensors, filled.tensors);
        tensors = filled.tensors;
        arguments = filled.arguments;
        return arguments;
    }

    private <I> Filling filled(I request, Handler<I, ?> handler) {
        Filling filling = new Filling();
        try {
            handler.preprocess(request, filling);
            return filling;
        } catch (Exception e) {
            closeUnless(filling.tensors, tensors);
            throw failed("preprocess", handler, e);
        } finally {
            filling.close();
        }
    }

    private Session ready(Filling filled) {
        Session ready = session;
        if (ready != null && filled.arguments.equals(arguments)) {
            return ready;
        }
        closeSession();
        closeUnless(tensors, filled.tensors);
        tensors = filled.tensors;
        arguments = filled.arguments;
        ready = model.session("forward", arguments, List.of());
        session = ready;
        return ready;
    }

    private static void closeUnless(List<Tensor> tensors, List<Tensor> kept) {
        for (Tensor tensor : tensors) {
            if (!kept.contains(tensor)) {
                tensor.close();
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
        closeUnless(tensors, List.of());
        tensors = List.of();
        arguments = List.of();
    }

    /** What a handler writes one request into: the row's tensors where they fit, new ones where they do not. */
    private final class Filling implements Inputs {
        private final List<Tensor> tensors = new ArrayList<>(4);
        private final List<Value> arguments = new ArrayList<>(4);
        private final List<Tensor> lent = new ArrayList<>(4);
        private boolean closed;

        @Override
        public Tensor tensor(DataType type, long... shape) {
            checkOpen();
            Tensor tensor = take(type, batched ? withItems(shape) : shape.clone());
            arguments.add(tensor);
            return lend(tensor, shape);
        }

        @Override
        public Tensor tensorInList(DataType type, long... shape) {
            checkOpen();
            Tensor tensor = take(type, shape.clone());
            arguments.add(Value.list(tensor));
            return lend(tensor, shape);
        }

        private Tensor take(DataType type, long[] full) {
            Tensor tensor = reusable(type, full);
            if (tensor == null) {
                tensor = Tensor.allocate(type, full);
            }
            tensors.add(tensor);
            return tensor;
        }

        private Tensor lend(Tensor tensor, long[] shape) {
            Tensor item = tensor.lend(shape);
            lent.add(item);
            return item;
        }

        @Override
        public void value(Value value) {
            checkOpen();
            arguments.add(value);
        }

        @Override
        public List<Signature.Parameter> parameters() {
            Signature.Method forward = model.signature().methods().get("forward");
            return forward == null ? List.of() : forward.parameters();
        }

        private @Nullable Tensor reusable(DataType type, long[] shape) {
            int index = tensors.size();
            if (index >= Row.this.tensors.size()) {
                return null;
            }
            Tensor old = Row.this.tensors.get(index);
            return old.dataType() == type && Arrays.equals(old.shape(), shape) ? old : null;
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
