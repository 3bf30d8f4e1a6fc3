package dev.cresset.pt2.internal;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.EntryPath;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.mar.internal.zip.ZipContents;
import dev.cresset.pt2.Layout;
import dev.cresset.pt2.Payload;
import dev.cresset.pt2.ScalarType;
import dev.cresset.pt2.SymInt;
import dev.cresset.pt2.TensorMeta;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds a program's tensors in the archive, and holds each to what its sizes need. */
public final class PayloadReader {
    private final ZipContents contents;
    private final JsonReading reading;

    /** The folder of the files, with its slash. */
    private final String folder;

    private PayloadReader(ZipContents contents, String config, String folder, ArchiveLimits limits) {
        this.contents = contents;
        this.reading = new JsonReading(config, limits, contents.refusals);
        this.folder = folder;
    }

    /**
     * Reads one list of tensors.
     *
     * @param config the name of the list's entry
     * @param folder the folder of the files that it names, with a slash
     */
    public static Map<String, Payload> read(
            byte[] json, String config, String folder, ZipContents contents, ArchiveLimits limits)
            throws ArchiveException {
        return new PayloadReader(contents, config, folder, limits).read(json);
    }

    private Map<String, Payload> read(byte[] json) throws ArchiveException {
        PayloadMeta.Config config =
                reading.read(json, parser -> RecordReader.read(PayloadMeta.Config.class, reading, parser));
        Map<String, Payload> payloads = new LinkedHashMap<>();
        for (Map.Entry<String, PayloadMeta> one : config.config().entrySet()) {
            payloads.put(one.getKey(), payload(one.getKey(), one.getValue()));
        }
        return Collections.unmodifiableMap(payloads);
    }

    private Payload payload(String fqn, PayloadMeta meta) throws ArchiveException {
        requirePlain(fqn, meta);
        TensorMeta tensor = meta.tensorMeta().orElseThrow(() -> wrong(fqn, "has neither sizes nor a type of elements"));
        if (!EntryPath.isPlainFileName(meta.pathName())) {
            throw wrong(fqn, "is in " + Refusals.quoted(meta.pathName()) + ", which is no plain file name");
        }
        String entry = folder + meta.pathName();
        if (!contents.names().contains(entry)) {
            throw wrong(fqn, "is in " + Refusals.quoted(entry) + ", which is not in the archive");
        }
        long position = contents.position(entry)
                .orElseThrow(() -> contents.refusals.entry(
                        Rule.UNSUPPORTED_ENTRY,
                        entry,
                        "is compressed, expected a tensor's bytes as they are; " + contents.refusals.again()));
        long length = contents.size(entry);
        requireLength(fqn, tensor, length);
        return new Payload(fqn, meta.isParam(), tensor, entry, position, length);
    }

    private void requirePlain(String fqn, PayloadMeta meta) throws ArchiveException {
        if (meta.pathName().startsWith("custom_obj_")) {
            throw pickled(fqn, "an object of a C++ class (torchbind)", "export a model without it");
        }
        if (meta.pathName().startsWith("opaque_obj_")) {
            throw pickled(fqn, "an object of Python", "export a model without it");
        }
        if (meta.usePickle()) {
            throw pickled(
                    fqn,
                    "a tensor of a class of its own (a subclass of torch.Tensor)",
                    "export a model whose weights are plain tensors");
        }
        if (meta.tensorMeta().isPresent() && meta.tensorMeta().get().layout() != Layout.STRIDED) {
            throw reading.unsupported(
                    "has " + Refusals.quoted(fqn) + " with the layout "
                            + meta.tensorMeta().get().layout(),
                    "export a model whose weights are dense: tensor.to_dense()");
        }
    }

    private ArchiveException pickled(String fqn, String what, String wayOut) {
        return reading.unsupported(
                "has " + Refusals.quoted(fqn) + ", " + what + ", as a pickle, and nothing is unpickled here", wayOut);
    }

    private void requireLength(String fqn, TensorMeta tensor, long length) throws ArchiveException {
        if (tensor.dtype() == ScalarType.UNKNOWN) {
            throw wrong(fqn, "has an unknown type of elements");
        }
        List<Long> sizes = known(fqn, tensor.sizes());
        List<Long> strides = known(fqn, tensor.strides());
        if (sizes.size() != strides.size()) {
            throw wrong(fqn, "has " + sizes.size() + " sizes and " + strides.size() + " strides");
        }
        long offset = known(fqn, List.of(tensor.storageOffset())).get(0);
        long needed;
        try {
            needed = Math.multiplyExact(
                    elements(sizes, strides, offset), (long) tensor.dtype().bytes());
        } catch (ArithmeticException e) {
            throw wrong(fqn, "needs more bytes than there can be");
        }
        if (needed > length) {
            throw wrong(
                    fqn,
                    "needs " + Refusals.number(needed) + " bytes by its sizes, and its storage has "
                            + Refusals.number(length));
        }
    }

    /** Returns how many elements of a storage lie before the end of a tensor's last. */
    private static long elements(List<Long> sizes, List<Long> strides, long offset) {
        if (sizes.contains(0L)) {
            return 0;
        }
        long last = offset;
        for (int i = 0; i < sizes.size(); i++) {
            last = Math.addExact(last, Math.multiplyExact(sizes.get(i) - 1, strides.get(i)));
        }
        return Math.addExact(last, 1);
    }

    private List<Long> known(String fqn, List<SymInt> numbers) throws ArchiveException {
        List<Long> known = new ArrayList<>();
        for (SymInt one : numbers) {
            if (!(one instanceof SymInt.AsInt number) || number.value() < 0) {
                throw wrong(fqn, "has sizes, strides or an offset that are not numbers from 0 on");
            }
            known.add(number.value());
        }
        return known;
    }

    private ArchiveException wrong(String fqn, String what) {
        return reading.refusals()
                .entry(
                        Rule.PROGRAM_REFERENCE,
                        reading.entry(),
                        "tells of a tensor " + Refusals.quoted(fqn) + " that " + what + "; "
                                + JsonReading.EXPORT_AGAIN);
    }
}
