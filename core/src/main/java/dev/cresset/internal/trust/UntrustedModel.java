package dev.cresset.internal.trust;

import dev.cresset.ModelLoadException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * Refuses a saved module for what is in it that reaches outside the computation, before an engine sees it: LibTorch already runs
 * code while it loads ({@code __setstate__}, parameters' defaults, constructors that a pickle names).
 *
 * <p>LibTorch finds an entry by its name without regard to case, so that all entries are looked at that are called like one.
 *
 * <p>Used by one thread.
 */
public final class UntrustedModel implements TorchZip.Reader {

    /** The code's folder; what follows is the name of what is in the file. */
    private static final String CODE = "/code/";

    private static final String SOURCE = ".py";
    private static final String PICKLE = ".pkl";

    /** How PyTorch saved modules in 2019, with code in entries of any name. */
    private static final String OLD_FORMAT = "model.json";

    private final String model;

    public UntrustedModel(String model) {
        this.model = model;
    }

    @Override
    public boolean wants(String entry, long size) {
        String name = entry.toLowerCase(Locale.ROOT);
        return name.endsWith(SOURCE) || name.endsWith(PICKLE) || isOldFormat(name);
    }

    @Override
    public void read(String entry, byte[] content) {
        String name = entry.toLowerCase(Locale.ROOT);
        if (isOldFormat(name)) {
            throw refused("its format is that of PyTorch 1.0 to 1.3, whose code cannot be looked through");
        }
        Optional<String> refusal = name.endsWith(PICKLE)
                ? NativeClasses.firstRefusal(content).map(what -> "'" + entry + "' " + what)
                : ScriptSearch.firstRefusal(file(entry), new String(content, StandardCharsets.ISO_8859_1));
        refusal.ifPresent(what -> {
            throw refused(what);
        });
    }

    /** It lies at the top; deeper, in {@code models}, torch.export has a program that is called {@code model}. */
    private static boolean isOldFormat(String name) {
        return name.endsWith(OLD_FORMAT) && name.indexOf('/') == name.lastIndexOf('/');
    }

    @Override
    public void tooLarge(String entry, long size) {
        throw refused("'" + entry + "' has " + size + " bytes, more than the " + TorchZip.LARGEST_READ
                + " that are looked through");
    }

    private ModelLoadException refused(String what) {
        return new ModelLoadException("cannot load " + model + ": " + what
                + "; ModelOptions.builder().trusted(true) opens a model that comes from where you trust");
    }

    /** Of {@code m/code/__torch__/models.py} it is {@code __torch__.models}. */
    private static String file(String entry) {
        int folder = entry.indexOf(CODE);
        String name = folder < 0 ? entry : entry.substring(folder + CODE.length());
        return name.substring(0, name.length() - SOURCE.length()).replace('/', '.');
    }
}
