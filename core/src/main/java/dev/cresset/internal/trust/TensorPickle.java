package dev.cresset.internal.trust;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Reads a pickle of a saved module as LibTorch's {@code Unpickler} does, far enough to know each tensor's storage and what of
 * it the tensor covers ({@link PickledTensors}). LibTorch believes both: it computes with what lies beyond a storage that is shorter, and its stack
 * machine reads below an empty stack. So a pickle is run here first, strictly: an instruction that LibTorch does not know, or for
 * which there is nothing on the stack, is an error.
 *
 * <p>Values that say nothing of a tensor are {@link PickledTensors#OTHER}. Nothing is made by name, nothing is called.
 */
final class TensorPickle {

    private enum Kind {
        LIST,
        DICT
    }

    private final ByteBuffer pickle;
    private final List<Object> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final List<Object> memo = new ArrayList<>();
    private final PickledTensors tensors = new PickledTensors();

    private TensorPickle(byte[] pickle) {
        this.pickle = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The storages that a pickle names, in its order. */
    static List<PickledTensors.Storage> storages(byte[] pickle) throws MalformedPickleException {
        TensorPickle run = new TensorPickle(pickle);
        try {
            run.run();
        } catch (BufferUnderflowException e) {
            throw new MalformedPickleException("ends too early");
        } catch (ArithmeticException e) {
            throw new MalformedPickleException("has a tensor with more numbers than can be counted");
        }
        return run.tensors.storages();
    }

    private void run() throws MalformedPickleException {
        if (next() != 0x80 || next() != 2) {
            throw new MalformedPickleException("is not a pickle of protocol 2");
        }
        while (step()) {
            // until it stops
        }
        if (stack.size() != 1 || !marks.isEmpty()) {
            throw new MalformedPickleException("leaves " + stack.size() + " values, expected one");
        }
    }

    private int next() {
        return Byte.toUnsignedInt(pickle.get());
    }

    /** One instruction; false after the last. */
    private boolean step() throws MalformedPickleException {
        int instruction = next();
        switch (instruction) {
            case '.' -> {
                return false;
            }
            case '(' -> marks.push(stack.size());
            case 'N', 0x88, 0x89 -> stack.add(PickledTensors.OTHER);
            case 'K' -> stack.add((long) next());
            case 'M' -> stack.add((long) Short.toUnsignedInt(pickle.getShort()));
            case 'J' -> stack.add((long) pickle.getInt());
            case 0x8a -> stack.add(eightByteLong());
            case 'G' -> {
                pickle.getDouble();
                stack.add(PickledTensors.OTHER);
            }
            case 'X' -> stack.add(text(pickle.getInt()));
            case 'c' -> stack.add(new PickledTensors.Global(line() + "." + line()));
            case ']' -> stack.add(Kind.LIST);
            case '}' -> stack.add(Kind.DICT);
            case ')' -> stack.add(new PickledTensors.Tuple(List.of()));
            case 't' -> stack.add(new PickledTensors.Tuple(sinceMark()));
            case 0x85 -> stack.add(new PickledTensors.Tuple(popped(1)));
            case 0x86 -> stack.add(new PickledTensors.Tuple(popped(2)));
            case 0x87 -> stack.add(new PickledTensors.Tuple(popped(3)));
            case 'l' -> {
                sinceMark();
                stack.add(Kind.LIST);
            }
            case 'd' -> {
                inPairs(sinceMark());
                stack.add(Kind.DICT);
            }
            case 'e' -> {
                sinceMark();
                isOnTop(Kind.LIST);
            }
            case 'a' -> {
                popped(1);
                isOnTop(Kind.LIST);
            }
            case 'u' -> {
                inPairs(sinceMark());
                isOnTop(Kind.DICT);
            }
            case 's' -> {
                popped(2);
                isOnTop(Kind.DICT);
            }
            case 'q' -> remember(next());
            case 'r' -> remember(pickle.getInt());
            case 'h' -> stack.add(remembered(next()));
            case 'j' -> stack.add(remembered(pickle.getInt()));
            case 0x81 -> popped(1); // NEWOBJ: the class stays
            case 'b', 'R' -> call();
            case 'Q' -> stack.add(tensors.storage(popped(1).get(0)));
            default ->
                throw new MalformedPickleException(
                        String.format("has instruction %02x at byte %d", instruction, pickle.position() - 1));
        }
        return true;
    }

    private long eightByteLong() throws MalformedPickleException {
        if (next() != Long.BYTES) {
            throw new MalformedPickleException("has a number that is not of 8 bytes");
        }
        return pickle.getLong();
    }

    private String text(int length) throws MalformedPickleException {
        if (length < 0 || length > pickle.remaining()) {
            throw new MalformedPickleException("has a text of " + Integer.toUnsignedLong(length) + " bytes");
        }
        byte[] text = new byte[length];
        pickle.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private String line() {
        int start = pickle.position();
        while (pickle.get() != '\n') {
            // to its end
        }
        return new String(pickle.array(), start, pickle.position() - 1 - start, StandardCharsets.UTF_8);
    }

    private List<Object> sinceMark() throws MalformedPickleException {
        if (marks.isEmpty() || marks.peek() > stack.size()) {
            throw new MalformedPickleException("closes what it has not opened");
        }
        return popped(stack.size() - marks.pop());
    }

    private List<Object> popped(int count) throws MalformedPickleException {
        // A value below an open mark belongs to somebody else.
        int floor = marks.isEmpty() ? 0 : marks.peek();
        if (stack.size() - count < floor) {
            throw new MalformedPickleException("takes a value that is not there");
        }
        List<Object> top = stack.subList(stack.size() - count, stack.size());
        List<Object> popped = List.copyOf(top);
        top.clear();
        return popped;
    }

    private void isOnTop(Kind kind) throws MalformedPickleException {
        if (stack.isEmpty() || stack.get(stack.size() - 1) != kind) {
            throw new MalformedPickleException(
                    "puts values into what is no " + (kind == Kind.LIST ? "list" : "dictionary"));
        }
    }

    private static void inPairs(List<Object> values) throws MalformedPickleException {
        if (values.size() % 2 != 0) {
            throw new MalformedPickleException("has a dictionary with a key that has no value");
        }
    }

    /** Writers number what they remember one after the other; LibTorch would make room up to any number. */
    private void remember(int id) throws MalformedPickleException {
        if (stack.isEmpty() || id < 0 || id > memo.size()) {
            throw new MalformedPickleException("remembers a value by a number that is out of order");
        }
        Object top = stack.get(stack.size() - 1);
        if (id == memo.size()) {
            memo.add(top);
        } else {
            memo.set(id, top);
        }
    }

    private Object remembered(int id) throws MalformedPickleException {
        if (id < 0 || id >= memo.size()) {
            throw new MalformedPickleException("recalls a value that it has not remembered");
        }
        return memo.get(id);
    }

    private void call() throws MalformedPickleException {
        List<Object> call = popped(2);
        if (!(call.get(0) instanceof PickledTensors.Global function)) {
            throw new MalformedPickleException("calls what is no function");
        }
        stack.add(PickledTensors.called(function, call.get(1)));
    }
}
