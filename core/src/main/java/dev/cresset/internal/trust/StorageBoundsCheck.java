package dev.cresset.internal.trust;

import dev.cresset.ModelLoadException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Holds a saved module's tensors to the entries that have their numbers. LibTorch takes a tensor's size from the pickle and
 * its memory from the zip, and does not compare them: one that says more than there is reads what lies behind it, or ends the
 * process.
 *
 * <p>Used by one thread.
 */
public final class StorageBoundsCheck implements TorchZip.Reader {

    /** What LibTorch unpickles of a module, each with a folder of the same name for its numbers. */
    private static final List<String> PICKLES = List.of("data.pkl", "constants.pkl");

    private static final String SUFFIX = ".pkl";

    private final String model;
    private final TorchZip.Reader next;

    /** By name in lower case, as LibTorch finds them; of several, the smallest. */
    private final Map<String, Long> sizes = new HashMap<>();

    private final List<Pickle> pickles = new ArrayList<>();

    /** Only a module has both pickles; what else is saved in such zips is no pickle of LibTorch's, and is refused by it. */
    private boolean isModule;

    private record Pickle(String entry, List<PickledTensors.Storage> storages, String fault) {}

    /** Hands on what others look into. */
    public StorageBoundsCheck(String model, TorchZip.Reader next) {
        this.model = model;
        this.next = next;
    }

    @Override
    public boolean wants(String entry, long size) {
        sizes.merge(entry.toLowerCase(Locale.ROOT), size, Math::min);
        isModule |= name(entry).equals("constants.pkl");
        boolean isRead = PICKLES.contains(name(entry)) && size <= TorchZip.LARGEST_READ;
        return next.wants(entry, size) || isRead;
    }

    @Override
    public void read(String entry, byte[] content) {
        if (next.wants(entry, content.length)) {
            next.read(entry, content);
        }
        if (PICKLES.contains(name(entry))) {
            pickles.add(read(content, entry));
        }
    }

    @Override
    public void tooLarge(String entry, long size) {
        next.tooLarge(entry, size);
    }

    @Override
    public void end() {
        next.end();
        if (!isModule) {
            return;
        }
        for (Pickle pickle : pickles) {
            if (!pickle.fault.isEmpty()) {
                throw damaged("its '" + pickle.entry + "' " + pickle.fault);
            }
            pickle.storages.forEach(storage -> check(pickle, storage));
        }
    }

    private static Pickle read(byte[] content, String entry) {
        try {
            return new Pickle(entry, TensorPickle.storages(content), "");
        } catch (MalformedPickleException e) {
            return new Pickle(entry, List.of(), String.valueOf(e.getMessage()));
        }
    }

    private void check(Pickle pickle, PickledTensors.Storage storage) {
        String folder = pickle.entry.substring(0, pickle.entry.length() - SUFFIX.length()) + "/";
        String entry = folder + storage.key();
        Long size = sizes.get(entry.toLowerCase(Locale.ROOT));
        if (size == null || size < storage.bytes()) {
            throw damaged("its '" + pickle.entry + "' says that '" + entry + "' has " + storage.bytes() + " bytes, it "
                    + (size == null ? "is not there" : "has " + size));
        }
    }

    private ModelLoadException damaged(String what) {
        return new ModelLoadException(
                "cannot load " + model + ": " + what + "; the file is damaged or cut short, copy or save it again");
    }

    /** Without the one folder that all is in; the whole of it where there are more, or none. */
    private static String name(String entry) {
        int folder = entry.indexOf('/');
        return folder == entry.lastIndexOf('/') ? entry.substring(folder + 1).toLowerCase(Locale.ROOT) : entry;
    }
}
