package dev.cresset.internal.trust;

/** What a saved zip says of itself cannot be. */
final class DamagedZipException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedZipException(String what) {
        super(what);
    }
}
