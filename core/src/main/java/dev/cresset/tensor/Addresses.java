package dev.cresset.tensor;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.Buffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Where direct buffers lie. Java says it of byte buffers' alignment alone; of others, since Java 22 a {@code MemorySegment}
 * does, and before it {@code Unsafe}. Where a JVM offers neither, nobody knows until an engine asks.
 */
final class Addresses {

    /** From a buffer to a long. */
    private static final @Nullable MethodHandle ADDRESS = address();

    private Addresses() {}

    static OptionalLong of(Buffer direct) {
        MethodHandle handle = ADDRESS;
        if (handle == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of((long) handle.invokeExact(direct));
        } catch (Error | RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable MethodHandle address() {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        try {
            return Runtime.version().feature() >= 22 ? ofSegment(lookup) : ofUnsafe(lookup);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }

    private static MethodHandle ofSegment(MethodHandles.Lookup lookup) throws ReflectiveOperationException {
        Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
        MethodHandle ofBuffer = lookup.findStatic(segment, "ofBuffer", MethodType.methodType(segment, Buffer.class));
        return MethodHandles.filterReturnValue(
                ofBuffer, lookup.findVirtual(segment, "address", MethodType.methodType(long.class)));
    }

    private static MethodHandle ofUnsafe(MethodHandles.Lookup lookup) throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field field = type.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        Object unsafe = field.get(null);
        Object offset = type.getMethod("objectFieldOffset", Field.class)
                .invoke(unsafe, Buffer.class.getDeclaredField("address"));
        MethodHandle getLong = lookup.findVirtual(
                        type, "getLong", MethodType.methodType(long.class, Object.class, long.class))
                .bindTo(unsafe);
        return MethodHandles.insertArguments(getLong, 1, offset)
                .asType(MethodType.methodType(long.class, Buffer.class));
    }
}
