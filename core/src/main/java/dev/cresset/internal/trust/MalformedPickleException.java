package dev.cresset.internal.trust;

/** A pickle that cannot be read, or a tensor of it that covers more than its storage. */
final class MalformedPickleException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedPickleException(String what) {
        super(what);
    }
}
