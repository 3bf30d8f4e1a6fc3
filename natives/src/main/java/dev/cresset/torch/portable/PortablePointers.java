package dev.cresset.torch.portable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Pointers that outlive the scope they are made in, given back together. Filled by one thread, closed once by any.
 */
final class PortablePointers implements AutoCloseable {

    private final List<Pointer> pointers = new ArrayList<>();

    /** Does work whose other pointers end with it, the last one first. Throws what C++ throws as the engine's exception. */
    @SuppressWarnings("try") // the scope is there for what is made inside it
    static <T> T scoped(Supplier<T> work) {
        try (PointerScope scope = new PointerScope()) {
            return work.get();
        } catch (RuntimeException e) {
            throw PortableFailures.explained(e);
        }
    }

    <P extends Pointer> P keep(P pointer) {
        pointer.retainReference();
        pointers.add(pointer);
        return pointer;
    }

    /** Gives back the last one first, for it may lean on those before. */
    @Override
    public void close() {
        for (int i = pointers.size() - 1; i >= 0; i--) {
            pointers.get(i).deallocate();
        }
        pointers.clear();
    }
}
