package dev.cresset.internal.trust;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * Reads a pickle of a saved module as LibTorch's {@code Unpickler} does, far enough to know each tensor's storage and what of
 * it the tensor covers. LibTorch believes both: it computes with what lies beyond a storage that is shorter, and its stack
 * machine reads below an empty stack. So a pickle is run here first, strictly: an instruction that LibTorch does not know, or for
 * which there is nothing on the stack, is an error.
 *
 * <p>Values that say nothing of a tensor are {@link #OTHER}. Nothing is made by name, nothing is called.
 */
final class TensorPickle {

    /** A storage that the pickle names: the entry it is in, by its name within a folder, and how many bytes it must have. */
    record Storage(String key, long bytes) {}

    /** What cannot be read, or covers more than its storage. */
    static final class UnsoundException extends Exception {
        private static final long serialVersionUID = 1L;

        UnsoundException(String what) {
            super(what);
        }
    }

    /** A value of no interest. */
    private enum Kind {
        OTHER,
        LIST,
        DICT
    }

    private static final Object OTHER = Kind.OTHER;

    /** A class or function, by module and name. */
    private record Global(String name) {}

    private record Tuple(List<Object> elements) {}

    /** A storage's numbers, before a tensor is made over them; {@code count} of elements. */
    private record Numbers(long count) {}

    private record Tensor(List<Long> sizes) {
        long count() {
            return sizes.stream().reduce(1L, (a, b) -> a * b);
        }
    }

    /** Bytes of an element, by the name of its storage's class in Python. */
    private static final Map<String, Integer> ELEMENT_BYTES = Map.ofEntries(
            Map.entry("Bool", 1),
            Map.entry("Byte", 1),
            Map.entry("Char", 1),
            Map.entry("QInt8", 1),
            Map.entry("QUInt8", 1),
            Map.entry("QUInt4x2", 1),
            Map.entry("QUInt2x4", 1),
            Map.entry("Bits1x8", 1),
            Map.entry("Bits2x4", 1),
            Map.entry("Bits4x2", 1),
            Map.entry("Bits8", 1),
            Map.entry("Float8_e5m2", 1),
            Map.entry("Float8_e4m3fn", 1),
            Map.entry("Float8_e5m2fnuz", 1),
            Map.entry("Float8_e4m3fnuz", 1),
            Map.entry("Float8_e8m0fnu", 1),
            Map.entry("Bits16", 2),
            Map.entry("Short", 2),
            Map.entry("UInt16", 2),
            Map.entry("Half", 2),
            Map.entry("BFloat16", 2),
            Map.entry("Int", 4),
            Map.entry("UInt32", 4),
            Map.entry("QInt32", 4),
            Map.entry("Float", 4),
            Map.entry("ComplexHalf", 4),
            Map.entry("Long", 8),
            Map.entry("UInt64", 8),
            Map.entry("Double", 8),
            Map.entry("ComplexFloat", 8),
            Map.entry("ComplexDouble", 16));

    /** How many numbers a byte of these holds, as far as a tensor's size counts them. */
    private static final Map<String, Integer> NUMBERS_IN_A_BYTE =
            Map.of("QUInt4x2", 2, "QUInt2x4", 4, "Bits1x8", 8, "Bits2x4", 4, "Bits4x2", 2);

    private static final String STORAGE = "Storage";

    private final ByteBuffer pickle;
    private final List<Object> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final List<Object> memo = new ArrayList<>();
    private final List<Storage> storages = new ArrayList<>();

    private TensorPickle(byte[] pickle) {
        this.pickle = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The storages that a pickle names, in its order. */
    static List<Storage> storages(byte[] pickle) throws UnsoundException {
        TensorPickle run = new TensorPickle(pickle);
        try {
            run.run();
        } catch (BufferUnderflowException e) {
            throw new UnsoundException("ends too early");
        } catch (ArithmeticException e) {
            throw new UnsoundException("has a tensor with more numbers than can be counted");
        }
        return run.storages;
    }

    private void run() throws UnsoundException {
        if (next() != 0x80 || next() != 2) {
            throw new UnsoundException("is not a pickle of protocol 2");
        }
        while (step()) {
            // until it stops
        }
        if (stack.size() != 1 || !marks.isEmpty()) {
            throw new UnsoundException("leaves " + stack.size() + " values, expected one");
        }
    }

    private int next() {
        return Byte.toUnsignedInt(pickle.get());
    }

    /** One instruction; false after the last. */
    private boolean step() throws UnsoundException {
        int instruction = next();
        switch (instruction) {
            case '.' -> {
                return false;
            }
            case '(' -> marks.push(stack.size());
            case 'N', 0x88, 0x89 -> stack.add(OTHER);
            case 'K' -> stack.add((long) next());
            case 'M' -> stack.add((long) Short.toUnsignedInt(pickle.getShort()));
            case 'J' -> stack.add((long) pickle.getInt());
            case 0x8a -> stack.add(eightByteLong());
            case 'G' -> {
                pickle.getDouble();
                stack.add(OTHER);
            }
            case 'X' -> stack.add(text(pickle.getInt()));
            case 'c' -> stack.add(new Global(line() + "." + line()));
            case ']' -> stack.add(Kind.LIST);
            case '}' -> stack.add(Kind.DICT);
            case ')' -> stack.add(new Tuple(List.of()));
            case 't' -> stack.add(new Tuple(sinceMark()));
            case 0x85 -> stack.add(new Tuple(popped(1)));
            case 0x86 -> stack.add(new Tuple(popped(2)));
            case 0x87 -> stack.add(new Tuple(popped(3)));
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
            case 'Q' -> stack.add(storage(popped(1).get(0)));
            default ->
                throw new UnsoundException(
                        String.format("has instruction %02x at byte %d", instruction, pickle.position() - 1));
        }
        return true;
    }

    private long eightByteLong() throws UnsoundException {
        if (next() != Long.BYTES) {
            throw new UnsoundException("has a number that is not of 8 bytes");
        }
        return pickle.getLong();
    }

    private String text(int length) throws UnsoundException {
        if (length < 0 || length > pickle.remaining()) {
            throw new UnsoundException("has a text of " + Integer.toUnsignedLong(length) + " bytes");
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

    private List<Object> sinceMark() throws UnsoundException {
        if (marks.isEmpty() || marks.peek() > stack.size()) {
            throw new UnsoundException("closes what it has not opened");
        }
        return popped(stack.size() - marks.pop());
    }

    private List<Object> popped(int count) throws UnsoundException {
        // A value below an open mark belongs to somebody else.
        int floor = marks.isEmpty() ? 0 : marks.peek();
        if (stack.size() - count < floor) {
            throw new UnsoundException("takes a value that is not there");
        }
        List<Object> top = stack.subList(stack.size() - count, stack.size());
        List<Object> popped = List.copyOf(top);
        top.clear();
        return popped;
    }

    private void isOnTop(Kind kind) throws UnsoundException {
        if (stack.isEmpty() || stack.get(stack.size() - 1) != kind) {
            throw new UnsoundException("puts values into what is no " + (kind == Kind.LIST ? "list" : "dictionary"));
        }
    }

    private static void inPairs(List<Object> values) throws UnsoundException {
        if (values.size() % 2 != 0) {
            throw new UnsoundException("has a dictionary with a key that has no value");
        }
    }

    /** Writers number what they remember one after the other; LibTorch would make room up to any number. */
    private void remember(int id) throws UnsoundException {
        if (stack.isEmpty() || id < 0 || id > memo.size()) {
            throw new UnsoundException("remembers a value by a number that is out of order");
        }
        Object top = stack.get(stack.size() - 1);
        if (id == memo.size()) {
            memo.add(top);
        } else {
            memo.set(id, top);
        }
    }

    private Object remembered(int id) throws UnsoundException {
        if (id < 0 || id >= memo.size()) {
            throw new UnsoundException("recalls a value that it has not remembered");
        }
        return memo.get(id);
    }

    /** {@code ('storage', class, key, device, count)}. */
    private Object storage(Object id) throws UnsoundException {
        if (!(id instanceof Tuple tuple
                && tuple.elements.size() == 5
                && "storage".equals(tuple.elements.get(0))
                && tuple.elements.get(1) instanceof Global kind
                && tuple.elements.get(2) instanceof String key
                && tuple.elements.get(4) instanceof Long count)) {
            throw new UnsoundException("has a storage that does not say its type, entry and size");
        }
        String type = kind.name.startsWith("torch.") && kind.name.endsWith(STORAGE)
                ? kind.name.substring("torch.".length(), kind.name.length() - STORAGE.length())
                : "";
        Integer bytes = ELEMENT_BYTES.get(type);
        if (bytes == null || count < 0) {
            throw new UnsoundException("has a storage of " + count + " numbers of type " + kind.name);
        }
        if (count > 0) {
            storages.add(new Storage(key, Math.multiplyExact(count, (long) bytes)));
        }
        return new Numbers(Math.multiplyExact(count, (long) NUMBERS_IN_A_BYTE.getOrDefault(type, 1)));
    }

    private void call() throws UnsoundException {
        List<Object> call = popped(2);
        if (!(call.get(0) instanceof Global function)) {
            throw new UnsoundException("calls what is no function");
        }
        stack.add(called(function, call.get(1)));
    }

    private static Object called(Global function, Object argument) throws UnsoundException {
        return switch (function.name) {
            case "torch._utils._rebuild_tensor_v2" -> tensor(argument, false);
            case "torch._utils._rebuild_qtensor" -> tensor(argument, true);
            case "torch._tensor._rebuild_from_type_v2" -> fromType(argument);
            default -> OTHER;
        };
    }

    /** {@code (function, class, its argument, state)}. */
    private static Object fromType(Object argument) throws UnsoundException {
        if (argument instanceof Tuple all
                && all.elements.size() == 4
                && all.elements.get(0) instanceof Global rebuild) {
            return called(rebuild, all.elements.get(2));
        }
        throw new UnsoundException("has a tensor that does not say what it is made of");
    }

    /** {@code (storage, offset, sizes, strides, ...)}, all of it within the storage. */
    private static Tensor tensor(Object argument, boolean quantized) throws UnsoundException {
        if (!(argument instanceof Tuple all
                && all.elements.size() >= 6
                && all.elements.get(0) instanceof Numbers storage
                && all.elements.get(1) instanceof Long offset)) {
            throw new UnsoundException("has a tensor that does not say where its numbers are");
        }
        List<Long> sizes = numbers(all.elements.get(2));
        List<Long> strides = numbers(all.elements.get(3));
        Tensor tensor = new Tensor(sizes);
        if (offset < 0 || sizes.size() != strides.size() || covered(offset, sizes, strides) > storage.count) {
            throw new UnsoundException("has a tensor of sizes " + sizes + " and strides " + strides + " from " + offset
                    + " on in a storage of " + storage.count + " numbers");
        }
        if (quantized) {
            scales(tensor, all.elements.get(4));
        }
        return tensor;
    }

    private static List<Long> numbers(Object value) throws UnsoundException {
        List<Long> numbers = new ArrayList<>();
        if (!(value instanceof Tuple tuple)) {
            throw new UnsoundException("has a tensor that does not say its sizes");
        }
        for (Object element : tuple.elements) {
            if (!(element instanceof Long number && number >= 0)) {
                throw new UnsoundException("has a tensor with a size or stride that is no number, or a negative one");
            }
            numbers.add(number);
        }
        return numbers;
    }

    /** How many numbers a storage must have. */
    private static long covered(long offset, List<Long> sizes, List<Long> strides) {
        long last = offset;
        long count = 1;
        for (int i = 0; i < sizes.size(); i++) {
            count = Math.multiplyExact(count, sizes.get(i));
            last = Math.addExact(last, Math.multiplyExact(Math.max(0, sizes.get(i) - 1), strides.get(i)));
        }
        return count == 0 ? 0 : Math.addExact(last, 1);
    }

    /** {@code (scheme, scale, zero point)}, or {@code (scheme, scales, zero points, axis)}, one for each index of the axis. */
    private static void scales(Tensor tensor, Object parameters) throws UnsoundException {
        if (!(parameters instanceof Tuple all && !all.elements.isEmpty() && all.elements.get(0) instanceof Global)) {
            throw new UnsoundException("has a quantised tensor without its scale");
        }
        if (((Global) all.elements.get(0)).name.equals("torch.per_tensor_affine")) {
            return;
        }
        if (!(all.elements.size() == 4
                && all.elements.get(1) instanceof Tensor scales
                && all.elements.get(2) instanceof Tensor zeroPoints
                && all.elements.get(3) instanceof Long axis
                && axis >= 0
                && axis < tensor.sizes.size()
                && scales.count() >= tensor.sizes.get(axis.intValue())
                && zeroPoints.count() >= tensor.sizes.get(axis.intValue()))) {
            throw new UnsoundException("has a quantised tensor of sizes " + tensor.sizes + " with fewer scales");
        }
    }
}
