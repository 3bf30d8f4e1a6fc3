package dev.cresset.torch.exported;

import java.util.Optional;

/**
 * An operator as a node names it, {@code torch.ops.aten.add.Tensor}.
 *
 * <p>Instances are immutable, safe for use by several threads.
 *
 * @param overload empty for {@code default}
 */
record Target(String namespace, String name, String overload) {

    private static final String PREFIX = "torch.ops.";

    /** Empty for what is a function of Python. */
    static Optional<Target> ofOperator(String target) {
        if (!target.startsWith(PREFIX)) {
            return Optional.empty();
        }
        String[] parts = target.substring(PREFIX.length()).split("\\.", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new UnsupportedProgram("it calls '" + target + "', which is no operator's name");
        }
        String overload = parts.length == 2 || parts[2].equals("default") ? "" : parts[2];
        return Optional.of(new Target(parts[0], parts[1], overload));
    }

    String qualified() {
        return namespace + "::" + name;
    }
}
