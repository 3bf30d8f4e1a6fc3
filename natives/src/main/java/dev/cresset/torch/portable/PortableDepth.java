package dev.cresset.torch.portable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.GenericDictEntryRef;
import org.bytedeco.pytorch.GenericDictIterator;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueArrayRef;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Obj;
import org.bytedeco.pytorch.TupleElements;

/**
 * How deep a result is nested. Whoever follows a value down does so on the native stack, whose end is the process's. What is
 * too deep is taken apart, for even letting it go would follow it down. Used by any thread.
 */
final class PortableDepth {

    /** As for arguments, see {@code dev.cresset.internal.calls.ArgumentChecks}. */
    private static final int DEEPEST = 100;

    private PortableDepth() {}

    static void refuseTooDeep(IValue result) {
        if (isTooDeep(result)) {
            takeApart(result);
            throw PortableFailures.unreadable(
                    "the result is nested deeper than " + DEEPEST + " lists, tuples and dicts");
        }
    }

    @SuppressWarnings("try") // what is made inside it holds parts of the result
    private static boolean isTooDeep(IValue result) {
        try (PointerScope scope = new PointerScope()) {
            return isDeeper(result, DEEPEST, new HashMap<>());
        }
    }

    /** @param seen from which depth a part was looked at already: parts may be shared */
    private static boolean isDeeper(IValue value, int levels, Map<Long, Integer> seen) {
        if (!isContainer(value)) {
            return false;
        }
        if (levels == 0) {
            return true;
        }
        if (!holdsOthers(value)) {
            return false;
        }
        long identity = value.internalToPointer().address();
        if (seen.getOrDefault(identity, -1) >= levels) {
            return false;
        }
        seen.put(identity, levels);
        return parts(value).stream().anyMatch(part -> isDeeper(part, levels - 1, seen));
    }

    private static boolean isContainer(IValue value) {
        return value.isList() || value.isTuple() || value.isGenericDict() || value.isObject();
    }

    /** Lets go of a value level by level. What somebody else holds too stays as it is. */
    @SuppressWarnings("try") // the scope is there for what is made inside it
    private static void takeApart(IValue result) {
        Deque<IValue> left = new ArrayDeque<>();
        left.push(result);
        while (!left.isEmpty()) {
            IValue next = left.pop();
            try (PointerScope level = new PointerScope()) {
                if (next.use_count() == 1 && holdsOthers(next)) {
                    for (IValue part : parts(next)) {
                        IValue own = new IValue(part);
                        own.retainReference(); // beyond the scope of its level
                        left.push(own);
                    }
                    empty(next);
                }
            }
            next.deallocate();
        }
    }

    /** Whether there may be something in it that has parts itself. */
    private static boolean holdsOthers(IValue value) {
        if (value.isList()) {
            return switch (value.toList().elementType().get().kind().intern()) {
                case TensorType, IntType, FloatType, BoolType, StringType -> false;
                default -> true;
            };
        }
        return isContainer(value);
    }

    /** Views of what is in it. */
    private static List<IValue> parts(IValue value) {
        List<IValue> parts = new ArrayList<>();
        if (value.isList()) {
            IValueArrayRef elements = value.toListRef();
            for (long i = 0, count = elements.size(); i < count; i++) {
                parts.add(elements.at(i));
            }
        } else if (value.isTuple()) {
            TupleElements elements = value.toTupleRef().elements();
            for (long i = 0, count = elements.size(); i < count; i++) {
                parts.add(elements.at(i));
            }
        } else if (value.isGenericDict()) {
            GenericDict dict = value.toGenericDict();
            GenericDictIterator end = dict.end();
            for (GenericDictIterator at = dict.begin(); at.notEquals(end); at.increment()) {
                GenericDictEntryRef entry = at.access();
                parts.add(entry.key());
                parts.add(entry.value());
            }
        } else {
            IValueVector slots = value.toObjectRef().slots();
            for (long i = 0, count = slots.size(); i < count; i++) {
                parts.add(slots.get(i));
            }
        }
        return parts;
    }

    private static void empty(IValue value) {
        if (value.isList()) {
            value.toList().clear();
        } else if (value.isTuple()) {
            value.toTupleRef().setElements(new IValueVector());
        } else if (value.isGenericDict()) {
            value.toGenericDict().clear();
        } else {
            Obj object = value.toObjectRef();
            for (long slot = object.slots().size() - 1; slot >= 0; slot--) {
                object.unsafeRemoveSlot(slot);
            }
        }
    }
}
