package dev.cresset.torch.exported;

/** Why an exported program cannot be run, in one sentence without the model's name. */
public final class UnsupportedProgram extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** A sentence that goes on after "cannot load NAME: ". */
    public UnsupportedProgram(String what) {
        super(what);
    }

    UnsupportedProgram(String what, RuntimeException cause) {
        super(what, cause);
    }
}
