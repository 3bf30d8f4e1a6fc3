package dev.cresset.tensor;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Frees direct buffers at once instead of at some collection. The JDK's one supported way is {@code
 * Unsafe.invokeCleaner}; where a JVM does not offer it, buffers are freed when they are garbage.
 */
final class DirectBuffers {

    private static final @Nullable MethodHandle INVOKE_CLEANER = invokeCleaner();

    private DirectBuffers() {}

    /** Frees a buffer made by {@link ByteBuffer#allocateDirect}. Nobody may use it, or a part of it, ever again. */
    static void free(ByteBuffer buffer) {
        MethodHandle handle = INVOKE_CLEANER;
        if (handle == null) {
            return;
        }
        try {
            handle.invoke(buffer);
        } catch (Throwable e) {
            throw new IllegalStateException("cannot free a direct buffer of " + buffer.capacity() + " bytes", e);
        }
    }

    private static @Nullable MethodHandle invokeCleaner() {
        try {
            Class<?> type = Class.forName("sun.misc.Unsafe");
            Field field = type.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return MethodHandles.lookup()
                    .findVirtual(type, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
                    .bindTo(field.get(null));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }
}
