package dev.cresset.internal.trust;

import java.util.ArrayList;
import java.util.List;

/**
 * The tensors that a pickle of a saved module makes, each held to its storage, and those storages. Used by one thread.
 */
final class PickledTensors {

    /** A value that says nothing of a tensor. */
    static final Object OTHER = new Object();

    /** A storage that the pickle names: the entry it is in, by its name within a folder, and how many bytes it must have. */
    record Storage(String key, long bytes) {}

    /** A class or function, by module and name. */
    record Global(String name) {}

    record Tuple(List<Object> elements) {}

    /** A storage's numbers, before a tensor is made over them; {@code count} of elements. */
    private record Numbers(long count) {}

    private record Tensor(List<Long> sizes) {
        long count() {
            return sizes.stream().reduce(1L, (a, b) -> a * b);
        }
    }

    private final List<Storage> storages = new ArrayList<>();

    /** Those that were named so far, in order. */
    List<Storage> storages() {
        return storages;
    }

    /** {@code ('storage', class, key, device, count)}. */
    Object storage(Object id) throws MalformedPickleException {
        if (!(id instanceof Tuple tuple
                && tuple.elements.size() == 5
                && "storage".equals(tuple.elements.get(0))
                && tuple.elements.get(1) instanceof Global kind
                && tuple.elements.get(2) instanceof String key
                && tuple.elements.get(4) instanceof Long count)) {
            throw new MalformedPickleException("has a storage that does not say its type, entry and size");
        }
        String type = StorageTypes.of(kind.name);
        int bytes = StorageTypes.elementBytes(type);
        if (bytes == 0 || count < 0) {
            throw new MalformedPickleException("has a storage of " + count + " numbers of type " + kind.name);
        }
        if (count > 0) {
            storages.add(new Storage(key, Math.multiplyExact(count, (long) bytes)));
        }
        return new Numbers(Math.multiplyExact(count, (long) StorageTypes.numbersInAByte(type)));
    }

    static Object called(Global function, Object argument) throws MalformedPickleException {
        return switch (function.name) {
            case "torch._utils._rebuild_tensor_v2" -> tensor(argument, false);
            case "torch._utils._rebuild_qtensor" -> tensor(argument, true);
            case "torch._tensor._rebuild_from_type_v2" -> fromType(argument);
            default -> OTHER;
        };
    }

    /** {@code (function, class, its argument, state)}. */
    private static Object fromType(Object argument) throws MalformedPickleException {
        if (argument instanceof Tuple all
                && all.elements.size() == 4
                && all.elements.get(0) instanceof Global rebuild) {
            return called(rebuild, all.elements.get(2));
        }
        throw new MalformedPickleException("has a tensor that does not say what it is made of");
    }

    /** {@code (storage, offset, sizes, strides, ...)}, all of it within the storage. */
    private static Tensor tensor(Object argument, boolean quantized) throws MalformedPickleException {
        if (!(argument instanceof Tuple all
                && all.elements.size() >= 6
                && all.elements.get(0) instanceof Numbers storage
                && all.elements.get(1) instanceof Long offset)) {
            throw new MalformedPickleException("has a tensor that does not say where its numbers are");
        }
        List<Long> sizes = numbers(all.elements.get(2));
        List<Long> strides = numbers(all.elements.get(3));
        Tensor tensor = new Tensor(sizes);
        if (offset < 0 || sizes.size() != strides.size() || covered(offset, sizes, strides) > storage.count) {
            throw new MalformedPickleException("has a tensor of sizes " + sizes + " and strides " + strides + " from "
                    + offset + " on in a storage of " + storage.count + " numbers");
        }
        if (quantized) {
            scales(tensor, all.elements.get(4));
        }
        return tensor;
    }

    private static List<Long> numbers(Object value) throws MalformedPickleException {
        List<Long> numbers = new ArrayList<>();
        if (!(value instanceof Tuple tuple)) {
            throw new MalformedPickleException("has a tensor that does not say its sizes");
        }
        for (Object element : tuple.elements) {
            if (!(element instanceof Long number && number >= 0)) {
                throw new MalformedPickleException(
                        "has a tensor with a size or stride that is no number, or a negative one");
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
    private static void scales(Tensor tensor, Object parameters) throws MalformedPickleException {
        if (!(parameters instanceof Tuple all && !all.elements.isEmpty() && all.elements.get(0) instanceof Global)) {
            throw new MalformedPickleException("has a quantised tensor without its scale");
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
            throw new MalformedPickleException(
                    "has a quantised tensor of sizes " + tensor.sizes + " with fewer scales");
        }
    }
}
