package dev.cresset.internal.trust;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The classes that are written in C++ ({@code torch.classes}): code makes them by name, and so do pickles, which run their
 * constructors while they are read. The packed weights of quantised layers are such; so are connections to other processes.
 */
public final class NativeClasses {

    private static final Pattern NAME = Pattern.compile("\\.torch\\.classes\\.(\\w+)([\\w.]*\\w)?");

    /** What makes a pickle ask another process. */
    private static final String REMOTE = "torch.distributed.rpc";

    /** What makes a tensor of indices that LibTorch takes as they are: they may point anywhere. */
    private static final String SPARSE = "_rebuild_sparse_tensor";

    private NativeClasses() {}

    /** Why a class is refused, by its name after {@code __torch__}; empty for what a model may use, and for no such class. */
    static Optional<String> refusal(String name) {
        Matcher classes = NAME.matcher(name);
        return classes.lookingAt() && !OperatorPolicy.hasHarmlessClasses(classes.group(1))
                ? Optional.of("which is not known to be harmless")
                : Optional.empty();
    }

    /** What is refused first in a pickle. It names a class by a module and a name, on lines of their own. */
    static Optional<String> firstRefusal(byte[] pickle) {
        String text = new String(pickle, StandardCharsets.ISO_8859_1).replace('\n', '.');
        if (text.contains(REMOTE)) {
            return Optional.of("holds a value of another process (" + REMOTE + ")");
        }
        if (text.contains(SPARSE)) {
            return Optional.of("holds a sparse tensor, whose indices nobody checks (" + SPARSE + ")");
        }
        return NAME.matcher(text)
                .results()
                .filter(found -> !OperatorPolicy.hasHarmlessClasses(found.group(1)))
                .map(found -> "holds a __torch__" + found.group() + ", which is not known to be harmless")
                .findFirst();
    }
}
