package dev.cresset.internal.trust;

/** A pickle that cannot be read, or a tensor of it that covers more than its storage. */
final class UnsoundPickleException extends Exception {
    private static final long serialVersionUID = 1L;

    UnsoundPickleException(String what) {
        super(what);
    }
}
