package dev.cresset.pt2;

/**
 * The bytes of a tensor that a program needs, where they lie in the file.
 *
 * <p>They are those of the whole storage, lowest byte first; {@link #tensorMeta} says which of them are the tensor's.
 * Tensors that share a storage have the same entry. Sizes, strides and offset are known numbers ({@link SymInt.AsInt}),
 * and lie within the storage.
 *
 * <p>Instances are immutable and safe for use by several threads.
 *
 * @param fqn the tensor's name in the module
 * @param isParam whether it is a parameter, and not a buffer or a constant
 * @param entry the name of the storage's entry in the archive
 * @param position where the storage begins in the file
 * @param length the storage's size in bytes
 */
public record Payload(String fqn, boolean isParam, TensorMeta tensorMeta, String entry, long position, long length) {}
