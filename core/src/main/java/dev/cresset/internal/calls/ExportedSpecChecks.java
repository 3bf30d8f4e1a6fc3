package dev.cresset.internal.calls;

import dev.cresset.InvalidInputException;
import dev.cresset.internal.Failures;
import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Size;
import dev.cresset.tensor.Tensor;
import dev.cresset.tensor.Value;
import dev.cresset.tensor.ValueSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds the arguments of one call to what an exported program says of them. Its code was specialised to that, and would compute
 * with anything else as if it were so.
 *
 * <p>Used by one thread.
 */
final class ExportedSpecChecks {

    private final String model;

    /** What symbols stand for, and where that was seen first. */
    private final Map<String, Long> symbols = new HashMap<>();

    private final Map<String, String> seenAt = new HashMap<>();
    private final List<Pending> pending = new ArrayList<>();

    /** A size that several symbols make, which are known only at the end. */
    private record Pending(Size size, long found, String where) {}

    private ExportedSpecChecks(String model) {
        this.model = model;
    }

    static void check(String model, List<Signature.Parameter> parameters, List<Value> arguments) {
        if (areOpen(parameters)) {
            return;
        }
        ExportedSpecChecks checks = new ExportedSpecChecks(model);
        for (int i = 0; i < arguments.size(); i++) {
            Signature.Parameter parameter = parameters.get(i);
            checks.check(parameter.spec(), arguments.get(i), "input '" + parameter.name() + "'");
        }
        checks.pending.forEach(checks::settle);
    }

    /** Hot path: every call of every model asks, and most say nothing of their inputs. */
    private static boolean areOpen(List<Signature.Parameter> parameters) {
        for (int i = 0; i < parameters.size(); i++) {
            if (!(parameters.get(i).spec() instanceof ValueSpec.Open)) {
                return false;
            }
        }
        return true;
    }

    private void check(ValueSpec spec, Value value, String where) {
        if (spec instanceof ValueSpec.OfTensor wanted) {
            if (value instanceof Tensor tensor) {
                checkTensor(wanted, tensor, where);
            }
        } else if (spec instanceof ValueSpec.OfInt wanted) {
            if (value instanceof Value.IntValue number) {
                checkSize(wanted.size(), number.value(), where);
            }
        } else if (spec instanceof ValueSpec.Constant constant) {
            checkConstant(constant.value(), value, where);
        } else if (spec instanceof ValueSpec.Parts wanted) {
            checkParts(wanted.parts(), value.asList(), where);
        } else if (spec instanceof ValueSpec.Entries wanted) {
            checkEntries(wanted.entries(), value.asDict(), where);
        }
    }

    private void checkTensor(ValueSpec.OfTensor wanted, Tensor tensor, String where) {
        long[] shape = tensor.shape();
        if (tensor.dataType() != wanted.dataType()
                || shape.length != wanted.sizes().size()) {
            throw refused(where + " has shape " + Arrays.toString(shape) + " (" + tensor.dataType()
                    + "), it was exported with " + wanted.sizes() + " (" + wanted.dataType() + ")");
        }
        for (int i = 0; i < shape.length; i++) {
            checkSize(wanted.sizes().get(i), shape[i], "dimension " + i + " of " + where);
        }
    }

    private void checkSize(Size size, long found, String where) {
        if (size.isFixed()) {
            if (found != size.constant()) {
                throw refused(where + " was exported as " + size + ", found " + found + "; " + wayOut());
            }
            return;
        }
        if (found < size.min() || found > size.max()) {
            String most = size.max() == Long.MAX_VALUE ? " or more" : " to " + size.max();
            throw refused(where + " was exported for " + size.min() + most + ", found " + found
                    + "; export with other bounds: torch.export.Dim(\"" + size + "\", min=..., max=...)");
        }
        if (size.multiples().size() > 1) {
            pending.add(new Pending(size, found, where));
            return;
        }
        Map.Entry<String, Long> only = size.multiples().entrySet().iterator().next();
        long rest = found - size.constant();
        if (rest % only.getValue() != 0) {
            throw refused(where + " is " + found + ", it was exported as " + size);
        }
        long number = rest / only.getValue();
        Long before = symbols.putIfAbsent(only.getKey(), number);
        if (before == null) {
            seenAt.put(only.getKey(), where);
        } else if (before != number) {
            throw refused(where + " is " + found + ", expected "
                    + size.of(symbols).orElseThrow() + ": it was exported as " + size + ", of which " + only.getKey()
                    + " is " + before + " by " + seenAt.get(only.getKey()));
        }
    }

    private void settle(Pending one) {
        one.size.of(symbols).ifPresent(expected -> {
            if (expected != one.found) {
                throw refused(one.where + " is " + one.found + ", expected " + expected + ": it was exported as "
                        + one.size + " with " + symbols);
            }
        });
    }

    private void checkConstant(Value constant, Value value, String where) {
        boolean isSame = constant.equals(value);
        if (constant instanceof Value.FloatValue number && value instanceof Value.IntValue whole) {
            isSame = number.value() == whole.value();
        }
        if (!isSame) {
            throw refused(where + " was exported as the constant " + Failures.shortened(constant) + ", found "
                    + Failures.shortened(value)
                    + "; give that, or export again: what is no tensor is a constant unless"
                    + " dynamic_shapes says torch.export.Dim.DYNAMIC of it");
        }
    }

    private void checkParts(List<ValueSpec> wanted, List<Value> parts, String where) {
        if (wanted.size() != parts.size()) {
            throw refused(where + " has " + parts.size() + " elements, it was exported with " + wanted.size());
        }
        for (int i = 0; i < parts.size(); i++) {
            check(wanted.get(i), parts.get(i), where + "[" + i + "]");
        }
    }

    private void checkEntries(Map<String, ValueSpec> wanted, Value.DictValue dict, String where) {
        Map<Value, Value> entries = dict.entries();
        wanted.forEach((key, spec) -> {
            Value value = entries.get(Value.of(key));
            if (value == null) {
                throw refused(where + " has no '" + key + "', it was exported with " + wanted.keySet());
            }
            check(spec, value, where + "['" + key + "']");
        });
        if (entries.size() != wanted.size()) {
            throw refused(where + " has the keys " + entries.keySet() + ", it was exported with " + wanted.keySet());
        }
    }

    private static String wayOut() {
        return "export with a dynamic size, from an example of at least 2:"
                + " dynamic_shapes=({0: torch.export.Dim(\"batch\")},) of torch.export.export or torch.onnx.export";
    }

    private InvalidInputException refused(String what) {
        return new InvalidInputException(model + ": " + what);
    }
}
