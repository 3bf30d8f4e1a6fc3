package dev.cresset.pt2.internal;

import dev.cresset.pt2.TensorMeta;
import java.util.Map;
import java.util.Optional;

/**
 * What an archive says about one of a program's tensors.
 *
 * @param pathName the file that holds it, in the folder of all of its kind
 * @param usePickle whether the file is a pickle, and not a tensor's bytes
 */
public record PayloadMeta(String pathName, boolean isParam, boolean usePickle, Optional<TensorMeta> tensorMeta) {

    /** The tensors by their names. */
    public record Config(Map<String, PayloadMeta> config) {}
}
